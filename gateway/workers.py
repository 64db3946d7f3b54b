"""Several processes on one port (WORKERS), for a machine of its own. In containers, replicas scale better."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

from shared.logs import get_logger

_log = get_logger(__name__)
_LOOK_S = 1.0
_YOUNG_S = 30.0
_MOST_IN_A_ROW = 5
"""Deaths of workers younger than that: such a worker cannot start, and who watches this process should know."""
Work = Callable[[socket.socket], None]


@dataclass(frozen=True)
class _Worker:
    process: BaseProcess
    since: float

    @property
    def age(self) -> float:
        return time.monotonic() - self.since


def run_workers(count: int, host: str, port: int, work: Work) -> None:
    """Runs ``work`` in ``count`` processes on one socket until SIGTERM or SIGINT; one that dies is replaced."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _listen(host, port) as listener:
        workers = [_start(work, listener) for _ in range(count)]
        in_a_row = 0
        while in_a_row < _MOST_IN_A_ROW and not stop.wait(_LOOK_S):
            for at, worker in enumerate(workers):
                if not worker.process.is_alive():
                    in_a_row = in_a_row + 1 if worker.age < _YOUNG_S else 0
                    _log.error("worker_died", exit_code=worker.process.exitcode)
                    workers[at] = _start(work, listener)
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()
    if not stop.is_set():
        sys.exit("the workers cannot start; their log says why")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def _start(work: Work, listener: socket.socket) -> _Worker:
    # spawn: a fork would share what threads and event loops hold
    process = multiprocessing.get_context("spawn").Process(target=work, args=(listener,), daemon=True)
    process.start()
    return _Worker(process, time.monotonic())
