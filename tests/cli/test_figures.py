"""What a gateway's metrics say of each model."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from cli.figures import Figures, read_figures
from cli.status import History


@pytest.fixture
def text() -> str:
    """Ten requests of xray, one of them shed; nothing of the others."""
    registry = CollectorRegistry()
    requests = Counter("model_requests", "x", ["model", "version", "outcome"], registry=registry)
    duration = Histogram("model_request_duration_seconds", "x", ["model"], buckets=(0.1, 0.2, 1.0), registry=registry)
    requests.labels("xray", "1.0.0", "predicted").inc(8)
    requests.labels("xray", "1.1.0", "invalid_image").inc()
    requests.labels("xray", "", "overloaded").inc()
    for seconds in [0.05] * 5 + [0.15] * 4 + [9.0]:
        duration.labels("xray").observe(seconds)
    return generate_latest(registry).decode()


def test_requests_and_faults_of_all_versions_are_summed(text: str) -> None:
    (model,) = (found := read_figures(text))
    assert model == "xray"
    assert found[model].requests == 10
    assert found[model].failing == pytest.approx(0.1), "what the caller did wrong is no fault"


@pytest.mark.parametrize(("share", "seconds"), [(0.5, 0.1), (0.25, 0.05), (0.7, 0.15), (0.99, 1.0)])
def test_quantiles_are_prometheus_s(text: str, share: float, seconds: float) -> None:
    assert read_figures(text)["xray"].quantile(share) == pytest.approx(seconds)


def test_a_model_that_nobody_asked_has_none() -> None:
    assert Figures().quantile(0.5) is None
    assert Figures().failing is None


def test_what_is_no_exposition_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        read_figures("<html>not metrics</html>")


def test_a_live_table_tells_of_the_last_minute() -> None:
    history = History()
    assert history.add({"xray": Figures(100)}, 0.0).seconds is None
    readings = [history.add({"xray": Figures(100 + 5 * at)}, float(at)) for at in range(10, 200, 10)]
    assert readings[0].seconds == 10
    assert readings[0].figures["xray"].requests == 50
    assert readings[-1].seconds == 60
    assert readings[-1].figures["xray"].requests == 300


def test_a_gateway_that_started_anew_is_counted_from_its_start() -> None:
    history = History()
    history.add({"xray": Figures(100, 10)}, 0.0)
    assert history.add({"xray": Figures(3, 1)}, 10.0).figures["xray"] == Figures(3, 1)
