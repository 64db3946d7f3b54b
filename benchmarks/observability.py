"""What metrics, logs and traces cost the gateway: the same gateway with more and more of them, in turn, in one run."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx

from benchmarks.gateway import BLOCK_S, block, in_turn
from benchmarks.gateway_processes import Stand, process, stand
from benchmarks.gateway_report import Blocks, load_line, rate_table, ratio_line
from benchmarks.gateway_run import Job
from benchmarks.gateway_target import Target
from benchmarks.load import Load
from cli.plan import free_ports

_NOTHING = {"METRICS_ENABLED": "false", "ACCESS_LOG": "false"}
_SCRAPE_S = 5.0
_OFF, _METRICS, _LOGS = "nothing", "metrics", "metrics and access log (the default)"
_SAMPLED, _EVERY = "the same, and one in ten traced, at most ten a second", "the same, and a trace of every request"


def main(seconds: int) -> None:
    """``seconds`` of load on each gateway, in blocks of about three."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(stand(folder))
        targets = _gateways(place, _sink(place))
        stack.enter_context(_scraping(targets))
        load = stack.enter_context(closing(Load()))
        _measure(load, targets, max(1, round(seconds / BLOCK_S)))


def _gateways(place: Stand, sink: int) -> list[Target]:
    traces = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink}", "OTEL_TRACES_SAMPLER": "traceidratio"}
    changes = {
        _OFF: _NOTHING,
        _METRICS: {"ACCESS_LOG": "false"},
        _LOGS: {},
        _SAMPLED: traces | {"OTEL_TRACES_SAMPLER_ARG": "0.1"},
        _EVERY: traces | {"OTEL_TRACES_SAMPLER_ARG": "1.0"},
    }
    return [place.gateway(name, **environment) for name, environment in changes.items()]


def _sink(place: Stand) -> int:
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "benchmarks.otlp_sink", str(port)]
    place.stack.enter_context(process("sink", command, {}, place.folder, port))
    return port


@contextmanager
def _scraping(targets: list[Target]) -> Iterator[None]:
    """As Prometheus does, and oftener: every gateway's metrics are read all the while."""
    over = threading.Event()

    def scrape() -> None:
        with httpx.Client() as client:
            while not over.wait(_SCRAPE_S):
                for target in targets:
                    client.get(f"http://127.0.0.1:{target.port}/metrics")

    thread = threading.Thread(target=scrape, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _measure(load: Load, targets: list[Target], rounds: int) -> None:
    blocks = {target.name: Blocks() for target in targets}
    results = [block(load, target, blocks[target.name]) for target in in_turn(targets, rounds)]
    print(f"## What seeing costs\n\nOne gateway process each, {Job.connections} connections in a closed loop, {rounds}")
    print(f"blocks of {BLOCK_S:.0f} s each in turn, medians; each request another JPEG of 9 kB; scraped every")
    print(f"{_SCRAPE_S:.0f} s. Target: at least 0.90.\n")
    print(rate_table(blocks, _OFF, "share of nothing's") + "\n")
    for target in targets[1:]:
        print(ratio_line(f"{target.name}, over nothing", blocks[target.name], blocks[_OFF]))
    print(f"\n{load_line(results)}\n")
