"""The chatbot for OpenAI's clients: ``/v1/chat/completions`` and ``/v1/models``.

The caller keeps the conversation. What OpenAI's interface offers beyond words (tools, sampling, several choices) does
not apply to answers from a knowledge base: sampling settings are ignored, more than one choice is refused.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway import examples
from gateway.auth.caller import Caller
from gateway.policy import SignedIn, check_model, needs
from gateway.routes.chat import converse, note_answer
from gateway.routing.upstream import CHATBOT
from gateway.state import GatewayState, state_of
from shared.contract import LONGEST_MESSAGE, ChatAnswer, ChatRequest, ChatTurn
from shared.errors import DoctorAIError, UnknownModel, ValidationFailed
from shared.http.deadline import request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.sse import event, event_stream, pieces

router = APIRouter(prefix="/v1", tags=["openai"])
MODEL = "chatbot"
_SOURCES = {"en": "Sources", "ar": "المصادر"}
_STARTED = int(time.time())


class ContentPart(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: str = ""


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class CompletionRequest(BaseModel):
    """What we read of OpenAI's request; the rest is ignored."""

    model_config = ConfigDict(extra="ignore")
    model: str
    messages: list[Message] = Field(min_length=1, max_length=200)
    stream: bool = False
    n: int | None = Field(default=None, ge=1, le=1)


@router.get("/models", summary="The models that chat", **needs("viewer"))
async def models(request: Request) -> dict[str, Any]:
    return {"object": "list", "data": [_model()] if CHATBOT in state_of(request).monitor.known else []}


@router.get("/models/{model}", summary="One model", **needs("viewer"))
async def model(request: Request, model: str) -> dict[str, Any]:
    _check_model(state_of(request), model)
    return _model()


@router.post("/chat/completions", summary="Chat as with OpenAI", **needs("clinician", **examples.COMPLETIONS))
async def completions(request: Request, asked: CompletionRequest, caller: SignedIn) -> Response:
    """Answers the last message. The text ends with its sources and the disclaimer; `doctorai` holds the whole answer.

    With `stream` the answer comes in chunks, after it has passed its checks.
    """
    state = state_of(request)
    try:
        _check_model(state, asked.model)
        with state.trail.entry(request, "chat", model=MODEL) as entry:
            check_model(caller, MODEL)
            answer = await _answer(request, state, caller, asked)
            note_answer(entry, answer)
    except DoctorAIError as error:
        kind = "invalid_request_error" if error.status < 500 else "server_error"
        error.extra["error"] = {"message": error.detail, "type": kind, "code": error.code.lower(), "param": None}
        raise
    if asked.stream:
        return event_stream(_chunks(answer))
    return JSONResponse(_completion(answer))


async def _answer(request: Request, state: GatewayState, caller: Caller, asked: CompletionRequest) -> ChatAnswer:
    *history, last = asked.messages
    if last.role != "user":
        raise ValidationFailed("body.messages: the last message must be the user's.")
    if len(last.text) > LONGEST_MESSAGE:
        raise ValidationFailed(f"body.messages: the last has more than {LONGEST_MESSAGE} characters.")
    spoken = [message for message in history if message.role in ("user", "assistant")][-6:]
    try:
        turns = [ChatTurn(role=message.role, content=message.text[:LONGEST_MESSAGE]) for message in spoken]
        ours = ChatRequest(message=last.text, history=turns)
    except ValidationError:  # not chained: it holds the message
        raise ValidationFailed("body.messages: a text is not valid Unicode.") from None
    deadline = request_deadline(request, state.settings.request_timeout_s)
    work = converse(state, caller, ours, deadline)
    answer, _ = await until_disconnect(request, work)
    return answer


def _check_model(state: GatewayState, name: str) -> None:
    state.service_of(CHATBOT)
    if name != MODEL:
        raise UnknownModel(f"No model '{name}' here; '{MODEL}' chats.")


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": _STARTED, "owned_by": "doctorai"}


def _text(answer: ChatAnswer) -> str:
    references = dict.fromkeys(source.reference for source in answer.sources)
    sources = [f"{_SOURCES[answer.language]}: {'; '.join(references)}"] if references else []
    return "\n\n".join([answer.response, *sources, answer.disclaimer])


def _completion(answer: ChatAnswer) -> dict[str, Any]:
    message = {"role": "assistant", "content": _text(answer), "refusal": None}
    return {
        **_head("chat.completion", answer),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "doctorai": answer.model_dump(mode="json"),
    }


def _chunks(answer: ChatAnswer) -> Iterator[bytes]:
    head = _head("chat.completion.chunk", answer)

    def chunk(delta: dict[str, Any], finish: str | None = None, **extra: Any) -> bytes:
        return event(json.dumps({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **extra}))

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces(_text(answer)):
        yield chunk({"content": piece})
    yield chunk({}, "stop", doctorai=answer.model_dump(mode="json"))
    yield event("[DONE]")


def _head(kind: str, answer: ChatAnswer) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(answer.timestamp.timestamp()),
        "model": MODEL,
    }
