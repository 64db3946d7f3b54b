"""The routes of the chatbot that are ours. Open Inference Protocol: `oip`; health: `shared.service.operations`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.chatbot.card import chat_card
from services.chatbot.state import state_of
from shared.contract import SESSION_ID, ChatAnswer, ChatRequest
from shared.errors import ModelUnavailable
from shared.http.chat import chat_response
from shared.http.deadline import request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.document import refusals
from shared.http.examples import CHAT_EXTRA, CHAT_RESPONSES

router = APIRouter()


@router.post("/chat", response_model=ChatAnswer, openapi_extra=CHAT_EXTRA, responses=CHAT_RESPONSES)
async def chat(request: Request, message: ChatRequest) -> Response:
    """Answers a message; as server-sent events ``delta`` … and ``answer`` when the caller accepts them."""
    state = state_of(request)
    deadline = request_deadline(request, state.settings.request_timeout_s)
    reply = await until_disconnect(request, state.chat.answer(message, deadline))
    return chat_response(request, reply.answer, remembered=reply.remembered)


@router.delete("/chat/{session_id}", status_code=204, responses=refusals(503))
async def forget(request: Request, session_id: Annotated[str, Path(pattern=SESSION_ID)]) -> None:
    """Deletes what is remembered of a conversation. 503 when Redis does not answer."""
    if not await state_of(request).chat.conversations.forget(session_id):
        raise ModelUnavailable("Redis does not answer: the conversation is kept until its time is up.")


@router.get("/card", responses=refusals(503))
async def card(request: Request) -> dict[str, Any]:
    """The model card: what the chatbot is for, how good it is, and what it cannot do."""
    return chat_card(state_of(request).host.require())
