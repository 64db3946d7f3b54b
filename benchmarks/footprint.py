"""How soon a service is ready, and how much memory it takes, alone and without a Redis."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

import httpx
import psutil

from benchmarks.latency import picture
from benchmarks.system import wait
from cli.plan import ROOT, free_ports, known_services

_STARTS = 5
_PREDICTIONS = 100


def main() -> None:
    print(f"## Footprint\n\nMedian of {_STARTS} starts; memory after {_PREDICTIONS} predictions.\n")
    print("| service | start to ready, s | resident, MB |\n| --- | --- | --- |")
    for service in known_services():
        runs = [once(service) for _ in range(_STARTS)]
        seconds, megabytes = (statistics.median(values) for values in zip(*runs, strict=True))
        print(f"| {service} | {seconds:.2f} | {megabytes:.0f} |")
    print()


def once(service: str) -> tuple[float, float]:
    """Seconds from the start to ready, and resident megabytes afterwards."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "REDIS_URL": "redis://127.0.0.1:1"}
    environment |= {"DOCTORAI_MODE": "local"}
    environment |= {"ADVERTISE_ADDRESS": url, "MODEL_PATH": str(ROOT / "models"), "LINGER_SECONDS": "0"}
    command = [sys.executable, "-m", f"services.{service}"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=url) as client:
            seconds = wait(lambda: client.get("/health/ready").status_code == 200)
            for _ in range(_PREDICTIONS):
                ask(client, service)
            return seconds, psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        process.terminate()
        process.wait()


def ask(client: httpx.Client, service: str) -> None:
    """One picture, or one question."""
    if service == "chatbot":
        client.post("/chat", json={"message": "What are the symptoms of migraine?"}).raise_for_status()
    else:
        client.post("/predict", content=picture()).raise_for_status()
