"""Equal uploads cost one inference, no answer outlives its weights, and nothing of a picture gets into Redis."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from tests.faults.toys import another_gateway, both_ready, client_of
from tests.support.bundles import edit_manifest
from tests.support.load import fresh_picture
from tests.support.pictures import encode, photo, png
from tests.support.processes import eventually
from tests.support.requests import counted, metric
from tests.support.system import System
from tests.support.toy import write_toy_bundle

pytestmark = pytest.mark.integration


async def predict(api: httpx.AsyncClient, data: bytes, **headers: str) -> dict[str, Any]:
    response = await api.post("/api/predict/toy", files={"file": ("a", data)}, headers=headers)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def inferences(toys: System) -> float:
    """What both instances have worked."""
    urls = (toys.services["toy"].url, toys.extra[0].url)
    async with httpx.AsyncClient() as client:
        return sum([await counted(client, url, "predicted", "1.0.0") for url in urls])


async def keys_of(redis: Redis) -> list[bytes]:
    """Where answers lie; the index is no answer."""
    return [key async for key in redis.scan_iter("doctorai:cache:*:*")]


async def until_cached(api: httpx.AsyncClient, data: bytes) -> None:
    async def cached() -> bool:
        return bool((await predict(api, data))["cached"])

    await eventually(cached)


async def until_kept(toys: System, api: httpx.AsyncClient, data: bytes) -> tuple[bytes, dict[str, Any]]:
    """``data``, and the answer to it that lies in Redis, once one does."""
    answer: dict[str, Any] = {}
    async with Redis.from_url(toys.redis.url) as redis:

        async def kept() -> bool:
            answer.update(await predict(api, data))
            values = await redis.mget(keys) if (keys := await keys_of(redis)) else []
            return any(value and answer["timestamp"].encode() in value for value in values)

        await eventually(kept)
    return data, answer


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says of the picture."""
    return {name: value for name, value in answer.items() if name not in ("request_id", "cached", "timing_ms")}


async def test_50_equal_uploads_at_once_cost_one_inference(toys: System, api: httpx.AsyncClient) -> None:
    before, data = await inferences(toys), fresh_picture()
    answers = await asyncio.gather(*(predict(api, data) for _ in range(50)))
    assert await inferences(toys) - before == 1
    assert len({json.dumps(told(answer), sort_keys=True) for answer in answers}) == 1
    assert len({answer["request_id"] for answer in answers}) == 50
    assert sum(answer["cached"] for answer in answers) == 49


async def test_two_gateways_share_what_they_know(toys: System, api: httpx.AsyncClient) -> None:
    """All lies in Redis before the other begins: of what is written later it hears within a second.

    Many pictures: one that it must answer while Redis seems slow to it, on a busy machine, it works out itself.
    """
    kept = iter([await until_kept(toys, api, fresh_picture()) for _ in range(40)])
    async with another_gateway(toys) as gateway, client_of(toys, gateway) as other:

        async def shared() -> bool:
            data, first = next(kept)
            second = await predict(other, data)
            assert not second["cached"] or told(first) == told(second)
            return bool(second["cached"])

        await eventually(shared, 20)


async def test_no_cache_asks_anew_and_no_store_leaves_nothing(toys: System, api: httpx.AsyncClient) -> None:
    data = fresh_picture()
    for _ in range(2):
        assert not (await predict(api, data, **{"Cache-Control": "no-store"}))["cached"]
    assert not (await predict(api, data))["cached"]
    await until_cached(api, data)
    before = await inferences(toys)
    assert not (await predict(api, data, **{"Cache-Control": "no-cache"}))["cached"]
    assert await inferences(toys) - before == 1
    assert (await predict(api, data))["cached"]


async def test_without_caching_each_request_is_an_inference(toys: System) -> None:
    async with another_gateway(toys, ENABLE_MODEL_CACHING="false") as gateway, client_of(toys, gateway) as api:
        before, data = await inferences(toys), fresh_picture()
        answers = await asyncio.gather(*(predict(api, data) for _ in range(4)))
        assert await inferences(toys) - before == 4
        assert not any(answer["cached"] for answer in answers)


async def test_options_are_not_mixed_up(api: httpx.AsyncClient) -> None:
    """The original's path and the model's name mean the same; another service's answer is another's."""
    data = fresh_picture()
    await predict(api, data)
    await until_cached(api, data)
    assert (await api.post("/api/predict/toy", content=data, headers={"Content-Type": "image/png"})).json()["cached"]
    assert (await api.post("/api/predict/xray", files={"file": ("a", data)})).status_code == 503


async def test_other_weights_never_give_an_old_answer(toys: System, api: httpx.AsyncClient) -> None:
    """First another version, then other contents under the same version, then the first version again."""
    data = png((231, 20, 20))
    old = await predict(api, data)
    await until_cached(api, data)
    root = write_toy_bundle(toys.models, version="1.0.1")
    try:
        second = await answer_of_all(api, data, unlike={old["model_digest"]})
        edit_manifest(root, sharpen)
        third = await answer_of_all(api, data, unlike={old["model_digest"], second["model_digest"]})
    finally:
        shutil.rmtree(root)
    back = await answer_of_all(api, data, unlike={second["model_digest"], third["model_digest"]})
    assert [answer["model_version"] for answer in (old, second, third, back)] == ["1.0.0", "1.0.1", "1.0.1", "1.0.0"]
    assert third["probabilities"] != second["probabilities"]
    assert back["model_digest"] == old["model_digest"]
    assert back["probabilities"] == old["probabilities"]
    await both_ready(toys)


def sharpen(manifest: dict[str, Any]) -> None:
    signature = manifest["signatures"]["image"]
    signature["calibration"]["temperature"] = 3.0
    signature["golden"]["tolerance"] = 0.05


async def answer_of_all(api: httpx.AsyncClient, data: bytes, unlike: set[str]) -> dict[str, Any]:
    """Waits until both instances hold the same weights, none of ``unlike``: then no answer is of others."""

    async def digests() -> set[str]:
        found = (await api.get("/api/health")).json()["services"]["toy"]["instances"]
        return {one["digest"] for one in found}

    async def changed() -> bool:
        found = await digests()
        return len(found) == 1 and not found & unlike

    await eventually(changed, 20)
    answers = [await predict(api, data) for _ in range(10)]
    assert {answer["model_digest"] for answer in answers} == await digests()
    return answers[-1]


async def test_the_leader_hangs_up_and_the_others_have_their_answer(toys: System, api: httpx.AsyncClient) -> None:
    before = await inferences(toys)
    large = encode(photo((4000, 4000), seed=uuid.uuid4().int % 100), "JPEG")
    leader = asyncio.create_task(predict(api, large))

    async def begun() -> bool:
        async with httpx.AsyncClient() as client:
            return await metric(client, toys.url, "http_requests_in_flight") >= 2  # one of them reads this

    await eventually(begun)
    others = [asyncio.create_task(predict(api, large)) for _ in range(5)]
    await asyncio.sleep(0.05)
    leader.cancel()
    answers = await asyncio.gather(*others)
    assert len({json.dumps(told(answer), sort_keys=True) for answer in answers}) == 1
    assert await inferences(toys) - before <= 2


async def test_what_lies_in_redis_is_an_answer_and_no_picture(toys: System, api: httpx.AsyncClient) -> None:
    data = fresh_picture()
    answer = await predict(api, data)
    await until_cached(api, data)
    async with Redis.from_url(toys.redis.url) as redis:
        keys = await keys_of(redis)
        values = [value for key in keys if (value := await redis.get(key))]
        lives = [await redis.ttl(key) for key in keys]
    assert any(json.loads(value)["request_id"] == answer["request_id"] for value in values)
    assert all(set(json.loads(value)) == set(answer) for value in values)
    assert not any(data[8:40] in value or b"PNG" in value or b"iVBOR" in value for value in values)
    assert all(0 < life <= 3600 for life in lives)


async def test_what_is_no_answer_in_the_cache_is_ignored(toys: System, api: httpx.AsyncClient) -> None:
    data = fresh_picture()
    await predict(api, data)
    await until_cached(api, data)
    async with Redis.from_url(toys.redis.url) as redis:
        for garbage in (b"", b"garbage", b"\xff\xfe\x00", b"{}", b"[" * 5000, b"null"):
            for key in await keys_of(redis):
                await redis.set(key, garbage, ex=60)
            assert not (await predict(api, data))["cached"]
            await until_cached(api, data)
        for key in await keys_of(redis):
            await redis.delete(key)
            await redis.lpush(key, "a list")
            await redis.expire(key, 60)
        assert not (await predict(api, data))["cached"]
        await redis.delete(*await keys_of(redis))
