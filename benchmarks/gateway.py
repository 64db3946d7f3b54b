"""What the gateway costs: the latency that it adds, and the requests a second that one process of it carries.

Everything is measured in one run, in blocks in turn, on a service that does nothing: what is left is the gateway.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path

import psutil

from benchmarks import nginx
from benchmarks.gateway_processes import Stand, stand
from benchmarks.gateway_report import Blocks, latency_table, load_line, rate_table, ratio_line
from benchmarks.gateway_run import Job, Result
from benchmarks.gateway_target import Target
from benchmarks.load import Load
from cli.plan import free_ports

BLOCK_S = 3.0
_RATE = 100
_OURS = "our gateway"
_HTTPX = "the same over httpx"
_BARE = "our gateway, no cache"
_BARE_HTTPX = "the same over httpx, no cache"
_NGINX = "nginx, a plain proxy"
_COMPARISONS = {
    "aiohttp over httpx, target ≥ 2.5": (_OURS, _HTTPX),
    "the same without the cache": (_BARE, _BARE_HTTPX),
    "without the cache over with it": (_BARE, _OURS),
    "our gateway over nginx": (_OURS, _NGINX),
}


def main(seconds: int) -> None:
    """``seconds`` of load on each target, in blocks of about three."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(stand(folder))
        gateways, proxies = _gateways(place), _nginx(place)
        load = stack.enter_context(closing(Load()))
        rounds = max(1, round(seconds / BLOCK_S))
        _latency(load, [place.service, *proxies, gateways[0]], rounds)
        _throughput(load, [*gateways, *proxies, place.service], rounds)


def _gateways(place: Stand) -> list[Target]:
    httpx, bare = {"UPSTREAM_TRANSPORT": "httpx"}, {"ENABLE_MODEL_CACHING": "false"}
    changes = {_OURS: {}, _HTTPX: httpx, _BARE: bare, _BARE_HTTPX: httpx | bare}
    return [place.gateway(name, **environment) for name, environment in changes.items()]


def _nginx(place: Stand) -> list[Target]:
    executable = nginx.installed()
    if executable is None:
        return []
    (port,) = free_ports(1)
    proxy = nginx.running(executable, place.folder / "nginx", port=port, service=place.service.port)
    return [Target(_NGINX, port, "/predict", place.stack.enter_context(proxy))]


def in_turn(targets: list[Target], rounds: int) -> Iterable[Target]:
    """Each target once a round, in another order each time: none always follows the same one."""
    order = random.Random(0)
    for _ in range(rounds):
        yield from order.sample(targets, len(targets))


def _latency(load: Load, targets: list[Target], rounds: int) -> None:
    """The service comes first; what the others add to it is told."""
    results: dict[str, list[Result]] = {target.name: [] for target in targets}
    for target in in_turn(targets, rounds):
        results[target.name].append(load.run(target, "large", BLOCK_S, rate=_RATE))
    print(f"## Gateway: added latency\n\nTargets: 1.5 ms at p50, 8 ms at p99. {_RATE} requests/s in an open loop,")
    print(f"{rounds} blocks of {BLOCK_S:.0f} s each in turn; each request another JPEG of 145 kB.\n")
    due = {name: _due(blocks) for name, blocks in results.items()}
    sent = {name: _sent(blocks) for name, blocks in results.items()}
    print("Counted from when a request was due:\n\n" + latency_table(due))
    print("\nCounted from when it was sent:\n\n" + latency_table(sent))
    print(f"\n{load_line([block for blocks in results.values() for block in blocks])}\n")


def _due(blocks: list[Result]) -> list[float]:
    return [value for block in blocks for value in block.due_ms]


def _sent(blocks: list[Result]) -> list[float]:
    return [value for block in blocks for value in block.sent_ms]


def _throughput(load: Load, targets: list[Target], rounds: int) -> None:
    blocks = {target.name: Blocks() for target in targets}
    results = [block(load, target, blocks[target.name]) for target in in_turn(targets, rounds)]
    print(f"## Gateway: throughput\n\nOne process, {Job.connections} connections in a closed loop, {rounds} blocks of")
    print(f"{BLOCK_S:.0f} s each in turn, medians; each request another JPEG of 9 kB.\n")
    print(rate_table(blocks, targets[-1].name) + "\n")
    for what, (first, second) in _COMPARISONS.items():
        present = first in blocks and second in blocks
        print(ratio_line(what, blocks[first], blocks[second]) if present else f"* {what}: nginx is not installed")
    print(f"\n{load_line(results)}\n")


def block(load: Load, target: Target, blocks: Blocks) -> Result:
    """One block of closed-loop load on ``target``, noted in ``blocks``."""
    before = _cpu_s(target.pid)
    result = load.run(target, "small", BLOCK_S)
    blocks.rates.append(len(result.due_ms) / result.seconds)
    blocks.cpu_ms.append((_cpu_s(target.pid) - before) * 1000 / max(1, result.total))
    return result


def _cpu_s(pid: int) -> float:
    """Of a process and its children: nginx works in one."""
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children())]
    return sum(each.user + each.system for each in times)
