from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread may get its turn late here; a test of what hangs sets the usual patience."""
    monkeypatch.setattr("shared.usage.background._PATIENCE_S", 2.0)
