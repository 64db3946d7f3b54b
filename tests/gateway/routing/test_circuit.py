"""When an instance that answers probes is left alone all the same, and when it is tried again."""

from __future__ import annotations

import pytest

from gateway.routing import circuit as module
from gateway.routing.circuit import Circuit
from gateway.routing.fleet import Fleet
from tests.support.instances import instance


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(module, "time", found)
    return found


def broken(times: int = 5) -> Circuit:
    found = Circuit()
    for _ in range(times):
        found.begin()
        found.failed()
    return found


def test_faults_in_a_row_open_it(clock: Clock) -> None:
    assert broken(4).allows
    circuit = broken()
    assert (circuit.state, circuit.allows) == ("open", False)


def test_a_success_between_keeps_it_closed(clock: Clock) -> None:
    circuit = broken(4)
    circuit.succeeded()
    for _ in range(4):
        circuit.failed()
    assert circuit.state == "closed"


def test_after_the_pause_one_trial_is_let_through(clock: Clock) -> None:
    circuit = broken()
    clock.now += 1.1
    assert (circuit.state, circuit.allows) == ("half_open", True)
    circuit.begin()
    assert not circuit.allows
    circuit.succeeded()
    assert (circuit.state, circuit.allows) == ("closed", True)


def test_a_failed_trial_doubles_the_pause_up_to_half_a_minute(clock: Clock) -> None:
    circuit, pauses = broken(), []
    for _ in range(8):
        waited = 0.0
        while circuit.state == "open":
            clock.now += 0.5
            waited += 0.5
        pauses.append(waited)
        circuit.begin()
        circuit.failed()
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert max(pauses) == 30.0


def test_an_abandoned_trial_lets_the_next_one_through(clock: Clock) -> None:
    circuit = broken()
    clock.now += 1.1
    circuit.begin()
    circuit.abandoned()
    assert circuit.allows


def test_the_fleet_prefers_closed_circuits_but_never_says_no_for_one() -> None:
    fleet = Fleet()
    fleet.hear([instance("a"), instance("b")])
    fleet.of("xray")[0].circuit = broken()
    assert {fleet.pick("xray").instance.id for _ in range(20)} == {"b"}  # type: ignore[union-attr]
    fleet.of("xray")[1].circuit = broken()
    assert {fleet.pick("xray").instance.id for _ in range(60)} == {"a", "b"}  # type: ignore[union-attr]
