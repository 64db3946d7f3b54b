"""Dockerfiles after hadolint's rules; compose files as Compose itself reads them."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import REPOSITORY
from tests.support.docker import need_compose

OVERLAYS = (
    "deploy/compose.azure.yml",
    "deploy/compose.backup.yml",
    "deploy/compose.gpu.yml",
    "deploy/compose.monitoring.yml",
    "deploy/compose.redis-ha.yml",
    "deploy/compose.tls.yml",
    "deploy/compose.tracing.yml",
    "deploy/docker-compose.dev.yml",
)
COMBINATIONS = [chosen for count in range(len(OVERLAYS) + 1) for chosen in itertools.combinations(OVERLAYS, count)]
ROLLING = ("gateway", "frontend", "tumor", "xray", "monkeypox", "lung_colon", "palm", "chatbot")
DOCKERFILES = sorted((REPOSITORY / "deploy" / "docker").glob("*.Dockerfile"))


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.name)
def test_hadolint_has_nothing_to_say(file: Path) -> None:
    done = subprocess.run([Path(sys.executable).parent / "hadolint", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("overlays", COMBINATIONS, ids=lambda chosen: "+".join(Path(file).stem for file in chosen))
def test_compose_reads_every_combination(overlays: tuple[str, ...]) -> None:
    found = config(*overlays)
    for name, service in found["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"], name
    assert "ports" not in found["services"]["redis"]
    assert ("ports" in found["services"]["gateway"]) is ("deploy/compose.tls.yml" not in overlays)


def test_what_watches_is_closed_too() -> None:
    """With what only a profile starts."""
    services = config("deploy/compose.monitoring.yml", profile="*")["services"]
    watching = {"prometheus", "alertmanager", "redis-exporter", "blackbox-exporter", "grafana"}
    assert watching < services.keys()
    for name in watching:
        service = services[name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}, name
        assert service["user"].split(":")[0] != "0", name
        assert {port["host_ip"] for port in service.get("ports", [])} <= {"127.0.0.1"}, name
    assert not {"ports"} & {*services["redis-exporter"], *services["blackbox-exporter"]}
    assert services["redis-exporter"]["networks"].keys() == {"back"}


def test_grafanas_password_is_its_own() -> None:
    """The gateway has what Prometheus shows it, and no more."""
    services = config("deploy/compose.monitoring.yml", profile="*")["services"]
    mounted = {
        name: {volume["source"] for volume in service.get("volumes", []) if volume["source"].startswith("secrets-")}
        for name, service in services.items()
    }
    holders = {name for name, volumes in mounted.items() if "secrets-grafana" in volumes}
    assert holders == {"metrics-secrets", "grafana"}
    assert mounted["grafana"] == {"secrets-grafana"}


@pytest.mark.parametrize(
    ("given", "prometheus", "grafana", "books"),
    [
        ({}, "http://127.0.0.1:9090", "http://127.0.0.1:3000", "http://127.0.0.1:3000/public/runbooks"),
        (
            {"PROMETHEUS_PORT": "9091", "GRAFANA_URL": "https://g.test", "RUNBOOKS_URL": ""},
            *("http://127.0.0.1:9091", "https://g.test", "https://g.test/public/runbooks"),
        ),
        (
            {"PROMETHEUS_URL": "https://p.test/prometheus", "RUNBOOKS_URL": "https://books.test"},
            *("https://p.test/prometheus", "http://127.0.0.1:3000", "https://books.test"),
        ),
    ],
)
def test_the_links_of_alerts_lead_where_env_says(
    given: dict[str, str], prometheus: str, grafana: str, books: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    service = config("deploy/compose.monitoring.yml")["services"]["prometheus"]
    assert f"--web.external-url={prometheus}" in service["command"]
    assert service["environment"] == {"GRAFANA_URL": grafana, "RUNBOOKS_URL": books}


def test_the_stack_is_closed_and_rolls() -> None:
    services = stack_config()["services"]
    assert services.keys() == {*ROLLING, "redis", "models", "tls"}
    for name, service in services.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["deploy"]["endpoint_mode"] == "dnsrr", name
        assert {port["mode"] for port in service.get("ports", [])} == ({"host"} if name == "tls" else set()), name
        secrets = service.get("secrets", [])
        assert all(secret["mode"] == 0o400 for secret in secrets), name
        # Docker gives two of one source in any order, and updates the service each time it is another
        assert len({secret["source"] for secret in secrets}) == len(secrets), name
    for name in ROLLING:
        update = services[name]["deploy"]["update_config"]
        assert (update["order"], update["failure_action"]) == ("start-first", "rollback"), name
    assert services["redis"]["deploy"]["update_config"]["order"] == "stop-first"


@pytest.mark.parametrize("name", ROLLING)
def test_every_setting_of_a_composed_container_reaches_the_stack(name: str) -> None:
    composed, stacked = (
        yaml.safe_load((REPOSITORY / file).read_text(encoding="utf-8"))["services"][name].get("environment", {})
        for file in ("docker-compose.yml", "deploy/docker-compose.swarm.yml")
    )
    assert composed.keys() == stacked.keys()


def stack_config() -> dict[str, Any]:
    need_compose()
    command = ["docker", "stack", "config", "-c", "deploy/docker-compose.swarm.yml"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(yaml.safe_load(done.stdout))


def config(*overlays: str, profile: str = "") -> dict[str, Any]:
    need_compose()
    files = [word for file in ("docker-compose.yml", *overlays) for word in ("-f", file)]
    command = ["docker", "compose", *files, "--profile", profile, "config", "--format", "json"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
