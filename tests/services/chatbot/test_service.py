"""The service over HTTP: answers, sessions, streams, protocols, and what happens when things go wrong."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from services.chatbot.app import create_app
from services.chatbot.engine import Engine
from services.chatbot.generation import Generator
from services.chatbot.settings import ChatbotSettings
from services.chatbot.topics import KNOWLEDGE
from shared.contract import ChatAnswer
from shared.http.chat import MEMORY
from tests.services.chatbot.checkpoints import FOREIGN, write_causal, write_t5
from tests.services.chatbot.conftest import MODELS
from tests.support.apps import running, until_ready
from tests.support.processes import RedisServer, eventually

ASK = {"message": "What are the symptoms of migraine?"}


async def test_an_answer(chatbot: httpx.AsyncClient) -> None:
    response = await chatbot.post("/chat", json=ASK)
    answer = ChatAnswer.model_validate_json(response.content)
    assert response.status_code == 200
    assert MEMORY not in response.headers
    assert answer.sources[0].topic == "migraine"
    assert answer.disclaimer.startswith("For education and research only.")
    assert (answer.red_flag, answer.urgency, answer.generated) == (False, "routine", False)


async def test_a_stream_is_the_answer_in_pieces(chatbot: httpx.AsyncClient) -> None:
    response = await chatbot.post("/chat", json=ASK, headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [event.split("\n") for event in response.text.strip().split("\n\n")]
    deltas = ["\n".join(line[6:] for line in lines[1:]) for lines in events if lines[0] == "event: delta"]
    (last,) = [lines for lines in events if lines[0] == "event: answer"]
    assert "".join(deltas) == json.loads(last[1][6:])["response"]


async def test_a_conversation_and_its_end(chatbot: httpx.AsyncClient) -> None:
    first = (await chatbot.post("/chat", json={"message": "What is pneumonia?"})).json()
    session = {"session_id": first["session_id"]}
    second = (await chatbot.post("/chat", json={"message": "and in children?", **session})).json()
    assert second["sources"][0]["topic"] == "pneumonia_in_children"
    assert (await chatbot.delete(f"/chat/{first['session_id']}")).status_code == 204
    third = (await chatbot.post("/chat", json={"message": "and in children?", **session})).json()
    assert third["kind"] == "clarify"


async def test_the_last_topic_outlives_more_refusals_than_turns_are_kept(chatbot: httpx.AsyncClient) -> None:
    first = (await chatbot.post("/chat", json={"message": "What is a migraine?"})).json()
    session = {"session_id": first["session_id"]}
    for _ in range(4):
        refused = await chatbot.post("/chat", json={"message": "Please prescribe me amoxicillin", **session})
        assert refused.json()["kind"] == "refusal"
    then = (await chatbot.post("/chat", json={"message": "How is it treated?", **session})).json()
    assert then["sources"][0]["topic"] == "migraine"


async def test_two_instances_carry_one_conversation(settings: ChatbotSettings) -> None:
    other = settings.model_copy(update={"instance_id": "chatbot-2"})
    async with running(create_app(settings)) as first, running(create_app(other)) as second:
        await asyncio.gather(until_ready(first), until_ready(second))
        begun = (await first.post("/chat", json={"message": "What is chickenpox?"})).json()
        message = {"message": "is it contagious?", "session_id": begun["session_id"]}
        answer = (await second.post("/chat", json=message)).json()
    assert (answer["instance"], answer["sources"][0]["topic"]) == ("chatbot-2", "chickenpox")


async def test_without_redis_each_message_stands_alone(chatbot: httpx.AsyncClient, redis_server: RedisServer) -> None:
    begun = (await chatbot.post("/chat", json={"message": "What is chickenpox?"})).json()
    redis_server.stop()
    response = await chatbot.post("/chat", json={"message": "is it contagious?", "session_id": begun["session_id"]})
    assert (response.status_code, response.headers[MEMORY]) == (200, "unavailable")
    assert response.json()["kind"] == "clarify"
    assert (await chatbot.delete(f"/chat/{begun['session_id']}")).status_code == 503
    redis_server.start()
    assert MEMORY not in (await chatbot.post("/chat", json=ASK)).headers


async def test_redis_holds_no_answers_and_forgets(chatbot: httpx.AsyncClient, redis_server: RedisServer) -> None:
    from redis.asyncio import Redis

    answer = (await chatbot.post("/chat", json=ASK)).json()
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        (key,) = [key async for key in redis.scan_iter("doctorai:chat:*")]
        kept = "".join(await redis.lrange(key, 0, -1))
        assert 0 < await redis.ttl(key) <= 1800
    assert kept
    assert answer["response"][:40] not in kept


async def test_redis_holds_nothing_that_can_be_read_without_the_sessions_id(
    chatbot: httpx.AsyncClient, redis_server: RedisServer
) -> None:
    from redis.asyncio import Redis

    answer = (await chatbot.post("/chat", json=ASK)).json()
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        (key,) = [key async for key in redis.scan_iter("doctorai:chat:*")]
        kept = "".join(await redis.lrange(key, 0, -1))
    assert answer["session_id"] not in key + kept
    assert not any(word in kept for word in [*ASK["message"].split(), answer["sources"][0]["topic"]])


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "body.message"),
        ({"message": ""}, "body.message"),
        ({"message": "\u0000\u200f"}, "body.message"),
        ({"message": "a" * 100_000}, "body.message"),
        ({"message": 5}, "body.message"),
        ({"message": "hi", "language": "fr"}, "body.language"),
        ({"message": "hi", "session_id": "../../etc"}, "body.session_id"),
        ({"message": "hi", "session_id": "a" * 65}, "body.session_id"),
        ({"message": "hi", "history": [{"role": "wizard", "content": "x"}]}, "body.history"),
    ],
)
async def test_bad_input(chatbot: httpx.AsyncClient, body: dict[str, Any], where: str) -> None:
    response = await chatbot.post("/chat", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "VALIDATION_ERROR")
    assert where in response.json()["detail"]


async def test_bodies_that_are_not_json_or_too_large(chatbot: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    for content in (b"", b"{", b"\xff\xfe", b"[" * 5000):
        assert (await chatbot.post("/chat", content=content, headers=headers)).status_code == 422
    assert (await chatbot.post("/chat", json={"message": "a" * 1_000_000})).status_code == 413


async def test_lone_surrogates_do_no_harm(chatbot: httpx.AsyncClient) -> None:
    content = b'{"message": "\\ud800 migraine symptoms"}'
    response = await chatbot.post("/chat", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code in (200, 422)


async def test_open_inference_protocol(chatbot: httpx.AsyncClient) -> None:
    metadata = (await chatbot.get("/v2/models/chatbot")).json()
    assert metadata["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    assert (await chatbot.get("/v2/models/chatbot/ready")).json()["ready"] is True
    texts = ["What is migraine?", "ما هو الصداع النصفي؟"]
    body = {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [2], "data": texts}]}
    answer = (await chatbot.post("/v2/models/chatbot/infer", json=body)).json()
    outputs = {output["name"]: output["data"] for output in answer["outputs"]}
    assert outputs["topic"] == ["migraine", "migraine"]
    assert outputs["language"] == ["en", "ar"]
    assert "Migraine" in outputs["response"][0]


@pytest.mark.parametrize(
    "tensor",
    [
        {"name": "image", "datatype": "BYTES", "shape": [1], "data": ["x"]},
        {"name": "text", "datatype": "FP32", "shape": [1], "data": [1.0]},
        {"name": "text", "datatype": "BYTES", "shape": [17], "data": ["x"] * 17},
        {"name": "text", "datatype": "BYTES", "shape": [1], "data": ["a" * 5000]},
    ],
)
async def test_open_inference_protocol_refusals(chatbot: httpx.AsyncClient, tensor: dict[str, Any]) -> None:
    response = await chatbot.post("/v2/models/chatbot/infer", json={"inputs": [tensor]})
    assert response.status_code in (413, 422)
    assert (await chatbot.get("/v2/models/tumor")).status_code == 404
    assert (await chatbot.get("/v2/models/chatbot/versions/9.9.9")).status_code == 404


async def test_tritonclient(chatbot: httpx.AsyncClient) -> None:
    from tritonclient.utils import serialize_byte_tensor

    data = serialize_byte_tensor(np.array([b"What is migraine?"], dtype=object)).item()
    head = {
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": len(data)}}]
    }
    text = json.dumps(head).encode()
    headers = {"Inference-Header-Content-Length": str(len(text))}
    response = await chatbot.post("/v2/models/chatbot/infer", content=text + data, headers=headers)
    assert response.status_code == 200, response.text


async def test_card(chatbot: httpx.AsyncClient) -> None:
    card = (await chatbot.get("/card")).json()
    assert card["knowledge"]["topics"] >= 150
    assert card["language_model"] is None


async def test_a_topic_that_is_edited_is_answered_without_a_restart(settings: ChatbotSettings, tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    for path in KNOWLEDGE.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    app = create_app(settings.model_copy(update={"watch_interval_s": 0.05}), folder)
    async with running(app) as client:
        await until_ready(client)
        path = folder / "migraine.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("Throbbing headache", "Pulsating headache"), "utf-8")

        async def edited() -> bool:
            return "Pulsating" in (await client.post("/chat", json=ASK)).json().get("response", "")

        await eventually(edited, 20)
        path.write_text("not: a topic", "utf-8")

        async def refused() -> bool:
            answer = await client.get("/health/ready")
            return answer.status_code == 503 and "migraine.yaml" in answer.json()["reason"]

        await eventually(refused, 20)


async def test_a_t5_checkpoint_of_the_user(settings: ChatbotSettings, tmp_path: Path) -> None:
    write_t5(tmp_path / "models" / "chatbot", FOREIGN)
    async with running(create_app(settings.model_copy(update={"model_path": tmp_path / "models"}))) as client:
        await until_ready(client, 60)
        assert (await client.get("/card")).json()["language_model"] == "chatbot"
        answer = (await client.post("/chat", json=ASK)).json()
    assert answer["generated"] is False, "what no source says must not be shown"
    assert "Migraine" in answer["response"]


async def test_pytorch_available_false_leaves_the_checkpoint_alone(settings: ChatbotSettings, tmp_path: Path) -> None:
    write_t5(tmp_path / "models" / "chatbot")
    update = {"model_path": tmp_path / "models", "pytorch_available": False}
    async with running(create_app(settings.model_copy(update=update))) as client:
        await until_ready(client, 60)
        assert (await client.get("/card")).json()["language_model"] is None


@pytest.fixture
def slow(settings: ChatbotSettings, tmp_path: Path) -> FastAPI:
    """A service whose language model would write for minutes, on one worker."""
    write_causal(tmp_path / "models" / "chatbot")
    update = {
        "model_path": tmp_path / "models",
        "workers": 1,
        "generation_max_tokens": 2000,
        "generation_timeout_s": 600,
    }
    return create_app(settings.model_copy(update=update))


async def test_a_client_that_hangs_up_frees_the_worker(slow: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = asyncio.Event()
    loop, really = asyncio.get_running_loop(), Generator.write

    def write(self: Generator, *arguments: Any) -> str:
        loop.call_soon_threadsafe(writing.set)
        while not arguments[-1].wait(0.01):  # a model that only a caller's leaving ends
            pass
        return really(self, *arguments)

    monkeypatch.setattr(Generator, "write", write)
    async with running(slow) as client:
        await until_ready(client, 60)
        call = asyncio.create_task(client.post("/chat", json=ASK))
        await writing.wait()
        pool = slow.state.service.host.loaded.pool
        assert pool.busy == 1
        call.cancel()

        async def free() -> bool:
            return pool.busy == 0

        await eventually(free, 5)
        assert slow.state.service.chat.in_flight == 0


async def test_a_deadline_that_passes(slow: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Generator, "write", lambda self, *arguments: arguments[-1].wait(30) and "")
    async with running(slow) as client:
        await until_ready(client, 60)
        response = await client.post("/chat", json=ASK, headers={"X-Request-Timeout-Ms": "200"})
    assert (response.status_code, response.json()["code"]) == (504, "TIMEOUT")


async def test_the_golden_question_keeps_a_broken_index_from_serving(
    settings: ChatbotSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = Engine.find

    def confused(self: Engine, text: str, language: Any) -> Any:
        found, sure = really(self, text, language)
        return type(found)(tuple(reversed(found.topics)), found.evidence), sure

    monkeypatch.setattr(Engine, "find", confused)
    async with running(create_app(settings)) as client:

        async def refused() -> bool:
            answer = await client.get("/health/ready")
            return answer.status_code == 503 and "warm-up question" in answer.json()["reason"]

        await eventually(refused, 30)


async def test_a_damaged_bundle(settings: ChatbotSettings, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "chatbot" / "1.0.0"
    shutil.copytree(MODELS / "chatbot" / "1.0.0", folder)
    (folder / "kinds.npz").write_bytes(b"x")
    async with running(create_app(settings.model_copy(update={"model_path": tmp_path / "models"}))) as client:

        async def refused() -> bool:
            answer = await client.get("/health/ready")
            return answer.status_code == 503 and "kinds.npz does not match" in answer.json()["reason"]

        await eventually(refused, 30)
