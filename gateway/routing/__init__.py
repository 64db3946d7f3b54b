"""Which instance a request goes to, and what happens when that one fails."""
