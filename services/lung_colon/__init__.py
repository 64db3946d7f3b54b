"""The lung_colon inference service."""
