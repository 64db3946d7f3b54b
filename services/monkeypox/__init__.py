"""The monkeypox inference service."""
