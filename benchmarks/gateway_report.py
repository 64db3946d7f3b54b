"""Figures and tables of the gateway's benchmark."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.gateway_run import Result

PERCENTS = (50.0, 95.0, 99.0)


@dataclass
class Blocks:
    """What each block of one target gave: requests a second, and CPU milliseconds a request of its process."""

    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least ``percent`` in a hundred of ``values`` do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def ratio(first: Blocks, second: Blocks) -> tuple[float, float, float]:
    """How many times the rate of ``second`` that of ``first`` is, round by round: the median and the range."""
    pairs = sorted(one / other for one, other in zip(first.rates, second.rates, strict=True))
    return statistics.median(pairs), pairs[0], pairs[-1]


def ratio_line(what: str, first: Blocks, second: Blocks) -> str:
    middle, low, high = ratio(first, second)
    return f"* {what}: **{middle:.2f}×** ({low:.2f} to {high:.2f} over {len(first.rates)} pairs of blocks)"


def latency_table(times: Mapping[str, Sequence[float]]) -> str:
    """p50, p95 and p99 of each in milliseconds, and what every one adds to the first."""
    rows = {name: _percentiles(values) for name, values in times.items()}
    direct, *others = rows
    for name in others:
        added = zip(rows[name], rows[direct], strict=True)
        rows[f"**added by {name}**"] = [with_it - without for with_it, without in added]
    lines = [f"| {name} | {' | '.join(f'{value:.2f}' for value in values)} |" for name, values in rows.items()]
    return "\n".join(["| what | p50, ms | p95, ms | p99, ms |", "| --- | --- | --- | --- |", *lines])


def _percentiles(values: Sequence[float]) -> list[float]:
    return [percentile(values, percent) for percent in PERCENTS]


def rate_table(blocks: dict[str, Blocks], ceiling: str, share: str = "share of the service's") -> str:
    """Requests a second of each target: the median block, the range, the share of ``ceiling``'s, the CPU time."""
    lines = [
        f"| {name} | {of.rate:.0f} | {min(of.rates):.0f}–{max(of.rates):.0f} "
        f"| {of.rate / blocks[ceiling].rate:.2f} | {statistics.median(of.cpu_ms):.2f} |"
        for name, of in blocks.items()
    ]
    head = f"| what | requests/s | blocks | {share} | its CPU, ms a request |"
    return "\n".join([head, "| --- | --- | --- | --- | --- |", *lines])


def load_line(results: Iterable[Result]) -> str:
    """How busy the maker of load was at most, and what failed."""
    blocks = list(results)
    busiest = max(block.cpu_s / block.seconds for block in blocks)
    failed = [block for block in blocks if block.failures]
    line = f"The maker of load took at most {busiest:.0%} of a core. "
    if not failed:
        return line + "No request failed."
    return line + f"{sum(block.failures for block in failed)} requests failed, the last with {failed[-1].failure}"
