"""The stack on a swarm: scaled and updated under load without a failed request, and taken back by itself."""

from __future__ import annotations

import itertools
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from tests.containers.conftest import free_port, picture
from tests.containers.swarm import SECRETS, VOLUMES, Stack, run, stack, swarm
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
MODELS = ("tumor", "xray")
RUNNING = {"gateway": 2, "frontend": 2, "tumor": 1, "xray": 1, "redis": 1, "models": 1, "tls": 1}
_CUT = ("monkeypox", "lung_colon", "palm", "chatbot")
_IMAGES = ("gateway", "frontend", "tumor", "xray", "cli")
_UPDATED = ("gateway", "frontend", *MODELS)
_ENVIRONMENT = {
    "APP_SUBNET": "10.213.40.0/24",
    "BACK_SUBNET": "10.213.41.0/24",
    "RATE_LIMIT_USER": "1000000/minute",
    "RATE_LIMIT_IP": "1000000/minute",
    **{f"{service.upper()}_REPLICAS": "0" for service in _CUT},
}
_NEW = dict.fromkeys(_IMAGES, "LABEL release=new")
# one that does not start, one that starts and never gets ready
_BROKEN = {
    **_NEW,
    "gateway": 'CMD ["false"]',
    "xray": "ENV MODEL_PATH=/nowhere\nHEALTHCHECK --interval=2s --timeout=5s --start-period=5s --retries=2 \\\n"
    "CMD python -c \"from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health/ready')\"",
}


@dataclass
class Load:
    """What came of the requests: how many of each status (0: no answer), and each moment without a model."""

    statuses: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    looks: int = 0
    unhealthy: list[object] = field(default_factory=list)

    def whole(self) -> bool:
        return not self.failed and not self.unhealthy and self.statuses[200] > 20 and self.looks > 10


@pytest.fixture(scope="module")
def tags(engine: None) -> Iterator[dict[str, str]]:
    """The images as they are, as new ones, and broken."""
    own = f"swarm-{free_port()}"
    tags = {"first": own, "new": f"{own}-new", "broken": f"{own}-broken"}
    run(
        "docker",
        "compose",
        "build",
        "gateway",
        "frontend",
        "tumor",
        "xray",
        "secrets",
        environment={"TAG": own},
        timeout_s=1800,
    )
    for kind, changes in (("new", _NEW), ("broken", _BROKEN)):
        for image, change in changes.items():
            recipe = f"FROM doctorai/{image}:{own}\n{change}\n"
            run("docker", "build", "-q", "-t", f"doctorai/{image}:{tags[kind]}", "-", given=recipe)
    yield tags
    run("docker", "image", "rm", *(f"doctorai/{image}:{tag}" for image in _IMAGES for tag in tags.values()))


@pytest.fixture(scope="module")
def deployed(tags: dict[str, str]) -> Iterator[Stack]:
    ports = {name: str(free_port()) for name in ("TLS_PORT", "HTTP_PORT")}
    with swarm(), stack(_ENVIRONMENT | ports) as found:
        assert found.secrets(tags["first"]).count("made ") == len(SECRETS)
        assert found.secrets(tags["first"]) == ""
        found.deploy(tags["first"])
        eventually_sync(lambda: {service: found.well(service) for service in RUNNING} == RUNNING, timeout_s=180)
        yield found


@pytest.fixture(scope="module")
def headers(deployed: Stack) -> dict[str, str]:
    """Of the administrator."""
    password = deployed.read("gateway", "/run/secrets/admin_password")
    with _client(deployed) as client:
        answer = client.post("/api/token", data={"username": "admin", "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture(scope="module")
def client(deployed: Stack, headers: dict[str, str]) -> Iterator[httpx.Client]:
    with _client(deployed, headers) as client:
        eventually_sync(lambda: all(_ready(client).values()), timeout_s=60)
        yield client


@pytest.mark.parametrize(("service", "count"), RUNNING.items())
def test_a_task_is_closed(deployed: Stack, service: str, count: int) -> None:
    found = deployed.containers(service)
    assert len(found) == count
    for one in found:
        assert one["HostConfig"]["ReadonlyRootfs"]
        assert one["HostConfig"]["CapDrop"] == ["ALL"]
        assert one["HostConfig"]["Memory"] > 0
        assert one["Config"]["User"] in ("10001:10001", "999:1000", "101:101")
        assert not [word for word in one["Config"]["Env"] if "PASSWORD=" in word or "SECRET_KEY=" in word]
        published = {port for port, places in one["NetworkSettings"]["Ports"].items() if places}
        assert published == ({"8443/tcp", "8080/tcp"} if service == "tls" else set())


def test_half_a_certificate_is_refused(deployed: Stack, tags: dict[str, str]) -> None:
    half = replace(deployed, environment=deployed.environment | {"STACK": f"{deployed.name}-half"})
    run("docker", "secret", "create", f"{deployed.name}-half_tls.crt", "-", given="a certificate")
    try:
        with pytest.raises(AssertionError, match="some of these secrets"):
            half.secrets(tags["first"])
        assert len(run("docker", "secret", "ls", "-q", "-f", f"name={deployed.name}-half").split()) == 1
    finally:
        run("docker", "secret", "rm", f"{deployed.name}-half_tls.crt")


def test_instances_announce_their_address_in_the_back_network(client: httpx.Client, deployed: Stack) -> None:
    for model in MODELS:
        (instance,) = _instances(client, model)
        (container,) = deployed.containers(model)
        address = container["NetworkSettings"]["Networks"][f"{deployed.name}_back"]["IPAddress"]
        assert instance["address"] == f"http://{address}:8080"


def test_scaling_up_is_seen_and_spreads_down_loses_nothing(
    deployed: Stack, client: httpx.Client, headers: dict[str, str]
) -> None:
    deployed.scale("xray", 3)
    eventually_sync(lambda: deployed.well("xray") == 3, timeout_s=120)
    eventually_sync(lambda: len(_instances(client, "xray")) == 3, timeout_s=5)
    answers = Counter(_ask(client, "xray").json()["instance"] for _ in range(120))
    print(f"spread over three: {sorted(answers.values())}")
    assert len(answers) == 3
    assert min(answers.values()) >= 0.2 * 120, answers
    with _load(deployed, headers) as load:
        deployed.scale("xray", 1)
        eventually_sync(lambda: len(deployed.containers("xray")) == 1, timeout_s=60)
    print(f"scaled down: {load}")
    assert load.whole(), load


def test_a_rolling_update_fails_no_request(
    deployed: Stack, tags: dict[str, str], client: httpx.Client, headers: dict[str, str]
) -> None:
    before = {service: _ids(deployed, service) for service in RUNNING}
    with _load(deployed, headers) as load:
        deployed.deploy(tags["new"])
        ended = deployed.wait_for_update(_UPDATED)
    print(f"updated: {load}")
    for service in _UPDATED:
        assert ended[service] == "completed"
        assert {one["Config"]["Labels"]["release"] for one in deployed.containers(service)} == {"new"}
        assert not before[service] & _ids(deployed, service)
    assert before["redis"] == _ids(deployed, "redis")
    assert before["tls"] == _ids(deployed, "tls")
    assert load.whole(), load


def test_a_broken_image_is_taken_back(
    deployed: Stack, tags: dict[str, str], client: httpx.Client, headers: dict[str, str]
) -> None:
    before = {service: (deployed.image(service), _ids(deployed, service)) for service in ("gateway", "xray")}
    with _load(deployed, headers) as load:
        deployed.deploy(tags["broken"])
        ended = deployed.wait_for_update(_UPDATED)
    print(f"taken back: {load}")
    for service, (image, ids) in before.items():
        assert ended[service] == "rollback_completed"
        assert deployed.image(service) == image
        assert _ids(deployed, service) == ids
    assert ended["tumor"] == "completed", "what is not broken is updated"
    assert load.whole(), load


def test_removal_leaves_the_data_alone(deployed: Stack) -> None:
    deployed.remove()
    kept = run("docker", "volume", "ls", "--format", "{{.Name}}").split()
    assert {f"{deployed.name}_{volume}" for volume in VOLUMES} <= set(kept)


def _client(stack: Stack, headers: dict[str, str] | None = None) -> httpx.Client:
    context = ssl.create_default_context(cadata=stack.read("tls", "/certificates/tls.crt"))
    return httpx.Client(base_url=stack.url, verify=context, timeout=30, headers=headers)


def _ready(client: httpx.Client) -> dict[str, bool]:
    models = client.get("/api/health").json()["models"]
    return {model: models[model] for model in MODELS}


def _instances(client: httpx.Client, service: str) -> list[dict[str, Any]]:
    return [one for one in client.get("/api/health").json()["services"][service]["instances"] if one["ready"]]


def _ask(client: httpx.Client, model: str) -> httpx.Response:
    """About a picture that no cache knows: a PNG may have bytes behind its end."""
    data = picture() + threading.get_ident().to_bytes(8, "big") + time.time_ns().to_bytes(8, "big")
    return client.post(f"/api/predict/{model}", files={"file": ("a.png", data, "image/png")})


def _ids(stack: Stack, service: str) -> set[str]:
    return {one["Id"] for one in stack.containers(service)}


@contextmanager
def _load(stack: Stack, headers: dict[str, str]) -> Iterator[Load]:
    """Three clients that predict without a pause; one looks at the health and the page ten times a second."""
    load, ended = Load(), threading.Event()

    def repeat(once: Callable[[httpx.Client], None]) -> None:
        with _client(stack, headers) as client:
            while not ended.is_set():
                once(client)

    models = itertools.cycle(MODELS)

    def predict(client: httpx.Client) -> None:
        try:
            answer = _ask(client, next(models))
        except httpx.HTTPError as error:
            load.statuses[0] += 1
            load.failed.append(repr(error))
            return
        load.statuses[answer.status_code] += 1
        if answer.status_code != 200:
            load.failed.append(answer.text)

    def look(client: httpx.Client) -> None:
        ended.wait(0.1)
        load.looks += 1
        try:
            ready = _ready(client) | {"page": client.get("/").is_success}
        except (httpx.HTTPError, ValueError, KeyError) as error:
            load.unhealthy.append(repr(error))
            return
        if not all(ready.values()):
            load.unhealthy.append(ready)

    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(repeat, once) for once in (predict, predict, predict, look)]
        try:
            yield load
        finally:
            ended.set()
    for job in jobs:
        job.result()
