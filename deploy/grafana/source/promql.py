"""The pieces that the panels' queries are made of.

Every counter is put through ``rate`` or ``increase`` first, which know resets, and summed then: several gateways and
instances count for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

RATE = "$__rate_interval"
ANSWERED = 'outcome=~"predicted|abstained|answer|clarify|emergency|refusal|smalltalk"'
FAILED = 'outcome=~"internal_error|model_unavailable|overloaded|timeout"'
"""What is the system's fault. What a caller sent wrong is none, and neither is a caller who went."""
DECIDED = 'outcome=~"predicted|abstained"'
"""What models that may abstain say. A chat is neither."""
ABSTAINED = 'outcome="abstained"'
_SLO = Path(__file__).parents[2] / "prometheus" / "rules" / "slo.yml"
ALERTS = 'ALERTS{alertname!="Watchdog"}'
"""Without the one that always fires, to show that alerts arrive."""
FIRING = 'ALERTS{alertname!="Watchdog",alertstate="firing"}'


def _routes_of_users() -> str:
    """As the objectives have it. Raises ValueError when `slo.yml` does not have one and the same everywhere."""
    (matcher,) = set(re.findall(r'route!~"[^"]+"', _SLO.read_text(encoding="utf-8")))
    return str(matcher)


OF_USERS = _routes_of_users()
"""What users ask: not probes, `/metrics`, the page's files and what it asks by itself, which are many and fast."""


def rate(series: str, *by: str, window: str = RATE) -> str:
    """Per second, summed by the labels of ``by``."""
    return f"sum{_by(by)} (rate({series}[{window}]))"


def increase(series: str, *by: str, window: str = "$__range") -> str:
    """How many within ``window``, summed by the labels of ``by``."""
    return f"sum{_by(by)} (increase({series}[{window}]))"


def share(part: str, whole: str) -> str:
    """Of two sums with the same labels, 0…1. 0 where the part was never counted, nothing where the whole is 0."""
    return f"({part} or 0 * {whole}) / ({whole} > 0)"


def rate_share(name: str, part: str, whole: str, *by: str, window: str = RATE) -> str:
    """``share`` of one counter, the part and the whole given by their matchers."""
    both = f"{part},{whole}" if whole else part
    counted = f"{name}{{{whole}}}" if whole else name
    return share(rate(f"{name}{{{both}}}", *by, window=window), rate(counted, *by, window=window))


def abstained(count: Callable[..., str], *by: str, model: str = "") -> str:
    """Share of the answers in which a model would not decide, as the alert AbstentionSurge has it.

    ``count``: ``rate`` or ``increase``; ``model``: a matcher.
    """
    given = f"{model}," if model else ""
    part, whole = (f"model_requests_total{{{given}{outcome}}}" for outcome in (ABSTAINED, DECIDED))
    return share(count(part, *by), count(whole, *by))


def quantile(q: float, histogram: str, *by: str) -> str:
    """Of a histogram given with its matchers, ``name{…}``. NaN, so nothing to see, where it counted nothing."""
    name, _, matchers = histogram.partition("{")
    bucket = f"{name}_bucket{{{matchers}" if matchers else f"{name}_bucket"
    return f"histogram_quantile({q:g}, {rate(bucket, 'le', *by)})"


def mean(histogram: str, *by: str) -> str:
    """Of a histogram given with its matchers."""
    name, _, matchers = histogram.partition("{")
    rest = f"{{{matchers}" if matchers else ""
    return f"{rate(f'{name}_sum{rest}', *by)} / ({rate(f'{name}_count{rest}', *by)} > 0)"


def buckets(histogram: str) -> str:
    """For a heatmap."""
    name, _, matchers = histogram.partition("{")
    bucket = f"{name}_bucket{{{matchers}" if matchers else f"{name}_bucket"
    return increase(bucket, "le", window=RATE)


def or_zero(expression: str) -> str:
    """For a sum without labels of what may never have been counted."""
    return f"{expression} or vector(0)"


def _by(labels: tuple[str, ...]) -> str:
    return f" by ({', '.join(labels)})" if labels else ""
