"""Retries are a share of the requests."""

from __future__ import annotations

import pytest

from gateway.routing import budget as module
from gateway.routing.budget import RetryBudget


class Frozen:
    def monotonic(self) -> float:
        return 0.0


def test_a_fifth_of_the_requests_may_be_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "time", Frozen())
    budget = RetryBudget()
    while budget.withdraw():
        pass
    paid = 0
    for _ in range(1000):
        budget.deposit()
        paid += budget.withdraw()
    assert paid == pytest.approx(200, abs=2)


def test_a_burst_of_failures_is_covered() -> None:
    """As when an instance with twenty calls in hand is killed."""
    budget = RetryBudget()
    assert all(budget.withdraw() for _ in range(20))
