"""How much: limits on rates, and on what is in hand at once."""
