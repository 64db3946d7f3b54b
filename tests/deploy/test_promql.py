"""What the tests of rules and dashboards take for a metric's name."""

from __future__ import annotations

import pytest

from tests.support.promql import families_in, series_in


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        (
            'sum by (model) (rate(a_total{b=~"c|d"}[5m] offset 1h)) / on (x) f:g:h unless 0 * i > 1e3',
            {"a_total", "f:g:h", "i"},
        ),
        (
            'sum by (le, m) (rate(a_bucket{x=~"b|c{d}"}[5m])) / on (job) (e:f:g > 0) or vector(1) unless h offset 2m',
            {"a_bucket", "e:f:g", "h"},
        ),
    ],
)
def test_names_of_series(expr: str, names: set[str]) -> None:
    assert series_in(expr) == names


def test_families_are_what_a_page_of_metrics_names() -> None:
    assert families_in("a_bucket + b_count + c_total + d:e:f + g_seconds_sum") == {"a", "b", "c_total", "g_seconds"}
