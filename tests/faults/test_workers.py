"""Several processes on one port: one that dies is replaced, all end together, each keeps its own audit chain."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from shared.audit.keys import audit_keys
from shared.audit.verify import verify
from tests.conftest import REPOSITORY
from tests.faults.toys import another_gateway, client_of
from tests.support.load import predicting, under_load
from tests.support.processes import eventually
from tests.support.system import SECRET_KEY, Process, System

pytestmark = pytest.mark.integration

LOST_WITH_A_WORKER = 40
"""Audit lines: what one has answered in its last 100 ms need not be on disk when it is killed."""


@pytest_asyncio.fixture
async def gateway(toys: System) -> AsyncIterator[Process]:
    async with another_gateway(toys, WORKERS="2") as process:
        yield process


def workers_of(gateway: Process) -> list[psutil.Process]:
    """Those that listen: multiprocessing's own helper does not."""
    assert gateway.popen
    children = psutil.Process(gateway.popen.pid).children(recursive=True)
    alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "spawn_main" in " ".join(child.cmdline())]


async def until_both_work(api: httpx.AsyncClient, audit: Path) -> None:
    async def both() -> bool:
        answers = [await _status(api) for _ in range(4)]
        return answers == [200] * 4 and verify(audit, audit_keys(SECRET_KEY), patience_s=0.5).slots >= 2

    await eventually(both, 30)


async def _status(api: httpx.AsyncClient) -> int:
    try:
        return (await api.get("/api/me")).status_code
    except httpx.HTTPError:
        return 0


def dies_late(listener: socket.socket) -> None:
    """As one whose parts cannot be built: it takes longer to find out than the watch takes to look again."""
    time.sleep(1.5)


def test_workers_that_cannot_start_end_the_process() -> None:
    program = (
        "from gateway.workers import run_workers; from tests.faults.test_workers import dies_late; "
        "run_workers(2, '127.0.0.1', 0, dies_late)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, timeout=55, check=False)
    assert done.returncode == 1
    assert b"the workers cannot start" in done.stderr


async def test_a_worker_is_killed_and_replaced_and_all_end_together(toys: System, gateway: Process) -> None:
    audit = Path(gateway.environment["AUDIT_LOG_PATH"])
    async with client_of(toys, gateway) as api:
        await until_both_work(api, audit)
        before = workers_of(gateway)
        assert len(before) == 2
        async with under_load(predicting(api), clients=4) as load:
            await load.more(40)
            before[0].kill()
            await load.more(100)

            async def replaced() -> bool:
                alive = {worker.pid for worker in workers_of(gateway)}
                return len(alive) == 2 and before[0].pid not in alive

            await eventually(replaced, 10)
            after = await load.more(100)
    assert len(load.failures) <= 4, "those that the dead one had in hand"
    assert not any(sample.failed for sample in after)
    workers = workers_of(gateway)
    gateway.signal(signal.SIGTERM)
    assert gateway.popen
    assert await asyncio.to_thread(gateway.popen.wait, 30) == 0
    assert not any(worker.is_running() for worker in workers)
    report = verify(audit, audit_keys(SECRET_KEY))
    assert report.problems == []
    assert report.slots == 2
    answered = len(load.samples) - len(load.failures)
    assert report.lines >= answered - LOST_WITH_A_WORKER
