"""What goes wrong fires its alert, somebody is told, and when all is well again that is told, too."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import yaml

from tests.conftest import REPOSITORY
from tests.support.load import predicting, under_load
from tests.support.processes import eventually
from tests.support.prometheus import (
    BOOKS,
    GRAFANA,
    Prometheus,
    Webhook,
    alertmanager,
    prometheus,
    scrape_targets,
    webhook,
)
from tests.support.rules import divided, write_shortened
from tests.support.system import System, running_system
from tests.support.toy import write_toy_bundle

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]
ROUTES = REPOSITORY / "deploy" / "alertmanager" / "alertmanager.yml"
FACTOR = 60
"""An hour of the rules, and of the routes, is a minute here."""
WITHIN_S = 90
_TIMES = ("group_wait", "group_interval", "repeat_interval")


@dataclass(frozen=True)
class Watched:
    """A system of one small model, a Prometheus, and who is told."""

    system: System
    prometheus: Prometheus
    told: Webhook

    def fires(self, name: str, **labels: str) -> bool:
        wanted = {"alertname": name, **labels}
        return any(wanted.items() <= alert.items() for alert in self.prometheus.alerts())


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setenv("MAX_CONCURRENT_REQUESTS", "4")
    write_toy_bundle(tmp_path / "models")
    rules = tmp_path / "rules"
    rules.mkdir()
    write_shortened(rules, FACTOR)
    with (
        running_system(tmp_path, {"toy": "tests.support.toy_service"}, tmp_path / "models") as system,
        webhook() as told,
        alertmanager(tmp_path / "alertmanager", routes(tmp_path, told.url)) as port,
        prometheus(tmp_path / "prometheus", scrape_targets(system), sorted(rules.glob("*.yml")), port) as found,
    ):
        yield Watched(system, found, told)


def routes(folder: Path, url: str) -> Path:
    """The project's own routes and inhibitions, faster, to one receiver."""
    config = yaml.safe_load(ROUTES.read_text(encoding="utf-8"))
    for route in (config["route"], *config["route"]["routes"]):
        route |= {name: divided(route[name], FACTOR) for name in _TIMES if name in route}
    for receiver in config["receivers"]:
        if receiver["name"] in ("critical", "warning"):
            receiver["webhook_configs"] = [{"url": url, "send_resolved": True}]
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


@pytest_asyncio.fixture
async def client(watched: Watched) -> AsyncIterator[httpx.AsyncClient]:
    async with watched.system.client() as found:
        await watched.system.until(found, "toy", is_ready=True, timeout_s=30)
        yield found


async def test_a_killed_model_is_told_and_told_again_when_it_is_back(
    watched: Watched, client: httpx.AsyncClient
) -> None:
    async def fires() -> bool:
        return watched.fires("ModelUnavailable", model="toy", severity="critical")

    async def heard(status: str) -> bool:
        return watched.told.heard(status, alertname="ModelUnavailable", model="toy")

    assert not await fires()
    watched.system.services["toy"].kill()
    await eventually(fires, WITHIN_S)
    await eventually(lambda: heard("firing"), WITHIN_S)
    assert {
        "dashboard": f"{GRAFANA}/d/doctorai-model?var-model=toy",
        "runbook_url": f"{BOOKS}/ModelUnavailable.md",
    } in [{key: told[key] for key in ("dashboard", "runbook_url")} for told in watched.told.annotations]
    assert not {"grafana", "runbooks"} & {label for _, labels in watched.told.told for label in labels}
    watched.system.services["toy"].start()
    await eventually(lambda: _not(fires), WITHIN_S)
    await eventually(lambda: heard("resolved"), WITHIN_S)


async def test_a_flood_burns_the_budget(watched: Watched, client: httpx.AsyncClient) -> None:
    """More callers than MAX_CONCURRENT_REQUESTS: those who are shed are the system's failures."""

    async def fires() -> bool:
        return watched.fires("AvailabilityBudgetBurn", severity="critical")

    async def heard() -> bool:
        return watched.told.heard("firing", alertname="AvailabilityBudgetBurn")

    assert not await fires()
    async with AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(watched.system.client()) for _ in range(8)]
        for caller in callers:  # each with a key of its own: what one asks too much is that one's
            caller.headers["Authorization"] = f"Bearer {watched.system.make_key()}"
        turns = itertools.cycle([predicting(caller) for caller in callers])
        async with under_load(lambda: next(turns)(), clients=16) as load:
            await eventually(fires, WITHIN_S)
            await eventually(heard, WITHIN_S)
    assert 503 in {sample.status for sample in load.failures}
    await eventually(lambda: _not(fires), WITHIN_S)


async def _not(check: Callable[[], Awaitable[bool]]) -> bool:
    return not await check()
