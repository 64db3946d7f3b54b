"""How soon the whole compose system is healthy from nothing but its images, and how much memory it takes, idle."""

from __future__ import annotations

import json
import os
import subprocess
import time

from cli.plan import ROOT, known_services

_PROJECT = "doctorai-measured"
_SETTLED_S = 20
_UNITS = {"B": 1e-6, "KiB": 1024 / 1e6, "MiB": 1024**2 / 1e6, "GiB": 1024**3 / 1e6}


def main() -> None:
    names = ["gateway", "redis", *known_services()]
    compose("build", "--quiet")
    try:
        started = time.monotonic()
        compose("up", "-d", "--wait", *names)
        seconds = time.monotonic() - started
        time.sleep(_SETTLED_S)
        used = memory()
    finally:
        compose("down", "--volumes", "--timeout", "5")
    print("## Containers\n\n| container | memory, MB |\n| --- | --- |")
    for name, megabytes in sorted(used.items()):
        print(f"| {name} | {megabytes:.0f} |")
    print(f"| all | {sum(used.values()):.0f} |")
    print(f"\n{len(known_services())} services healthy {seconds:.1f} s after `docker compose up`, from built images.\n")


def compose(*words: str) -> str:
    networks = {"APP_SUBNET": "10.213.11.0/24", "BACK_SUBNET": "10.213.12.0/24", "APP_NETWORK": _PROJECT}
    environment = {**os.environ, "COMPOSE_PROJECT_NAME": _PROJECT, "API_PORT": "18999", "TAG": "measured", **networks}
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
