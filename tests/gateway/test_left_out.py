"""A model that an installation does without on purpose: as one that there is not, nobody is told that it is away."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gateway.settings import GatewaySettings
from tests.gateway.faked import Faked, faked

COMPLETION = {"model": "chatbot", "messages": [{"role": "user", "content": "hello"}]}


@pytest_asyncio.fixture
async def few(alone: GatewaySettings) -> AsyncIterator[Faked]:
    """One that should have `xray` alone."""
    async with faked(alone.model_copy(update={"expected_services": ("xray",)})) as found:
        yield found


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/predict/palm", {}),
        ("POST", "/api/palm_disease", {}),
        ("GET", "/api/models/palm_disease", None),
        ("POST", "/v2/models/palm_disease/infer", {"inputs": []}),
        ("POST", "/api/chatbot", {"message": "hello"}),
        ("DELETE", "/api/chatbot/a-session-of-mine", None),
        ("POST", "/v1/chat/completions", COMPLETION),
        ("GET", "/v1/models/chatbot", None),
    ],
)
async def test_it_is_404_and_counts_for_no_model(few: Faked, method: str, path: str, body: object) -> None:
    answer = await few.api.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_MODEL")
    assert answer.json()["models"] == ["xray"]
    assert await few.counted("model_requests_total") == {}


async def test_no_list_has_it(few: Faked) -> None:
    assert [row["model"] for row in (await few.api.get("/api/models")).json()["models"]] == ["xray"]
    assert (await few.api.get("/v1/models")).json()["data"] == []
    assert [row["name"] for row in (await few.api.post("/v2/repository/index")).json()] == ["xray"]


async def test_it_has_no_series(few: Faked) -> None:
    text = await few.text()
    assert 'model_availability{model="xray"}' in text
    assert re.findall(r'(?:model|service)="(?:palm|chatbot)', text) == []


async def test_what_is_there_still_answers(few: Faked) -> None:
    assert (await few.predict()).status_code == 200
    assert (await few.predict("/api/predict/heart")).json()["models"] == ["xray"]
