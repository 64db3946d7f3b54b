"""The routes of the chatbot that are ours. Open Inference Protocol: `oip`; health: `shared.service.operations`."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.chatbot.card import chat_card
from services.chatbot.service import Reply
from services.chatbot.state import state_of
from shared.contract import SESSION_ID, ChatRequest
from shared.errors import ModelUnavailable, ValidationFailed
from shared.http.deadline import request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.memory import memory_header
from shared.http.sse import event, event_stream, pieces, wants_stream

router = APIRouter()


@router.post("/chat")
async def chat(request: Request, message: ChatRequest) -> Response:
    """Answers a message; as server-sent events ``delta`` … and ``answer`` when the caller accepts them."""
    state = state_of(request)
    deadline = request_deadline(request, state.settings.request_timeout_s)
    reply = await until_disconnect(request, state.chat.answer(message, deadline))
    headers = memory_header(remembered=reply.remembered)
    if wants_stream(request):
        return event_stream(_events(reply), headers)
    return JSONResponse(reply.answer.model_dump(mode="json"), headers=headers)


@router.delete("/chat/{session_id}", status_code=204)
async def forget(request: Request, session_id: str) -> None:
    """Deletes what is remembered of a conversation. 503 when Redis does not answer."""
    if not re.fullmatch(SESSION_ID, session_id):
        raise ValidationFailed("path.session_id: 8 to 64 letters, digits, - or _ are wanted.")
    if not await state_of(request).chat.conversations.forget(session_id):
        raise ModelUnavailable("Redis does not answer: the conversation is kept until its time is up.")


@router.get("/card")
async def card(request: Request) -> dict[str, Any]:
    """The model card: what the chatbot is for, how good it is, and what it cannot do."""
    return chat_card(state_of(request).host.require())


def _events(reply: Reply) -> list[bytes]:
    answer = reply.answer
    deltas = [event(piece, "delta") for piece in pieces(answer.response)]
    return [*deltas, event(answer.model_dump_json(), "answer")]
