"""A day of a clinic in seconds: every kind of request that the system knows, good and bad."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from tests.conftest import REPOSITORY
from tests.support.requests import IMAGE_MODELS, uploads
from tests.support.system import System

MODELS = {
    "lung_colon": "lung_colon",
    "monkeypox": "monkeypox",
    "palm": "palm_disease",
    "tumor": "tumor",
    "xray": "xray",
}
"""Service → model."""
_MEANS = [0.2, 0.2, 0.2, 0.1, 0.3]
"""Of a palm: red, green, blue, saturation, brightness."""
_NIGHT_S = 8.0
"""Between two days: no more than a user may ask in a minute."""
_QUESTIONS = (
    "What are the symptoms of migraine?",
    "ما هي أعراض فقر الدم؟",
    "I have crushing chest pain and cannot breathe",
    "hello",
    "Which stocks should I buy?",
)


async def exercise(system: System, client: httpx.AsyncClient) -> None:
    """Asks every model: a picture that it knows, again (from the cache), strange ones, none; all else once."""
    for model in IMAGE_MODELS:
        golden = next((REPOSITORY / "models" / model.removesuffix("_disease")).glob("*/golden.png")).read_bytes()
        for headers in ({}, {}, {"Cache-Control": "no-cache"}):
            answer = await client.post(f"/api/predict/{model}", files={"file": ("a.png", golden)}, headers=headers)
            assert answer.status_code == 200, answer.text
        assert (await client.post(f"/api/predict/{model}", content=b"no picture")).status_code == 400
    for verdict in ({"verdict": "agree"}, {"verdict": "disagree", "label": "other"}):
        headers = {"Cache-Control": "no-cache"}
        answer = await client.post("/api/predict/palm_disease", json=_MEANS, headers=headers)
        assert answer.json()["result"], "numbers pass no gate: there is a label"
        feedback = f"/api/predictions/{answer.json()['request_id']}/feedback"
        assert (await client.post(feedback, json=verdict)).is_success
    for model, data in uploads(10):
        assert (await client.post(f"/api/predict/{model}", files={"file": ("a", data)})).status_code == 200
    for question in _QUESTIONS:
        assert (await client.post("/api/chatbot", json={"message": question})).status_code == 200
    await _refused(system, client)


async def _refused(system: System, client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/predict/no-such-model", content=b"x")).status_code == 404
    assert (await client.get("/api/users")).status_code == 403
    async with httpx.AsyncClient(base_url=system.url) as stranger:
        assert (await stranger.get("/api/models")).status_code == 401
        form = {"username": "somebody", "password": "not-the-right-one"}
        assert (await stranger.post("/api/token", data=form)).status_code in (401, 429)
        assert (await stranger.get("/api/health")).status_code == 200


@contextmanager
def busy(system: System) -> Iterator[None]:
    """Such days, one after the other, all the while."""
    over = threading.Event()

    async def go_on() -> None:
        key = {"Authorization": f"Bearer {system.make_key()}"}  # of its own: the limit of the others' is theirs
        async with httpx.AsyncClient(base_url=system.url, headers=key, timeout=60) as client:
            while not await asyncio.to_thread(over.wait, _NIGHT_S):
                await exercise(system, client)

    with ThreadPoolExecutor(1) as pool:
        days = pool.submit(lambda: asyncio.run(go_on()))
        try:
            yield
        finally:
            over.set()
            days.result()
