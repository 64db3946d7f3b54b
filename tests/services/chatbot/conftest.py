"""The shipped chatbot, loaded once; phrases that nothing was tuned on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chatbot.app import create_app
from services.chatbot.conversation import Turn
from services.chatbot.engine import Draft, Question
from services.chatbot.loader import ChatLoader, LoadedChat
from services.chatbot.settings import ChatbotSettings
from services.chatbot.topics import Language
from tests.conftest import REPOSITORY
from tests.support.apps import running, until_ready
from tests.support.processes import RedisServer

HELD_OUT = Path(__file__).resolve().parent / "data"
MODELS = REPOSITORY / "models"
Ask = Callable[..., Draft]


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HELD_OUT / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def model() -> Iterator[LoadedChat]:
    loaded = ChatLoader(ChatbotSettings(model_path=MODELS)).load(None)
    yield loaded
    loaded.close()


@pytest.fixture(scope="session")
def ask(model: LoadedChat) -> Ask:
    """One message through the engine; the held-out ones are asked by several tests, and answered once."""

    @cache
    def alone(text: str, language: Language | None) -> Draft:
        return model.engine.answer(Question(text, language))

    def answer(text: str, language: Language | None = None, turns: Sequence[Turn] = ()) -> Draft:
        return model.engine.answer(Question(text, language, turns)) if turns else alone(text, language)

    return answer


@pytest.fixture
def settings(redis_server: RedisServer) -> ChatbotSettings:
    return ChatbotSettings(
        model_path=MODELS, redis_url=redis_server.url, advertise_address="http://chatbot", instance_id="chatbot-1"
    )


@pytest.fixture
async def chatbot(settings: ChatbotSettings) -> AsyncIterator[httpx.AsyncClient]:
    """The service, ready, with a Redis."""
    async with running(create_app(settings)) as client:
        await until_ready(client)
        yield client
