"""Rules whose hours are seconds, for tests against a real Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import run_program
from tests.support.rules import RULES, divided, each_rule, milliseconds, read_rules, shortened, write_shortened


def rules(expr: str, **fields: str) -> dict[str, Any]:
    return {"groups": [{"name": "one", "rules": [{"alert": "A", "expr": expr, **fields}]}]}


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("rate(a[5m])", "rate(a[5000ms])"),
        ("avg_over_time(a:b:increase1h[3d] offset 1h)", "avg_over_time(a:b:increase1h[4320000ms] offset 60000ms)"),
        ("max_over_time(a[1h:5m])", "max_over_time(a[60000ms:5000ms])"),
        ('a{b=~"[5m]"} > 14.4 * 0.001', 'a{b=~"[5m]"} > 14.4 * 0.001'),
        ("a offset 1h30m", "a offset 90000ms"),
    ],
)
def test_times_are_divided_and_nothing_else(written: str, short: str) -> None:
    (rule,) = shortened(rules(written), 60)["groups"][0]["rules"]
    assert rule["expr"] == short


def test_what_waits_waits_less() -> None:
    given = rules("a", **{"for": "5m"})
    given["groups"][0]["interval"] = "1m"
    group = shortened(given, 60)["groups"][0]
    assert (group["interval"], group["rules"][0]["for"]) == ("1000ms", "5000ms")
    assert given["groups"][0]["rules"][0]["for"] == "5m"


def test_a_time_is_never_nothing() -> None:
    assert divided("1s", 1e9) == "1ms"
    assert divided("0s", 10) == "0s"
    assert milliseconds("1d2h3m4s5ms") == 93_784_005


@pytest.mark.parametrize("factor", [60, 720])
def test_prometheus_takes_them(tmp_path: Path, factor: float) -> None:
    write_shortened(tmp_path, factor)
    files = sorted(str(path) for path in tmp_path.iterdir())
    assert len(files) == len(list(RULES.glob("*.yml")))
    run_program("promtool", "check", "rules", *files)


def test_no_long_time_is_left() -> None:
    short = {name: shortened(content, 3600) for name, content in read_rules().items()}
    for rule in each_rule(short):
        assert not [word for word in ("[5m]", "[1h]", "[6h]", "[3d]", "offset 1h") if word in rule["expr"]]
