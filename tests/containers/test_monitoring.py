"""The monitoring overlay: Prometheus finds what is there by DNS, and follows a scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.containers.conftest import Compose, docker, project
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def monitored(engine: None) -> Iterator[Compose]:
    """Gateway, one service, Prometheus."""
    with project(7, "docker-compose.yml", "deploy/compose.monitoring.yml") as compose:
        compose("build", "gateway", "tumor", "secrets", timeout_s=1800)
        compose("up", "-d", "--wait", "--wait-timeout", "120", "prometheus", "gateway", "redis", "tumor")
        yield compose


def targets(compose: Compose) -> Counter[tuple[str, str]]:
    """(job, health) → how many."""
    url = f"http://127.0.0.1:{compose.environment['PROMETHEUS_PORT']}/api/v1/targets"
    found = httpx.get(url).json()["data"]["activeTargets"]
    return Counter((one["labels"]["job"], one["health"]) for one in found)


def test_everything_that_runs_is_up(monitored: Compose) -> None:
    wanted = {("gateway", "up"): 1, ("service", "up"): 1, ("prometheus", "up"): 1}
    eventually_sync(lambda: targets(monitored) == wanted, timeout_s=60)


def test_a_scale_is_followed(monitored: Compose) -> None:
    monitored("up", "-d", "--no-recreate", "--scale", "tumor=3", "--wait", "tumor")
    eventually_sync(lambda: targets(monitored)["service", "up"] == 3, timeout_s=60)


def test_others_read_no_metrics_of_the_gateway(monitored: Compose) -> None:
    assert httpx.get(f"{monitored.url}/metrics").status_code == 404


def test_prometheus_is_closed_and_local(monitored: Compose) -> None:
    (found,) = docker("inspect", *monitored.ids("prometheus"))
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    (place,) = found["NetworkSettings"]["Ports"]["9090/tcp"]
    assert place["HostIp"] == "127.0.0.1"
