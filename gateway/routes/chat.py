"""Questions to the chatbot, in our own form. OpenAI's: `openai`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from gateway.examples import CHAT_RESPONSES
from gateway.security import SignedIn
from gateway.state import state_of
from shared.contract import SESSION_ID, ChatAnswer, ChatRequest
from shared.http.chat import chat_response
from shared.http.deadline import request_deadline
from shared.http.disconnect import until_disconnect

router = APIRouter(tags=["chat"])


@router.post("/api/chatbot", summary="Ask", response_model=ChatAnswer, responses=CHAT_RESPONSES)
async def ask(request: Request, message: ChatRequest, caller: SignedIn) -> Response:
    """Answers a question about health in English or Arabic, with its sources; an emergency is told apart first.

    With `Accept: text/event-stream` the answer comes as events `delta` (pieces of the text) and one `answer` (all of
    it). Nothing is sent before it has passed its checks. The header `X-Session-Memory: unavailable` says that the
    conversation could not be kept.
    """
    state = state_of(request)
    deadline = request_deadline(request, state.settings.request_timeout_s)
    answer, remembered = await until_disconnect(request, state.upstream.chat(message, deadline))
    return chat_response(request, answer, remembered=remembered)


@router.delete("/api/chatbot/{session_id}", summary="Forget a conversation", status_code=204)
async def forget(request: Request, session_id: Annotated[str, Path(pattern=SESSION_ID)], caller: SignedIn) -> None:
    """Deletes what is remembered of a conversation."""
    state = state_of(request)
    await state.upstream.forget(session_id, request_deadline(request, state.settings.request_timeout_s))
