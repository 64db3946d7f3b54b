"""Speed and memory, measured side by side with the alternative in one run. Never part of a test."""
