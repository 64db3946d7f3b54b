"""A real Prometheus on the running system: every target, recording rule and panel has data."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support.dashboards import queries
from tests.support.processes import eventually_sync
from tests.support.prometheus import Prometheus, prometheus, redis_exporter, scrape_targets
from tests.support.rules import each_rule, read_rules, write_shortened
from tests.support.system import System
from tests.support.traffic import busy

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]
FACTOR = 60
"""An hour of the rules is a minute here."""
STILL_EMPTY = {
    "Empty while nothing happens.",
    "Empty while no alert fires.",
    "Empty while no alert is pending or fires.",
    "Empty until a request fails.",
    "Empty until a call is sent twice.",
    "Empty until the model has seen 100 inputs.",
    "Empty until a candidate is compared.",
    "Empty unless a process sees a GPU.",
    "Empty unless the certificate of the TLS overlay is probed.",
    "Empty unless Redis is read by its exporter and has a memory limit.",
}
"""Reasons of panels that hold after every kind of request, too."""


@pytest.fixture(scope="module")
def watched(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that sees every kind of request, again and again."""
    folder = tmp_path_factory.mktemp("prometheus")
    write_shortened(folder, FACTOR)
    with (
        redis_exporter(system.redis.port, folder) as exporter,
        prometheus(folder, scrape_targets(system, exporter), sorted(folder.glob("*.yml"))) as found,
        busy(system),
    ):
        yield found


def test_every_target_is_up(watched: Prometheus, system: System) -> None:
    wanted = {"gateway": 1, "service": len(system.services), "prometheus": 1} | ({"redis": 1} if _has_redis() else {})

    def all_up() -> bool:
        found = watched.up()
        return set(found.values()) == {"up"} and Counter(job for job, _ in found) == wanted

    eventually_sync(all_up, 60)


def test_every_rule_is_evaluated(watched: Prometheus) -> None:
    rules = watched.rules()
    assert len(rules) == len(list(each_rule(read_rules())))
    assert [(rule["name"], rule["lastError"]) for rule in rules if rule.get("lastError")] == []


def test_every_recorded_series_has_data(watched: Prometheus) -> None:
    names = sorted({rule["record"] for rule in each_rule(read_rules()) if "record" in rule})
    missing: list[str] = []

    def all_there() -> bool:
        missing[:] = [name for name in names if not watched.query(f"last_over_time({name}[2m])")]
        return not [name for name in missing if "redis" not in name or _has_redis()]

    try:
        eventually_sync(all_there, 60)
    except AssertionError:
        pytest.fail(f"no data: {missing}")


def test_every_panel_has_data_or_says_when_not(watched: Prometheus) -> None:
    asked = [one for one in queries(interval="20s", span="5m") if one.empty not in STILL_EMPTY]
    assert len(asked) > 100
    silent: list[str] = []

    def none_is() -> bool:
        silent[:] = [str(one) for one in asked if not watched.query(one.expr)]
        return not [one for one in silent if "redis_" not in one or _has_redis()]

    try:
        eventually_sync(none_is, 30)
    except AssertionError:
        pytest.fail(f"nothing to see: {silent}")


def test_every_reason_is_one_that_a_panel_has() -> None:
    assert {one.empty for one in queries()} >= STILL_EMPTY


def _has_redis() -> bool:
    return shutil.which("prometheus-redis-exporter") is not None
