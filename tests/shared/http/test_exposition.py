"""Prometheus's text, OpenMetrics with exemplars for a scraper that asks for it, and no series of moments in either."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from shared.http.exposition import exposition

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
)
"""As Prometheus 3 asks."""


@pytest.fixture
def registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    Counter("asked", "Questions", ["kind"], registry=registry).labels("odd").inc()
    times = Histogram("took_seconds", "Time", buckets=(1, 2), registry=registry)
    times.observe(1.5, {"trace_id": "abc"})
    return registry


@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "text/plain", "application/openmetrics-text;version=0.0.1"])
def test_text_for_everybody_else(registry: CollectorRegistry, accept: str) -> None:
    body, media_type = exposition(registry, accept)
    assert media_type.startswith("text/plain; version=0.0.4")
    assert b'asked_total{kind="odd"} 1.0\n' in body
    assert b"trace_id" not in body
    assert b"_created" not in body


@pytest.mark.parametrize("accept", [PROMETHEUS, "application/openmetrics-text"])
def test_openmetrics_with_exemplars(registry: CollectorRegistry, accept: str) -> None:
    body, media_type = exposition(registry, accept)
    text = body.decode()
    assert media_type.startswith("application/openmetrics-text; version=1.0.0")
    found = {family.name: family for family in text_string_to_metric_families(text)}
    exemplars = [sample.exemplar for sample in found["took_seconds"].samples if sample.exemplar]
    assert [(one.labels, one.value) for one in exemplars] == [({"trace_id": "abc"}, 1.5)]
    assert "_created" not in text
    assert text.endswith("# EOF\n")


@pytest.mark.parametrize(
    "accept", ["application/openmetrics-text; version=many", ",;,", ";q=", "application/openmetrics-text;version="]
)
def test_an_odd_question_is_answered(registry: CollectorRegistry, accept: str) -> None:
    assert b"asked_total" in exposition(registry, accept)[0]
