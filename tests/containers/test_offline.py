"""The offline archive with real images: gone from the engine, back from the archive, and up. And what is in them."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cli.offline import bundle, images
from cli.offline.load import load
from cli.sbom.image import read_image
from tests.conftest import REPOSITORY
from tests.containers.conftest import Compose, docker, project

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
SERVICES = ("gateway", "secrets", "redis")


@dataclass(frozen=True)
class Offline:
    """An archive of three images, which the engine has under names of their own."""

    compose: Compose
    archive: Path
    images: tuple[str, ...]


@pytest.fixture(scope="module")
def tagged(engine: None) -> Iterator[dict[str, str]]:
    """What names this module's images; they are gone afterwards."""
    tag = f"offline-{secrets.token_hex(4)}"
    found = {"TAG": tag, "REDIS_IMAGE": f"doctorai/redis:{tag}"}
    subprocess.run(["docker", "tag", "redis:7-alpine", found["REDIS_IMAGE"]], check=True)
    yield found
    subprocess.run(["docker", "image", "rm", *_names(found)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def offline(tagged: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offline]:
    archive = tmp_path_factory.mktemp("offline") / "doctorai.tar"
    with project(70, "docker-compose.yml") as compose, pytest.MonkeyPatch.context() as patch:
        ours = replace(compose, environment=compose.environment | tagged)
        ours("build", "--build-arg", "REVISION=abc", "gateway", "secrets", timeout_s=1800)
        for name, value in tagged.items():
            patch.setenv(name, value)
        patch.setattr(images, "compose_config", _some_services(images.compose_config(REPOSITORY)))
        models = REPOSITORY / "models"
        left_out = {"with_wheels": False, "extras": [], "torch_index": ""}
        bundle.bundle(REPOSITORY, archive, models=models, with_images=True, **left_out)  # type: ignore[arg-type]
        yield Offline(ours, archive, _names(tagged))


def _names(tagged: dict[str, str]) -> tuple[str, ...]:
    return (f"doctorai/cli:{tagged['TAG']}", f"doctorai/gateway:{tagged['TAG']}", tagged["REDIS_IMAGE"])


def _some_services(config: dict[str, Any]) -> Any:
    chosen = {"services": {name: config["services"][name] for name in SERVICES}}
    return lambda _: chosen


def test_images_come_back_and_the_system_starts(offline: Offline, tmp_path: Path) -> None:
    before = [found["Id"] for found in docker("image", "inspect", *offline.images)]
    subprocess.run(["docker", "image", "rm", *offline.images], check=True, capture_output=True)
    load(offline.archive, tmp_path / "site", with_images=True, with_wheels=True)
    assert [found["Id"] for found in docker("image", "inspect", *offline.images)] == before
    # the names of the images are in the .env that it wrote
    named = {name: value for name, value in offline.compose.environment.items() if name not in ("TAG", "REDIS_IMAGE")}
    site = Compose(named, (str(tmp_path / "site" / "docker-compose.yml"),))
    site("up", "-d", "--no-build", "--pull", "never", "--wait", "--wait-timeout", "120", "gateway")
    with urllib.request.urlopen(f"{site.url}/livez", timeout=10) as answer:
        assert answer.status == 200
    assert docker("inspect", *site.ids("redis"))[0]["Config"]["Image"] == offline.images[2]


def test_an_image_that_is_not_built_is_named(offline: Offline, tmp_path: Path) -> None:
    environment = {**os.environ, "TAG": "never-built", "COMPOSE_FILE": "docker-compose.yml"}
    command = [sys.executable, "-m", "cli.offline.bundle", "--output", str(tmp_path / "a.tar"), "--no-wheels"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "doctorai/chatbot:never-built is not built: `make images` first" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_an_image(offline: Offline) -> None:
    gateway = read_image(offline.images[1])
    assert gateway.python is not None
    packages = {one["name"].lower(): one["version"] for one in gateway.python["packages"] if one["place"] == "venv"}
    pinned = dict(line.split("==") for line in (REPOSITORY / "constraints.txt").read_text().splitlines())
    assert packages["fastapi"] == pinned["fastapi"]
    assert not {"pip", "numpy", "torch"} & packages.keys()
    assert gateway.packages
    assert gateway.labels["org.opencontainers.image.revision"] == "abc"
    redis = read_image(offline.images[2])
    assert redis.packages
    assert redis.python is None
