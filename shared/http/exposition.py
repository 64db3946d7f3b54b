"""Metrics in the form that the scraper asks for: OpenMetrics, the only one with exemplars, or Prometheus's own."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector


class _WithoutCreated(Collector):
    """The moment at which each series was made would be one more series for each, that nothing reads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


def exposition(registry: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    """The metrics and their media type; ``accept``: the request's header, empty for none."""
    try:
        encode, media_type = choose_encoder(accept)
    except (TypeError, ValueError):  # the library compares a version that is no number
        encode, media_type = choose_encoder("")
    return encode(_WithoutCreated(registry)), media_type
