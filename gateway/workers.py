"""Several processes on one port (WORKERS), for a machine of its own. In containers, replicas scale better."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import sys
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess

from shared.logs import get_logger

_log = get_logger(__name__)
_LOOK_S = 1.0
_MOST_IN_A_ROW = 5
"""Deaths without a second's rest: such a worker cannot start, and who watches this process should know."""
Work = Callable[[socket.socket], None]


def run_workers(count: int, host: str, port: int, work: Work) -> None:
    """Runs ``work`` in ``count`` processes on one socket until SIGTERM or SIGINT; one that dies is replaced."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _listen(host, port) as listener:
        workers = [_start(work, listener) for _ in range(count)]
        in_a_row = 0
        while in_a_row < _MOST_IN_A_ROW and not stop.wait(_LOOK_S):
            in_a_row = 0 if all(worker.is_alive() for worker in workers) else in_a_row + 1
            workers = [worker if worker.is_alive() else _replace(worker, work, listener) for worker in workers]
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()
    if not stop.is_set():
        sys.exit("the workers cannot start; their log says why")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def _start(work: Work, listener: socket.socket) -> BaseProcess:
    # spawn: a fork would share what threads and event loops hold
    worker = multiprocessing.get_context("spawn").Process(target=work, args=(listener,), daemon=True)
    worker.start()
    return worker


def _replace(dead: BaseProcess, work: Work, listener: socket.socket) -> BaseProcess:
    _log.error("worker_died", exit_code=dead.exitcode)
    return _start(work, listener)
