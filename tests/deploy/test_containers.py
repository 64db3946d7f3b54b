"""Dockerfiles after hadolint's rules; compose files as Compose itself reads them."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.support.docker import need_compose

OVERLAYS = (
    "deploy/compose.azure.yml",
    "deploy/compose.backup.yml",
    "deploy/compose.gpu.yml",
    "deploy/compose.monitoring.yml",
    "deploy/compose.redis-ha.yml",
    "deploy/compose.tls.yml",
    "deploy/docker-compose.dev.yml",
)
COMBINATIONS = [chosen for count in range(len(OVERLAYS) + 1) for chosen in itertools.combinations(OVERLAYS, count)]
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


def config(*overlays: str) -> dict[str, Any]:
    need_compose()
    files = [word for file in ("docker-compose.yml", *overlays) for word in ("-f", file)]
    command = ["docker", "compose", *files, "config", "--format", "json"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
