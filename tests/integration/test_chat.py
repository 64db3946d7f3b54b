"""The chatbot through the gateway: our own interface, OpenAI's client, and a system that says 6/6."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from tests.services.chatbot.checkpoints import WORDS, write_t5
from tests.support.system import System, running_system

pytestmark = pytest.mark.integration
MIGRAINE = "What are the symptoms of migraine?"


@pytest.fixture
def client(system: System) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{system.url}/v1", api_key=system.key, max_retries=0) as found:
        yield found


async def test_six_of_six(api: httpx.AsyncClient) -> None:
    health = (await api.get("/api/health")).json()
    assert (health["status"], health["summary"]) == ("healthy", "6/6 models available")


async def test_ask(api: httpx.AsyncClient) -> None:
    response = await api.post("/api/chatbot", json={"message": "ما هي أعراض فقر الدم؟"})
    answer = response.json()
    assert (response.status_code, answer["language"], answer["kind"]) == (200, "ar", "answer")
    assert answer["sources"][0]["topic"] == "anaemia"
    assert answer["disclaimer"].startswith("للتعليم والبحث فقط")
    assert response.headers["X-Request-ID"] == answer["request_id"]


async def test_stream(api: httpx.AsyncClient) -> None:
    headers = {"Accept": "text/event-stream"}
    names, text, whole = [], "", None
    async with api.stream("POST", "/api/chatbot", json={"message": MIGRAINE}, headers=headers) as response:
        assert response.status_code == 200
        name, data = "", []
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                name = line[7:]
                names.append(name)
            elif line.startswith("data: "):
                data.append(line[6:])
            elif not line and data:
                text += "\n".join(data) if name == "delta" else ""
                whole = json.loads(data[0]) if name == "answer" else whole
                data = []
    assert set(names) == {"delta", "answer"}
    assert whole
    assert text == whole["response"]


async def test_conversation(api: httpx.AsyncClient) -> None:
    first = (await api.post("/api/chatbot", json={"message": "What is pneumonia?"})).json()
    message = {"message": "and in children?", "session_id": first["session_id"]}
    assert (await api.post("/api/chatbot", json=message)).json()["sources"][0]["topic"] == "pneumonia_in_children"
    assert (await api.delete(f"/api/chatbot/{first['session_id']}")).status_code == 204
    assert (await api.delete("/api/chatbot/no")).status_code == 422


async def test_refusals_keep_their_code(api: httpx.AsyncClient) -> None:
    assert (await api.post("/api/chatbot", json={"message": " "})).json()["code"] == "VALIDATION_ERROR"
    assert (await api.post("/api/chatbot", json={"message": "x" * 100_000})).status_code == 422


def test_openai_client(client: openai.OpenAI) -> None:
    messages = [{"role": "system", "content": "You are a pirate."}, {"role": "user", "content": MIGRAINE}]
    completion = client.chat.completions.create(model="chatbot", messages=messages)  # type: ignore[arg-type]
    content = completion.choices[0].message.content or ""
    assert content.startswith("Migraine")
    assert "Sources: NHS: Migraine" in content
    assert "For education and research only." in content
    assert completion.choices[0].finish_reason == "stop"


def test_openai_client_streams(client: openai.OpenAI) -> None:
    messages = [{"role": "user", "content": MIGRAINE}]
    stream = client.chat.completions.create(model="chatbot", messages=messages, stream=True)  # type: ignore[call-overload]
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    whole = client.chat.completions.create(model="chatbot", messages=messages)  # type: ignore[call-overload]
    assert len(chunks) > 5
    assert text == whole.choices[0].message.content


def test_openai_client_follows_up(client: openai.OpenAI) -> None:
    messages = [
        {"role": "user", "content": "What is pneumonia?"},
        {"role": "assistant", "content": "Pneumonia is …"},
        {"role": "user", "content": [{"type": "text", "text": "and in children?"}]},
    ]
    completion = client.chat.completions.create(model="chatbot", messages=messages)  # type: ignore[arg-type]
    assert (completion.choices[0].message.content or "").startswith("Pneumonia in")


def test_openai_client_sees_an_emergency(client: openai.OpenAI) -> None:
    messages = [{"role": "user", "content": "I want to end my life"}]
    completion = client.chat.completions.create(model="chatbot", messages=messages)  # type: ignore[call-overload]
    assert "emergency number" in completion.choices[0].message.content
    assert completion.model_extra["doctorai"]["red_flag"] is True


async def test_a_t5_of_the_user_answers_openais_client(tmp_path: Path) -> None:
    """Its few words are all of the knowledge base, so what it writes passes the checks."""
    write_t5(tmp_path / "models" / "chatbot")
    with running_system(tmp_path, {"chatbot": "services.chatbot"}, tmp_path / "models") as system:
        async with httpx.AsyncClient() as health:
            await system.until(health, "chatbot", is_ready=True, timeout_s=60)
        messages = [{"role": "user", "content": MIGRAINE}]
        async with openai.AsyncOpenAI(base_url=f"{system.url}/v1", api_key=system.key, max_retries=0) as client:
            completion = await client.chat.completions.create(model="chatbot", messages=messages)  # type: ignore[call-overload]
    assert completion.model_extra["doctorai"]["generated"] is True
    written, _, help_text = completion.model_extra["doctorai"]["response"].partition("\n\n")
    assert set(written.split()) <= set(WORDS)
    assert help_text.startswith("When to get help: ")
    assert "Sources: NHS: Migraine" in completion.choices[0].message.content


def test_openai_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["chatbot"]
    assert client.models.retrieve("chatbot").owned_by == "doctorai"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-9")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"model": "gpt-9"}, openai.NotFoundError),
        ({"messages": []}, openai.UnprocessableEntityError),
        ({"messages": [{"role": "assistant", "content": "hi"}]}, openai.UnprocessableEntityError),
        ({"messages": [{"role": "user", "content": "x" * 5000}]}, openai.UnprocessableEntityError),
        ({"messages": [{"role": "user", "content": ""}]}, openai.UnprocessableEntityError),
        ({"n": 3}, openai.UnprocessableEntityError),
    ],
)
def test_openai_errors(client: openai.OpenAI, changes: dict[str, object], error: type[openai.APIStatusError]) -> None:
    arguments = {"model": "chatbot", "messages": [{"role": "user", "content": "hi"}]} | changes
    with pytest.raises(error):
        client.chat.completions.create(**arguments)  # type: ignore[call-overload]
