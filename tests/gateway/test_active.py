"""How many are active: a number, and no more."""

from __future__ import annotations

import pytest

from gateway import active
from gateway.active import ActiveCallers


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(active.time, "monotonic", lambda: now[0])
    return now


def test_each_counts_once_and_is_forgotten_after_a_quarter_of_an_hour(clock: list[float]) -> None:
    callers = ActiveCallers()
    assert callers.count() == 0
    for name in ("a", "b", "a"):
        callers.saw(name)
    assert callers.count() == 2
    clock[0] += 600
    callers.saw("a")
    clock[0] += 301
    assert callers.count() == 1
    clock[0] += 600
    assert callers.count() == 0
    assert callers._seen == {}


def test_they_cannot_fill_the_memory(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(active, "_MOST", 10)
    callers = ActiveCallers()
    for number in range(50):
        callers.saw(str(number))
    assert callers.count() == 10
