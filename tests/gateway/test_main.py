"""What the gateway says at its start."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import __main__ as program


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events of its warnings; nothing is served."""
    found: list[str] = []

    class Log:
        def warning(self, event: str, **_: Any) -> None:
            found.append(event)

    monkeypatch.setattr(program, "_log", Log())
    for name in ("serve", "run_workers", "configure_logging"):
        monkeypatch.setattr(program, name, lambda *_: None)
    monkeypatch.setenv("DOCTORAI_MODE", "local")
    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef" * 4)
    return found


@pytest.mark.parametrize(("workers", "metrics", "warnings"), [("1", "true", 0), ("4", "true", 1), ("4", "false", 0)])
def test_several_workers_have_no_metrics_together(
    said: list[str], monkeypatch: pytest.MonkeyPatch, workers: str, metrics: str, warnings: int
) -> None:
    monkeypatch.setenv("WORKERS", workers)
    monkeypatch.setenv("METRICS_ENABLED", metrics)
    program.main()
    assert said == ["metrics_of_one_worker"] * warnings
