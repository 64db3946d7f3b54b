"""Limits and words that several dashboards have. The limits are those of the alerts."""

from __future__ import annotations

GREEN, YELLOW, RED = "green", "yellow", "red"
SECONDS = ((0.5, YELLOW), (1.0, RED))
"""`HighResponseTime`: a p95 over 1 s."""
FAILURES = ((0.001, YELLOW), (0.01, RED))
"""Of the requests: the objective of 99.9 %, and ten times what it allows."""
ABSTENTIONS = ((0.2, YELLOW), (0.5, RED))
MEMORY_PERCENT = ((70.0, YELLOW), (85.0, RED))
"""`HighMemoryUsage`."""
AUDIT_CHECK = ((3 * 3600.0, YELLOW),)
"""`AuditCheckStale`."""
USE = ((0.7, YELLOW), (0.9, RED))
"""Of a limit, 0…1."""
DRIFT = ((0.1, YELLOW), (0.25, RED))
"""Population stability index: "moderate", "large" (docs/operating.md)."""
ANY = ((1.0, RED),)
UP = {"0": ("Down", RED), "1": ("Up", GREEN)}
AVAILABLE = {"0": ("Unavailable", RED), "1": ("Available", GREEN)}
YES_IS_GOOD = {"0": ("No", RED), "1": ("Yes", GREEN)}
YES_IS_BAD = {"0": ("No", GREEN), "1": ("Yes", RED)}
UNASKED = "until a model has been asked"
