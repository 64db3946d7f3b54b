"""A system with one image service, started as a user starts it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from cli.plan import ROOT, free_ports, known_services

PATIENCE_S = 60.0
_NO_LIMITS = {"RATE_LIMIT_USER": "1000000/minute", "RATE_LIMIT_IP": "1000000/minute"}


@contextmanager
def running(service: str) -> Iterator[httpx.Client]:
    """`doctorai up` with ``service`` alone; a client of its gateway that is signed in, and that no limit holds up."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    others = [word for name in known_services() if name != service for word in ("--scale", f"{name}=0")]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "cli.main", "up", "--data", folder, *others]
        password = secrets.token_hex(16)
        environment = {**os.environ, "API_PORT": str(port), "ADMIN_PASSWORD": password} | _NO_LIMITS
        with Path(folder, "up.log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait(lambda: httpx.get(f"{url}/api/health").json()["services"][service]["ready"])
            form = {"username": "admin", "password": password}
            token = httpx.post(f"{url}/api/token", data=form).raise_for_status().json()["access_token"]
            # a new inference each time: it is the model that is measured
            headers = {"Authorization": f"Bearer {token}", "Cache-Control": "no-cache"}
            with httpx.Client(base_url=url, headers=headers) as client:
                yield client
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def wait(check: object, pause_s: float = 0.02) -> float:
    """Calls ``check`` until it gives a true value; the seconds that it took."""
    assert callable(check)
    started = time.perf_counter()
    while time.perf_counter() - started < PATIENCE_S:
        try:
            if check():
                return time.perf_counter() - started
        except (httpx.HTTPError, KeyError, ValueError):
            pass
        time.sleep(pause_s)
    raise TimeoutError(f"not within {PATIENCE_S} s")
