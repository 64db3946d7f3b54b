"""Numbers as Grafana writes them, in the units that the dashboards have."""

from __future__ import annotations

_RATES = {"reqps": "req/s", "ops": "ops/s", "cps": "/s"}


def written(value: float, unit: str, decimals: int | None = None) -> str:
    """``0.42, "s"`` → ``420 ms``."""
    if unit == "percentunit":
        return f"{_plain(value * 100, decimals)} %"
    if unit == "percent":
        return f"{_plain(value, decimals)} %"
    if unit == "s":
        return _seconds(value, decimals)
    if unit == "bytes":
        return _bytes(value, decimals)
    if unit in _RATES:
        return f"{_thousands(value, decimals)} {_RATES[unit]}"
    return _thousands(value, decimals)


def _plain(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:.{decimals}f}"
    if value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _thousands(value: float, decimals: int | None) -> str:
    for size, letter in ((1e9, " Bil"), (1e6, " Mil"), (1e4, " K")):
        if abs(value) >= size:
            return f"{_plain(value / (1e3 if size == 1e4 else size), decimals if decimals else 1)}{letter}"
    return _plain(value, decimals)


def _seconds(value: float, decimals: int | None) -> str:
    size = abs(value)
    if size == 0:
        return "0 s"
    for least, divisor, name in (
        (86400, 86400, "d"),
        (3600, 3600, "h"),
        (60, 60, "min"),
        (1, 1, "s"),
        (1e-3, 1e-3, "ms"),
    ):
        if size >= least:
            return f"{_plain(value / divisor, decimals)} {name}"
    return f"{_plain(value * 1e6, decimals)} µs"


def _bytes(value: float, decimals: int | None) -> str:
    for power, name in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if abs(value) >= 1024**power:
            return f"{_plain(value / 1024**power, decimals)} {name}"
    return f"{_plain(value, decimals)} B"
