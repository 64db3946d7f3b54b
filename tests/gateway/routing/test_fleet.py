"""Which instances are known, believed, chosen and forgotten."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from gateway.routing.fleet import STALE_S, Fleet
from shared.registry import STOPPING
from tests.support.instances import instance


def test_only_usable_members_are_picked() -> None:
    fleet = Fleet()
    fleet.hear([instance("a"), instance("b", ready=False, reason="loading"), instance("c", service="tumor")])
    assert {fleet.pick("xray").instance.id for _ in range(20)} == {"a"}  # type: ignore[union-attr]
    assert fleet.pick("xray", exclude={"a"}) is None
    assert fleet.pick("nobody") is None


def test_the_less_busy_of_two_is_picked() -> None:
    fleet = Fleet()
    fleet.hear([instance("a"), instance("b")])
    fleet.of("xray")[0].in_flight = 3
    assert {fleet.pick("xray").instance.id for _ in range(20)} == {"b"}  # type: ignore[union-attr]


def test_three_members_all_get_work() -> None:
    fleet = Fleet()
    fleet.hear([instance(name) for name in "abc"])
    for _ in range(300):
        member = fleet.pick("xray")
        assert member is not None
        member.in_flight += 1
    assert max(m.in_flight for m in fleet.members) - min(m.in_flight for m in fleet.members) < 20


def test_a_failing_member_is_not_used_but_kept_while_it_is_listed() -> None:
    fleet = Fleet()
    fleet.hear([instance("a")])
    fleet.members[0].failing = "does not answer"
    fleet.forget_gone()
    assert fleet.pick("xray") is None
    assert fleet.of("xray")[0].reason == "does not answer"
    fleet.hear([])
    fleet.forget_gone()
    assert not fleet.members


def test_a_member_that_redis_lost_is_kept_while_it_answers() -> None:
    fleet = Fleet()
    fleet.hear([instance("a")])
    fleet.hear(None)
    fleet.forget_gone()
    assert fleet.pick("xray") is not None


def test_a_member_that_stops_is_forgotten_once_it_is_not_listed() -> None:
    fleet = Fleet()
    fleet.hear([instance("a", ready=False, reason=STOPPING)])
    fleet.forget_gone()
    assert fleet.members
    fleet.hear([])
    fleet.forget_gone()
    assert not fleet.members


def test_silence_and_age_ask_for_a_probe() -> None:
    fleet = Fleet()
    fleet.hear([instance("a")])
    member, now = fleet.members[0], time.monotonic()
    member.probed = now
    assert not member.wants_probe(now, 30)
    assert member.wants_probe(now + STALE_S + 0.1, 30)
    assert member.wants_probe(now + 31, 30)
    member.failing = "x"
    assert member.wants_probe(now, 30)


def test_a_repeated_heartbeat_is_not_news() -> None:
    """The instance's clock may be wrong by any amount; only that it moves counts."""
    fleet = Fleet()
    old = instance("a", last_seen=datetime.now(UTC) - timedelta(days=3))
    fleet.hear([old])
    heard = fleet.members[0].heard
    fleet.hear([old])
    assert fleet.members[0].heard == heard
    fleet.hear([instance("a", last_seen=old.last_seen + timedelta(seconds=1))])
    assert fleet.members[0].heard > heard


def test_a_version_is_asked_of_an_instance_that_has_it() -> None:
    """As while a new one rolls out."""
    fleet = Fleet()
    fleet.hear([instance("a"), instance("b", version="1.1.0")])
    assert {fleet.pick("xray", version="1.1.0").instance.id for _ in range(20)} == {"b"}  # type: ignore[union-attr]
    assert {fleet.pick("xray", version="9.9.9").instance.id for _ in range(60)} == {"a", "b"}  # type: ignore[union-attr]
