"""The tumor inference service."""
