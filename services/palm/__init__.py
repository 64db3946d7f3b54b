"""The palm inference service."""
