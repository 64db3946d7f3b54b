"""The compose system as a user has it: healthy, closed, limited, scaled while it works, whole again after a crash."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.containers.conftest import SERVICES, TAG, Compose, docker, picture
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
MODELS = ("tumor", "xray", "monkeypox", "lung_colon", "palm_disease")
_MB = 1_000_000
_LIMITS = """
from pathlib import Path
two, one = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/cpu")
words = (two / "cpu.max").read_text().split() if (two / "cpu.max").exists() else (
    (one / "cpu.cfs_quota_us").read_text(), (one / "cpu.cfs_period_us").read_text())
memory = next(path for path in (two / "memory.max", two / "memory/memory.limit_in_bytes") if path.exists())
print(int(words[0]) / int(words[1]), memory.read_text())
"""


@pytest.mark.parametrize("model", MODELS)
def test_every_model_answers(client: httpx.Client, model: str) -> None:
    answer = client.post(f"/api/predict/{model}", files={"file": ("a.png", picture(), "image/png")})
    assert answer.status_code == 200, answer.text
    assert answer.json()["model_version"] == "1.0.0"


def test_the_chatbot_answers(client: httpx.Client) -> None:
    answer = client.post("/api/chatbot", json={"message": "What is anaemia?"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["sources"]


def test_nothing_but_the_gateway_is_published(compose: Compose) -> None:
    for service in (*SERVICES, "redis", "gateway"):
        (found,) = docker("inspect", *compose.ids(service))
        published = {port for port, places in found["NetworkSettings"]["Ports"].items() if places}
        assert published == ({"8000/tcp"} if service == "gateway" else set()), service


@pytest.mark.parametrize("service", [*SERVICES, "gateway", "redis"])
def test_a_container_is_closed(compose: Compose, service: str) -> None:
    (found,) = docker("inspect", *compose.ids(service))
    host = found["HostConfig"]
    assert found["Config"]["User"] in ("10001:10001", "999:1000")
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert not [word for word in found["Config"]["Env"] if "PASSWORD=" in word or "SECRET_KEY=" in word]


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
def test_limits_are_real(compose: Compose, service: str) -> None:
    cpus, memory = compose.python(service, _LIMITS).split()
    assert float(cpus) == 1.0
    assert int(memory) == (1536 if service == "chatbot" else 512) << 20


@pytest.mark.parametrize(("service", "cpus", "megabytes"), [("redis", 1.0, 512), ("frontend", 0.5, 64)])
def test_limits_are_real_without_python(compose: Compose, service: str, cpus: float, megabytes: int) -> None:
    compose("up", "-d", "--no-recreate", "--wait", service)
    # version 2 has one file for the quota and its period, version 1 two
    quota = "cat /sys/fs/cgroup/cpu.max || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us"
    memory = "cat /sys/fs/cgroup/memory.max || cat /sys/fs/cgroup/memory/memory.limit_in_bytes"
    words = compose("exec", "-T", service, "sh", "-c", f"({quota}; {memory}) 2>/dev/null").split()
    assert int(words[0]) / int(words[1]) == cpus
    assert int(words[2]) == megabytes << 20


def test_the_pool_is_as_wide_as_the_quota(compose: Compose) -> None:
    program = "from shared.cgroup import worker_count; print(worker_count())"
    assert compose.python("tumor", program) == "1"


@pytest.mark.parametrize(("service", "most"), [("gateway", 150), *((model, 200) for model in SERVICES[:-1])])
def test_images_are_small(compose: Compose, service: str, most: int) -> None:
    """What is added to the base image."""
    image, base = docker("image", "inspect", f"doctorai/{service}:{TAG}", "python:3.11-slim")
    assert (image["Size"] - base["Size"]) / _MB <= most


def test_scaling_up_is_seen_and_spreads_down_loses_nothing(compose: Compose, client: httpx.Client) -> None:
    compose("up", "-d", "--no-recreate", "--scale", "xray=3", "--wait", "xray")
    eventually_sync(lambda: len(_instances(client, "xray")) == 3, timeout_s=5)
    answers = Counter(_predict(client, "xray", number)["instance"] for number in range(120))
    assert len(answers) == 3
    assert min(answers.values()) >= 0.2 * 120, answers
    with ThreadPoolExecutor() as pool:
        running = [True]
        load = [pool.submit(_load, client, running) for _ in range(2)]
        compose("up", "-d", "--no-recreate", "--scale", "xray=1", "xray")
        eventually_sync(lambda: len(_instances(client, "xray")) == 1, timeout_s=30)
        running[0] = False
        statuses = Counter(status for one in load for status in one.result())
    assert set(statuses) == {200}, statuses
    assert statuses[200] > 20


def test_a_crash_costs_one_model_and_heals(compose: Compose, client: httpx.Client) -> None:
    (found,) = docker("inspect", *compose.ids("tumor"))
    os.kill(found["State"]["Pid"], signal.SIGKILL)
    assert _predict(client, "xray", 1000)["model"] == "xray"
    eventually_sync(lambda: docker("inspect", found["Id"])[0]["RestartCount"] > found["RestartCount"], timeout_s=30)
    eventually_sync(lambda: _ask(client, "tumor", 1001).status_code == 200, timeout_s=60)


def test_a_stopped_service_is_named_and_the_others_answer(compose: Compose, client: httpx.Client) -> None:
    compose("kill", "monkeypox")
    try:
        eventually_sync(lambda: not client.get("/api/health").json()["models"]["monkeypox"], timeout_s=10)
        health = client.get("/api/health").json()
        assert health["status"] == "degraded"
        assert health["services"]["monkeypox"]["reason"]
        for number, model in enumerate(("tumor", "xray", "lung_colon", "palm_disease")):
            assert _predict(client, model, 2000 + number)["model"] == model
    finally:
        compose("up", "-d", "--wait", "monkeypox")
    eventually_sync(lambda: client.get("/api/health").json()["status"] == "healthy", timeout_s=30)


def _instances(client: httpx.Client, service: str) -> list[object]:
    return [one for one in client.get("/api/health").json()["services"][service]["instances"] if one["ready"]]


def _ask(client: httpx.Client, model: str, number: int) -> httpx.Response:
    """About a picture that no cache knows: a PNG may have bytes behind its end."""
    data = picture() + number.to_bytes(8, "big") + time.time_ns().to_bytes(8, "big")
    return client.post(f"/api/predict/{model}", files={"file": ("a.png", data, "image/png")})


def _predict(client: httpx.Client, model: str, number: int) -> dict[str, str]:
    answer = _ask(client, model, number)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _load(client: httpx.Client, running: list[bool]) -> Iterator[int]:
    found = []
    while running[0]:
        data = picture() + time.time_ns().to_bytes(8, "big")
        found.append(client.post("/api/predict/xray", files={"file": ("a.png", data, "image/png")}).status_code)
    return iter(found)
