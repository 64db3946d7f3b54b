"""The xray inference service."""
