"""One service's image by itself: with more CPUs, without a model, with a damaged one, and told to stop."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from tests.conftest import REPOSITORY
from tests.containers.conftest import TAG, Compose, picture
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
_PORT = 8080
_TOKEN = "a-token-of-the-tests-that-is-long-enough"


class Service:
    """A container of the tumor service and a client that shows the token."""

    def __init__(self, container: DockerContainer, client: httpx.Client) -> None:
        self.container = container
        self.client = client

    def reason(self) -> str | None:
        """Why it is not ready; None when it is."""
        answer = self.client.get("/health/ready")
        return None if answer.status_code == 200 else str(answer.json())

    def metric(self, name: str) -> float:
        found = re.search(rf"^{name} (\S+)$", self.client.get("/metrics").text, re.MULTILINE)
        assert found, name
        return float(found[1])


Start = Callable[..., Service]


@pytest.fixture(scope="module")
def image(engine: None) -> str:
    Compose({"TAG": TAG}, ("docker-compose.yml",))("build", "tumor", timeout_s=1800)
    return f"doctorai/tumor:{TAG}"


@pytest.fixture
def start(image: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts the image with the models of a folder; it ends with the test."""
    # the tests end their containers: no reaper, which is one more image to fetch
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    with ExitStack() as stack:

        def run(models: Path, **options: object) -> Service:
            container = DockerContainer(image)
            container.with_env("SERVICE_TOKEN", _TOKEN).with_exposed_ports(_PORT)
            container.with_volume_mapping(str(models), "/models", "ro").with_tmpfs_mount("/tmp", "size=64m")
            container.with_kwargs(read_only=True, cap_drop=["ALL"], **options)
            stack.enter_context(container)
            url = f"http://{container.get_container_host_ip()}:{container.get_exposed_port(_PORT)}"
            client = stack.enter_context(httpx.Client(base_url=url, headers={"X-Service-Token": _TOKEN}, timeout=30))
            service = Service(container, client)
            eventually_sync(lambda: _lives(client), timeout_s=60)
            return service

        yield run


def test_two_cpus_run_two_workers(start: Start) -> None:
    service = start(REPOSITORY / "models", nano_cpus=2_000_000_000)
    eventually_sync(lambda: service.reason() is None, timeout_s=60)
    assert service.metric("inference_workers") == 2


def test_half_a_cpu_runs_one(start: Start) -> None:
    service = start(REPOSITORY / "models", nano_cpus=500_000_000)
    eventually_sync(lambda: service.reason() is None, timeout_s=60)
    assert service.metric("inference_workers") == 1


def test_without_redis_it_answers(start: Start) -> None:
    service = start(REPOSITORY / "models")
    eventually_sync(lambda: service.reason() is None, timeout_s=60)
    answer = service.client.post("/predict", files={"file": ("a.png", picture(), "image/png")})
    assert answer.status_code == 200, answer.text


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """An empty folder that user 10001 may read."""
    tmp_path.chmod(0o755)
    return tmp_path


def test_without_a_model_it_lives_and_says_why(start: Start, models: Path) -> None:
    service = start(models)
    assert service.client.get("/health/live").status_code == 200
    assert "no bundle" in str(service.reason())


def test_a_damaged_model_is_named(start: Start, models: Path) -> None:
    shutil.copytree(REPOSITORY / "models" / "tumor", models / "tumor")
    weights = next((models / "tumor").rglob("*.tflite"))
    weights.write_bytes(weights.read_bytes()[:-1])
    service = start(models)
    eventually_sync(lambda: weights.name in str(service.reason()), timeout_s=30)


def test_it_stops_by_itself(start: Start) -> None:
    service = start(REPOSITORY / "models")
    eventually_sync(lambda: service.reason() is None, timeout_s=60)
    wrapped = service.container.get_wrapped_container()
    wrapped.stop(timeout=30)
    wrapped.reload()
    assert wrapped.attrs["State"]["ExitCode"] == 0


def _lives(client: httpx.Client) -> bool:
    try:
        return client.get("/health/live").status_code == 200
    except httpx.HTTPError:
        return False
