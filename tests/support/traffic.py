"""A day of a clinic in seconds: every kind of request that the system knows, good and bad."""

from __future__ import annotations

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
        feedback = f"/api/predictions/{answer.json()['request_id']}/feedback"
        assert (await client.post(feedback, json={"verdict": "agree"})).is_success
        assert (await client.post(f"/api/predict/{model}", content=b"no picture")).status_code == 400
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
        assert (await stranger.post("/api/token", data=form)).status_code == 401
        assert (await stranger.get("/api/health")).status_code == 200
