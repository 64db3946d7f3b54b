"""What a gateway's metrics say of each model."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from cli.figures import Figures, Snapshot, read_snapshot
from cli.status import History


@pytest.fixture
def text() -> str:
    """Ten requests of xray, one of them shed; nothing of the others."""
    registry = CollectorRegistry()
    requests = Counter("model_requests", "x", ["model", "version", "outcome"], registry=registry)
    Gauge("process_start_time_seconds", "x", registry=registry).set(1.7957e9 + 0.25)
    duration = Histogram("model_request_duration_seconds", "x", ["model"], buckets=(0.1, 0.2, 1.0), registry=registry)
    requests.labels("xray", "1.0.0", "predicted").inc(8)
    requests.labels("xray", "1.1.0", "invalid_image").inc()
    requests.labels("xray", "", "overloaded").inc()
    for seconds in [0.05] * 5 + [0.15] * 4 + [9.0]:
        duration.labels("xray").observe(seconds)
    return generate_latest(registry).decode()


def test_requests_and_faults_of_all_versions_are_summed(text: str) -> None:
    (model,) = (found := read_snapshot(text).figures)
    assert model == "xray"
    assert found[model].requests == 10
    assert found[model].failing == pytest.approx(0.1), "what the caller did wrong is no fault"


@pytest.mark.parametrize(("share", "seconds"), [(0.5, 0.1), (0.25, 0.05), (0.7, 0.15), (0.99, 1.0)])
def test_quantiles_are_prometheus_s(text: str, share: float, seconds: float) -> None:
    assert read_snapshot(text).figures["xray"].quantile(share) == pytest.approx(seconds)


def test_a_model_that_nobody_asked_has_none() -> None:
    assert Figures().quantile(0.5) is None
    assert Figures().failing is None


def test_what_is_no_exposition_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        read_snapshot("<html>not metrics</html>")


def of(process: float, requests: float, faults: float = 0.0) -> Snapshot:
    return Snapshot(process, {"xray": Figures(requests, faults)})


def test_a_process_is_known_by_its_start(text: str) -> None:
    assert read_snapshot(text).process == 1.7957e9 + 0.25


def test_a_live_table_tells_of_the_last_minute() -> None:
    history = History()
    assert history.add(of(1, 100), 0.0).seconds is None
    readings = [history.add(of(1, 100 + 5 * at), float(at)) for at in range(10, 200, 10)]
    assert readings[0].seconds == 10
    assert readings[0].figures["xray"].requests == 50
    assert readings[-1].seconds == 60
    assert readings[-1].figures["xray"].requests == 300
    assert not any(reading.one_of_several for reading in readings)


def test_a_gateway_that_started_anew_is_counted_from_its_start() -> None:
    history = History()
    history.add(of(1, 100, 10), 0.0)
    again = history.add(of(2, 300, 1), 10.0)
    assert (again.figures["xray"], again.seconds, again.one_of_several) == (Figures(300, 1), None, False)
    assert history.add(of(2, 301, 1), 20.0).figures["xray"] == Figures(1, 0)


def test_several_gateways_at_one_address_are_told_apart() -> None:
    history = History()
    readings = [history.add(of(at % 2, 1000 * (at % 2) + at), float(at)) for at in range(10)]
    assert [reading.seconds for reading in readings] == [None, None, 2, 2, 4, 4, 6, 6, 8, 8]
    assert [reading.figures["xray"].requests for reading in readings[2:]] == [2, 2, 4, 4, 6, 6, 8, 8]
    assert [reading.one_of_several for reading in readings[1:3]] == [False, True]
    assert history.add(of(1, 1100), 75.0).one_of_several is False, "the other one has not been seen for a minute"
