"""A real Prometheus on the running system: every target, recording rule and panel has data."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.dashboards import queries
from tests.support.processes import eventually_sync
from tests.support.prometheus import Prometheus, prometheus, redis_exporter, scrape_targets
from tests.support.rules import each_rule, read_rules, write_shortened
from tests.support.system import System
from tests.support.traffic import exercise

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]
FACTOR = 60
"""An hour of the rules is a minute here."""
NO_EXPORTER = "redis_exporter is not installed"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def watched(system: System, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    """A Prometheus that has seen every kind of request more than once: a rate is of two readings."""
    folder = tmp_path_factory.mktemp("prometheus")
    write_shortened(folder, FACTOR)
    with (
        redis_exporter(system.redis.port, folder) as exporter,
        prometheus(folder, scrape_targets(system, exporter), sorted(folder.glob("*.yml"))) as found,
    ):
        eventually_sync(lambda: set(found.up().values()) == {"up"}, 60)
        async with system.client() as client:
            for _ in range(3):
                await exercise(system, client)
        yield found


def test_every_target_is_up(watched: Prometheus, system: System) -> None:
    jobs = [job for job, _ in watched.up()]
    assert jobs.count("gateway") == 1
    assert jobs.count("service") == len(system.services)
    assert set(watched.up().values()) == {"up"}


def test_every_rule_is_evaluated(watched: Prometheus) -> None:
    rules = watched.rules()
    assert len(rules) == len(list(each_rule(read_rules())))
    assert [(rule["name"], rule["lastError"]) for rule in rules if rule.get("lastError")] == []


def test_every_recorded_series_has_data(watched: Prometheus) -> None:
    names = sorted({rule["record"] for rule in each_rule(read_rules()) if "record" in rule})
    missing: list[str] = []

    def all_there() -> bool:
        missing[:] = [name for name in names if not watched.query(f"last_over_time({name}[2m])")]
        return not [name for name in missing if "redis" not in name or _has_redis(watched)]

    try:
        eventually_sync(all_there, 60)
    except AssertionError:
        pytest.fail(f"no data: {missing}")


def test_every_panel_has_data_or_says_when_not(watched: Prometheus) -> None:
    asked = queries(interval="20s", span="5m")
    assert len(asked) > 100
    silent = [str(one) for one in asked if not watched.query(one.expr) and not _may_be_empty(one, watched)]
    assert silent == []


def _may_be_empty(one: object, watched: Prometheus) -> bool:
    return bool(getattr(one, "empty", None)) or ("redis_" in str(one) and not _has_redis(watched))


def _has_redis(watched: Prometheus) -> bool:
    return any(job == "redis" for job, _ in watched.up())
