"""What the gateway exposes: in which form, to whom, with how many series, and as its documentation says."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import string
from asyncio.subprocess import PIPE, STDOUT
from itertools import product
from pathlib import Path

import httpx
import pytest

from gateway.metrics import FAULTS
from gateway.routes.predict import ORIGINALS
from gateway.settings import SERVICES, GatewaySettings
from shared.version import VERSION
from tests.conftest import REPOSITORY
from tests.gateway.faked import Faked, abstained, chatted, faked, predicted, problem
from tests.support.accounts import headers, settings
from tests.support.expositions import documented, families, labels_of
from tests.support.pictures import jpeg
from tests.support.processes import RedisServer, eventually

PAGE = REPOSITORY / "docs" / "metrics.md"
OPEN_METRICS = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"
PATHS = (
    "/{}",
    "/api/predict/{}",
    "/api/predict/xray/{}",
    "/api/{}",
    "/api/models/{}",
    "/v2/models/{}/infer",
    "/v2/models/xray/versions/{}/infer",
    "/v1/models/{}",
    "/api/chatbot/{}",
    "/api/predictions/{}/feedback",
    "/static-offline-docs/{}",
)
METHODS = ("GET", "POST", "DELETE", "PUT", "OPTIONS", "TRACE", "PROPFIND")
SECONDS = "http_request_duration_seconds"
MODELS = tuple(SERVICES.values())
ASKED = (
    "/api/predict/{model}",
    *(f"/api/{model}" for model in ORIGINALS),
    "/api/chatbot",
    "/v1/chat/completions",
    "/v2/models/{model}/infer",
    "/v2/models/{model}/versions/{version}/infer",
)


async def test_requests_are_counted_and_timed_by_the_route_as_it_is_written(fake: Faked) -> None:
    await fake.predict()
    await fake.predict("/api/xray")
    await fake.infer()
    await fake.api.get("/api/models/xray")
    await fake.api.get("/nowhere")
    for route, method, status in (
        ("/api/predict/{model}", "POST", 200),
        ("/api/xray", "POST", 200),
        ("/v2/models/{model}/infer", "POST", 200),
        ("/api/models/{model}", "GET", 404),
        ("unmatched", "GET", 404),
    ):
        line = f'{{method="{method}",route="{route}",status="{status}"}}'
        assert await fake.value(f"http_requests_total{line}") == 1, line
        assert await fake.value(f'{SECONDS}_count{{route="{route}"}}') == 1, route
    assert await fake.value("http_requests_in_flight") == 1, "the scrape itself"
    assert await fake.value("http_requests_limit") == 100


async def test_faults_are_counted_from_0_on(fake: Faked) -> None:
    """The rate of a series that is born with its first value misses that value."""
    there = await fake.series()
    for route in (*ASKED, "unmatched"):
        for status in (500, 503, 504):
            line = f'http_requests_total{{method="POST",route="{route}",status="{status}"}}'
            assert line in there
            assert await fake.value(line) == 0
    assert len([line for line in there if line.startswith("http_requests_total{")]) == 3 * (len(ASKED) + 1)
    faults = {
        f'model_requests_total{{model="{model}",outcome="{fault}",version=""}}' for model in MODELS for fault in FAULTS
    }
    assert {line for line in there if line.startswith("model_requests_total{")} == faults


async def test_the_routes_that_ask_a_model_are_those_of_the_document(fake: Faked) -> None:
    document = (await fake.api.get("/openapi.json")).json()["paths"]
    asked = {path for path in document if re.search(r"^/api/(predict/|chatbot$)|/infer$|completions$", path)}
    assert set(ASKED) == asked | {f"/api/{model}" for model in ORIGINALS}


async def test_no_address_or_header_makes_a_new_series_or_shows_up(fake: Faked) -> None:
    await warm_up(fake)
    before = await fake.series()
    dice, words = random.Random(7), []
    for _ in range(1000):
        words.append("".join(dice.choices(string.ascii_lowercase, k=12)))
        await strange(fake.api, dice, words[-1])
    after = await fake.series()
    assert after == before
    text = await fake.text()
    assert [word for word in words if word in text] == []


async def warm_up(fake: Faked) -> None:
    """A request of each kind, once the check of the audit log that the start begins is through."""

    async def is_checked() -> bool:
        return "\naudit_chain_intact " in await fake.text()

    await eventually(is_checked, 20)
    for path, method, header in product(PATHS, METHODS, range(len(strange_headers("")))):
        await fake.api.request(method, path.format("w" * 12), headers=strange_headers("w" * 12)[header])


async def strange(api: httpx.AsyncClient, dice: random.Random, word: str) -> None:
    path, headers = dice.choice(PATHS).format(word), dice.choice(strange_headers(word))
    query = {word: dice.choice((word, '"}\n# HELP', "../../" + word, "%00"))}
    await api.request(dice.choice((*METHODS, word.upper())), path, headers=headers, params=query, content=word)


def strange_headers(word: str) -> list[dict[str, str]]:
    return [
        {},
        {"X-Request-ID": word},
        {"X-API-Key": word, "Authorization": ""},
        {"Authorization": word},
        {"Accept": word, "Origin": word},
    ]


async def test_what_the_cache_had(redis_server: RedisServer, tmp_path: Path) -> None:
    async with faked(settings(redis_server.url, tmp_path)) as fake:
        fake.api.headers.update(await headers(fake.api))
        (member,) = fake.state.monitor.fleet.of("xray")
        member.instance = member.instance.model_copy(update={"digest": "d" * 64})
        fake.answers["/predict"] = predicted(model_digest="d" * 64)

        async def had(outcome: str, **more: str) -> bool:
            await fake.api.post("/api/predict/xray", files={"file": ("a.jpg", jpeg())}, headers=more)
            return await fake.value(f'cache_lookups_total{{model="xray",outcome="{outcome}"}}') > 0

        assert await had("miss")
        await eventually(lambda: had("hit"))
        assert await had("bypass", **{"Cache-Control": "no-cache"})


async def test_what_users_say_is_counted(redis_server: RedisServer, tmp_path: Path) -> None:
    async with faked(settings(redis_server.url, tmp_path)) as fake:
        fake.api.headers.update(await headers(fake.api))
        request = (await fake.predict(**{"X-Request-ID": "of-this-picture"})).json()["request_id"]
        for said in ({"verdict": "agree"}, {"verdict": "unsure"}):
            answer = await fake.api.post(f"/api/predictions/{request}/feedback", json=said)
            assert answer.status_code == 201, answer.text
        assert await fake.value('feedback_total{model="xray",verdict="agree"}') == 1
        assert await fake.value('feedback_receipts_dropped_total{reason="redis"}') == 0


async def test_a_model_that_only_a_caller_knows_has_no_series(fake: Faked) -> None:
    await fake.predict("/api/predict/mymodel")
    await fake.api.post(
        "/v1/chat/completions", json={"model": "mymodel", "messages": [{"role": "user", "content": "?"}]}
    )
    assert "mymodel" not in await fake.text()
    assert await fake.counted("model_requests_total") == {}


async def test_nothing_is_counted_without_metrics(alone: GatewaySettings) -> None:
    async with faked(alone.model_copy(update={"metrics_enabled": False})) as fake:
        assert (await fake.predict()).status_code == 200
        assert (await fake.api.get("/metrics")).status_code == 404
        assert fake.state.metrics.registry.get_sample_value("http_requests_in_flight") == 0
        requests = {"method": "POST", "route": "/api/predict/{model}", "status": "200"}
        assert fake.state.metrics.registry.get_sample_value("http_requests_total", requests) is None


async def test_who_asks_for_open_metrics_gets_it(fake: Faked) -> None:
    await fake.predict()
    for accept, media_type in (
        (OPEN_METRICS, "application/openmetrics-text"),
        ("application/openmetrics-text; version=none", "text/plain"),
        ("*/*", "text/plain"),
        ("", "text/plain"),
    ):
        answer = await fake.api.get("/metrics", headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media_type)
        assert answer.text.endswith("# EOF\n") is (media_type != "text/plain")
        assert "http_requests_total{" in answer.text
        assert "_created" not in answer.text


async def test_promtool_finds_nothing(fake: Faked) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    await used(fake)
    process = await asyncio.create_subprocess_exec(promtool, "check", "metrics", stdin=PIPE, stdout=PIPE, stderr=STDOUT)
    told, _ = await process.communicate((await fake.text()).encode())
    assert (process.returncode, told) == (0, b"")


async def used(fake: Faked) -> None:
    """Something of everything."""
    for answer in (chatted("emergency"), abstained(), problem(503, "OVERLOADED")):
        fake.answers["/predict"] = answer
        await fake.predict()
    await fake.infer()
    await fake.api.post("/api/chatbot", json={"message": "hello"})
    await fake.api.get("/api/users")


async def test_the_page_has_every_metric_and_no_other(fake: Faked) -> None:
    common = documented(REPOSITORY / "docs" / "metrics.md", "Every process")
    there = {name for name in families(await fake.text()) if not name.startswith("gpu_")}
    assert there == set(documented(PAGE, "Gateway")) | {name for name in common if not name.startswith("gpu_")}


async def test_the_page_has_the_labels(fake: Faked) -> None:
    await used(fake)
    told = documented(PAGE, "Gateway")
    found = {name: labels for name, labels in labels_of(await fake.text()).items() if name in told}
    assert len(found) > 20
    assert found == {name: told[name] for name in found}


async def test_the_process_tells_what_it_takes(fake: Faked) -> None:
    assert f'doctorai_build_info{{component="gateway",version="{VERSION}"}} 1.0' in await fake.text()
    for line in ("memory_usage_percent", 'disk_free_bytes{volume="audit"}', 'disk_size_bytes{volume="feedback"}'):
        assert await fake.value(line) > 0, line
