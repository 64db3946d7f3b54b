"""The monitoring overlay: Prometheus finds what is there by DNS, follows a scale, and tells Alertmanager."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.containers.conftest import Compose, docker, project
from tests.containers.redis_ha import redis_cli
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
UP = {
    ("gateway", "up"): 1,
    ("service", "up"): 1,
    ("redis", "up"): 1,
    ("alertmanager", "up"): 1,
    ("prometheus", "up"): 1,
}
FILES = ("docker-compose.yml", "deploy/compose.monitoring.yml", "tests/containers/alertmanager.yml")
RUNNING = ("prometheus", "alertmanager", "redis-exporter", "gateway", "redis", "tumor")


@pytest.fixture(scope="module")
def monitored(engine: None) -> Iterator[Compose]:
    """Gateway, one service, Prometheus, Alertmanager, Redis's exporter."""
    with project(7, *FILES) as compose:
        compose("build", "gateway", "tumor", "secrets", timeout_s=1800)
        compose("up", "-d", "--wait", "--wait-timeout", "120", *RUNNING)
        yield compose


def asked(compose: Compose, path: str, **query: str) -> Any:
    """What Prometheus's API answers."""
    url = f"http://127.0.0.1:{compose.environment['PROMETHEUS_PORT']}/api/v1/{path}"
    return httpx.get(url, params=query).json()["data"]


def value(compose: Compose, query: str) -> float | None:
    """Of the only sample that ``query`` finds; None where it finds none."""
    found = asked(compose, "query", query=query)["result"]
    return float(found[0]["value"][1]) if len(found) == 1 else None


def targets(compose: Compose) -> Counter[tuple[str, str]]:
    """(job, health) → how many."""
    return Counter((one["labels"]["job"], one["health"]) for one in asked(compose, "targets")["activeTargets"])


def alerts(compose: Compose) -> set[str]:
    """The names of those that Alertmanager has."""
    url = f"http://127.0.0.1:{compose.environment['ALERTMANAGER_PORT']}/api/v2/alerts"
    return {one["labels"]["alertname"] for one in httpx.get(url).json()}


def test_everything_that_runs_is_up(monitored: Compose) -> None:
    eventually_sync(lambda: targets(monitored) == UP, timeout_s=60)


def test_redis_tells_its_exporter_what_it_may_know(monitored: Compose) -> None:
    eventually_sync(lambda: value(monitored, "redis_up") == 1, timeout_s=60)
    assert value(monitored, "redis_memory_max_bytes") == 256 * 2**20
    told = redis_cli(monitored, "redis", "acl", "log")
    assert "metrics" not in told or "slowlog|get" in told
    assert {word for word in ("config", "latency", "client|", "info", "ping") if word in told.split()} == set()


def test_alertmanager_is_known_and_told(monitored: Compose) -> None:
    eventually_sync(lambda: len(asked(monitored, "alertmanagers")["activeAlertmanagers"]) == 1, timeout_s=60)
    eventually_sync(lambda: "Watchdog" in alerts(monitored), timeout_s=90)


def test_an_alert_links_to_its_runbook(monitored: Compose) -> None:
    """At the default address; the labels that hold it have gone."""
    url = f"http://127.0.0.1:{monitored.environment['ALERTMANAGER_PORT']}/api/v2/alerts"
    eventually_sync(lambda: "Watchdog" in alerts(monitored), timeout_s=90)
    (alert,) = (one for one in httpx.get(url).json() if one["labels"]["alertname"] == "Watchdog")
    assert alert["annotations"]["runbook_url"] == "http://127.0.0.1:3000/public/runbooks/Watchdog.md"
    assert alert["annotations"]["dashboard"] == "http://127.0.0.1:3000/d/doctorai-overview"
    assert alert["generatorURL"].startswith(f"http://127.0.0.1:{monitored.environment['PROMETHEUS_PORT']}/graph")
    assert alert["labels"].keys() == {"alertname", "severity"}


def test_every_rule_is_evaluated(monitored: Compose) -> None:
    def healths() -> set[str]:
        return {rule["health"] for group in asked(monitored, "rules")["groups"] for rule in group["rules"]}

    # those of the month wait up to their interval for the first time
    eventually_sync(lambda: healths() <= {"ok", "unknown"} and "ok" in healths(), timeout_s=60)
    eventually_sync(lambda: value(monitored, "prometheus_config_last_reload_successful") == 1, timeout_s=60)
    assert value(monitored, "sum(prometheus_rule_evaluation_failures_total)") == 0


def test_nobody_is_told_and_that_is_no_error(monitored: Compose) -> None:
    said = monitored("logs", "--no-log-prefix", "alertmanager", "redis-exporter", "alerting", "metrics-secrets")
    assert not [line for line in said.splitlines() if "level=ERROR" in line or "level=error" in line]


def test_a_scale_is_followed(monitored: Compose) -> None:
    monitored("up", "-d", "--no-recreate", "--scale", "tumor=3", "--wait", "tumor")
    eventually_sync(lambda: targets(monitored)["service", "up"] == 3, timeout_s=60)


def test_others_read_no_metrics_of_the_gateway(monitored: Compose) -> None:
    assert httpx.get(f"{monitored.url}/metrics").status_code == 404


@pytest.mark.parametrize(("name", "port"), [("prometheus", "9090/tcp"), ("alertmanager", "9093/tcp")])
def test_it_is_closed_and_local(monitored: Compose, name: str, port: str) -> None:
    (found,) = docker("inspect", *monitored.ids(name))
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    (place,) = found["NetworkSettings"]["Ports"][port]
    assert place["HostIp"] == "127.0.0.1"


def test_the_exporter_has_one_password_and_no_port(monitored: Compose) -> None:
    (found,) = docker("inspect", *monitored.ids("redis-exporter"))
    assert not any(found["NetworkSettings"]["Ports"].values())
    assert [mount["Destination"] for mount in found["Mounts"]] == ["/secrets-exporter"]
    assert "password" not in " ".join(found["Config"]["Env"]).lower()


class Told(BaseHTTPRequestHandler):
    """Answers a webhook, and keeps what it was sent in its server's ``said``."""

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.said.append((self.path, sent["commonLabels"]["alertname"]))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture
def listener(monitored: Compose) -> Iterator[HTTPServer]:
    """Where the containers of the front network reach this machine."""
    host = monitored.environment["APP_SUBNET"].replace("0/24", "1")
    with HTTPServer((host, 0), Told) as server:
        server.said = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_whom_env_names_is_told(monitored: Compose, listener: HTTPServer, tmp_path: Path) -> None:
    url = f"http://{listener.server_address[0]!s}:{listener.server_port}"
    (secret := tmp_path / "watchdog_url").write_text(f"{url}/a-token\n", encoding="utf-8")
    secret.chmod(0o444)
    named = Compose({**monitored.environment, "ALERT_WATCHDOG_URL_FILE": str(secret)}, monitored.files)
    named("up", "-d", "--force-recreate", "--wait", "alerting", "alertmanager")
    eventually_sync(lambda: ("/a-token", "Watchdog") in listener.said, timeout_s=90)  # type: ignore[attr-defined]
    shown = named("exec", "-T", "alertmanager", "wget", "-q", "-O", "-", "http://127.0.0.1:9093/api/v2/status")
    assert "watchdog_url" in shown
    assert "a-token" not in shown


def test_every_server_of_the_redis_overlay_is_asked(monitored: Compose) -> None:
    with project(17, *FILES, "deploy/compose.redis-ha.yml") as compose:
        servers = ("redis", "redis-replica-1", "redis-replica-2")
        compose("up", "-d", "--wait", "--wait-timeout", "120", *servers, "redis-exporter", "prometheus")
        eventually_sync(lambda: value(compose, "sum(redis_up)") == 3, timeout_s=90)
        eventually_sync(lambda: value(compose, "sum(redis_connected_slaves)") == 2, timeout_s=60)
