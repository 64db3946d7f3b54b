"""The last hour, minute by minute."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest

from gateway.activity import STEP_S, ActivityLog, Point, _until_next, quantile
from gateway.metrics import GatewayMetrics
from gateway.model_requests import ModelRequests
from gateway.settings import SERVICES, GatewaySettings
from tests.gateway.faked import Faked, faked, problem
from tests.support.people import signed_in
from tests.support.prometheus import stored

MODELS = tuple(SERVICES.values())


@pytest.fixture
def metrics() -> GatewayMetrics:
    return GatewayMetrics(SERVICES)


@pytest.fixture
def log(metrics: GatewayMetrics) -> ActivityLog:
    found = ActivityLog(metrics, enabled=True)
    found.note()
    return found


def counts(point: Point) -> tuple[int, int]:
    return point.requests, point.errors


def test_each_minute_has_its_own(metrics: GatewayMetrics, log: ActivityLog) -> None:
    requests = ModelRequests(metrics)
    for version in ("1.0.0", "1.1.0"):
        requests.count("xray", version, "predicted", 0.02)
    requests.count("xray", None, "timeout", 30.0)
    log.note()
    requests.count("xray", "1.1.0", "abstained", 0.3)
    requests.count("xray", None, "invalid_image", None)
    first, second = log.activity(MODELS).models["xray"]
    assert (counts(first), counts(second)) == ((3, 1), (2, 0))
    assert first.p50_ms == 21.2
    assert first.p95_ms == 27000.0
    assert second.p50_ms == 375.0
    assert first.at < second.at


def test_a_model_that_nobody_asks_is_there(log: ActivityLog) -> None:
    found = log.activity([*MODELS, "new"])
    assert found.models.keys() == {*MODELS, "new"}
    for points in found.models.values():
        assert [(point.requests, point.errors, point.p50_ms, point.p95_ms) for point in points] == [(0, 0, None, None)]


def test_a_model_that_comes_later_has_empty_minutes_before(metrics: GatewayMetrics, log: ActivityLog) -> None:
    log.note()
    ModelRequests(metrics).count("new", "1.0.0", "predicted", 0.02)
    assert [point.requests for point in log.activity([]).models["new"]] == [0, 1]


def test_a_version_that_is_forgotten_makes_no_negative_count(metrics: GatewayMetrics) -> None:
    requests, log = ModelRequests(metrics), ActivityLog(metrics, enabled=True)
    for _ in range(5):
        requests.count("xray", "0.0.1", "predicted", 0.02)
    log.note()
    for number in range(40):
        requests.count("xray", f"1.0.{number}", "predicted", 0.02)
    assert all(point.requests >= 0 for point in log.activity([]).models["xray"])


def test_an_hour_and_no_more(metrics: GatewayMetrics, log: ActivityLog) -> None:
    for _ in range(200):
        log.note()
    assert {len(points) for points in log.activity(MODELS).models.values()} == {60}


def test_a_sample_costs_little(metrics: GatewayMetrics, log: ActivityLog) -> None:
    requests = ModelRequests(metrics)
    for model in MODELS:
        for version in ("1.0.0", "1.1.0"):
            for outcome in ("predicted", "abstained", "timeout"):
                requests.count(model, version, outcome, 0.02)
    began = time.process_time()
    for _ in range(20):
        log.note()
    assert (time.process_time() - began) / 20 < 0.05


def test_quantiles_are_those_of_prometheus(metrics: GatewayMetrics, log: ActivityLog, tmp_path: Path) -> None:
    """With the numbers that its own histogram_quantile makes of the same buckets."""
    found = random.Random(3)
    requests = ModelRequests(metrics)
    for model, scale in zip(MODELS, (0.0004, 0.01, 0.1, 1, 10, 60), strict=True):
        for _ in range(250):
            requests.count(model, "1.0.0", "predicted", found.expovariate(1 / scale))
    now = int(time.time())
    lines = [
        f'd_bucket{{model="{sample.labels["model"]}",le="{sample.labels["le"]}"}} {sample.value} {now}'
        for sample in next(iter(metrics.model_duration.collect())).samples
        if sample.name.endswith("_bucket")
    ]
    ours = log.activity(MODELS).models
    with stored(tmp_path, "\n".join(["# TYPE d histogram", *lines, "# EOF\n"])) as prometheus:
        for share, name in ((0.5, "p50_ms"), (0.95, "p95_ms")):
            for series in prometheus.query(f"histogram_quantile({share}, d_bucket) * 1000", now):
                mine = getattr(ours[series["metric"]["model"]][-1], name)
                assert mine == pytest.approx(float(series["value"][1]), abs=0.06)


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        ([], None),
        ([(1.0, 0), (float("inf"), 0)], None),
        ([(1.0, 10), (float("inf"), 10)], 0.5),
        ([(1.0, 0), (2.0, 4), (float("inf"), 4)], 1.5),
        ([(1.0, 2), (2.0, 2), (float("inf"), 4)], 1.0),
        ([(1.0, 0), (2.0, 0), (float("inf"), 4)], 2.0),
    ],
)
def test_quantile(buckets: list[tuple[float, float]], expected: float | None) -> None:
    assert quantile(0.5, buckets) == expected


def test_minutes_are_the_clocks() -> None:
    for now in (0.0, 0.5, 30.0, 58.99):
        assert _until_next(now) == pytest.approx(STEP_S - now)
    assert _until_next(59.9999) == pytest.approx(STEP_S + 0.0001), "no minute of a tenth of a millisecond"


async def test_over_the_api(fake: Faked) -> None:
    assert (await fake.predict()).status_code == 200
    fake.answers["/predict"] = problem(503, "OVERLOADED")
    assert (await fake.predict()).status_code == 503
    await fake.api.get("/api/models")
    answer = (await fake.api.get("/api/activity", headers=signed_in("viewer"))).json()
    assert answer["step_s"] == 60
    assert answer["models"].keys() == set(MODELS)
    last = answer["models"]["xray"][-1]
    assert (last["requests"], last["errors"]) == (2, 1)
    assert 0 < last["p50_ms"] <= last["p95_ms"]
    assert {json.dumps(points[-1]["requests"]) for name, points in answer["models"].items() if name != "xray"} == {"0"}


async def test_without_metrics_there_are_no_points(alone: GatewaySettings, tmp_path: Path) -> None:
    quiet = alone.model_copy(update={"metrics_enabled": False, "audit_log_path": tmp_path / "audit"})
    async with faked(quiet) as fake:
        await fake.predict()
        answer = (await fake.api.get("/api/activity")).json()
    assert answer == {"step_s": 60, "models": {model: [] for model in MODELS}}
