"""The compose system from its images: how soon it is healthy, what it holds, what one container answers.

The load comes from the same machine, and shares its cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles

import httpx

from cli.plan import ROOT, known_services

_PROJECT = "doctorai-measured"
_URL = "http://127.0.0.1:18999"
_SETTLED_S = 20
_CONNECTIONS = 4
_UNITS = {"B": 1e-6, "KiB": 1024 / 1e6, "MiB": 1024**2 / 1e6, "GiB": 1024**3 / 1e6}
_QUESTIONS = ("What is anaemia?", "ما هي أعراض فقر الدم؟", "How is pneumonia treated?", "What causes a brain tumour?")


@dataclass(frozen=True)
class Rate:
    """Of one container that has as many requests as it can take."""

    per_second: float
    p50_ms: float
    p95_ms: float


def main(seconds: float) -> None:
    names = ["gateway", "frontend", "redis", *known_services()]
    compose("build", "--quiet")
    try:
        started = time.monotonic()
        compose("up", "-d", "--wait", *names)
        healthy_s = time.monotonic() - started
        time.sleep(_SETTLED_S)
        idle = memory()
        rates = {service: rate(service, seconds) for service in known_services()}
        busy = memory()
        logged = int(compose("exec", "-T", "gateway", "du", "-sb", "/logs").split()[0])
    finally:
        compose("down", "--volumes", "--timeout", "5")
    print("## Containers\n\n| container | memory idle, MB | after load, MB |\n| --- | --- | --- |")
    for name in sorted(idle):
        print(f"| {name} | {idle[name]:.0f} | {busy[name]:.0f} |")
    print(f"| all | {sum(idle.values()):.0f} | {sum(busy.values()):.0f} |")
    print(f"\n{len(rates)} services healthy {healthy_s:.1f} s after `docker compose up`, from built images.\n")
    print("| one container of | answers a second | p50, ms | p95, ms |\n| --- | --- | --- | --- |")
    for service, found in rates.items():
        print(f"| {service} | {found.per_second:.1f} | {found.p50_ms:.0f} | {found.p95_ms:.0f} |")
    answers = sum(found.per_second * seconds for found in rates.values())
    print(f"\nThe audit log and what feedback needs: {logged / answers:.0f} bytes an answer.\n")


def rate(service: str, seconds: float) -> Rate:
    """Closed loop: each of four connections sends its next request when it has its answer. Raises on any that fails."""
    password = compose("exec", "-T", "gateway", "cat", "/secrets-gateway/admin_password").strip()
    with httpx.Client(base_url=_URL, timeout=60) as client, ThreadPoolExecutor(_CONNECTIONS) as pool:
        token = client.post("/api/token", data={"username": "admin", "password": password}).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {token['access_token']}"
        ends = time.monotonic() + seconds
        loops = [pool.submit(_loop, client, service, number, ends) for number in range(_CONNECTIONS)]
        times = [milliseconds for loop in loops for milliseconds in loop.result()]
    cuts = quantiles(times, n=20)
    return Rate(len(times) / seconds, cuts[9], cuts[18])


def _loop(client: httpx.Client, service: str, number: int, ends: float) -> list[float]:
    picture = next((ROOT / "models" / service).glob("*/golden.png"), None)
    times: list[float] = []
    while (started := time.monotonic()) < ends:
        if picture is None:
            question = _QUESTIONS[(number + len(times)) % len(_QUESTIONS)]
            answer = client.post("/api/chatbot", json={"message": question})
        else:
            unknown = picture.read_bytes() + os.urandom(16)  # behind a PNG's end: no cache knows it
            model = "palm_disease" if service == "palm" else service
            answer = client.post(f"/api/predict/{model}", files={"file": ("a.png", unknown, "image/png")})
        answer.raise_for_status()
        times.append((time.monotonic() - started) * 1000)
    return times


def compose(*words: str) -> str:
    networks = {"APP_SUBNET": "10.213.11.0/24", "BACK_SUBNET": "10.213.12.0/24", "APP_NETWORK": _PROJECT}
    unlimited = dict.fromkeys(("RATE_LIMIT_USER", "RATE_LIMIT_IP"), "1000000/minute")
    project = {
        "COMPOSE_PROJECT_NAME": _PROJECT,
        "API_PORT": _URL.rpartition(":")[2],
        "FRONTEND_PORT": "18998",
        "TAG": "measured",
    }
    environment = {**os.environ, **project, **networks, **unlimited}
    done = subprocess.run(["docker", "compose", *words], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode()


def memory() -> dict[str, float]:
    """Container → megabytes, as ``docker stats`` counts them."""
    ids = compose("ps", "-q").split()
    command = ["docker", "stats", "--no-stream", "--format", "{{json .}}", *ids]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["Name"].removeprefix(f"{_PROJECT}-"): _megabytes(row["MemUsage"].split()[0]) for row in rows}


def _megabytes(text: str) -> float:
    unit = next(unit for unit in ("GiB", "MiB", "KiB", "B") if text.endswith(unit))
    return float(text.removesuffix(unit)) * _UNITS[unit]
