"""Questions to the chatbot, in our own form. OpenAI's: `openai`."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from gateway import examples
from gateway.auth.caller import Caller
from gateway.idempotency import REPLAYED
from gateway.policy import SignedIn, check_model, needs
from gateway.routing.upstream import CHATBOT
from gateway.state import GatewayState, state_of
from gateway.trail import Entry
from shared.contract import SESSION_ID, ChatAnswer, ChatRequest
from shared.http.chat import chat_response
from shared.http.deadline import Deadline, request_deadline
from shared.http.disconnect import until_disconnect
from shared.http.document import DEADLINE_PARAMETER, refusals

router = APIRouter(tags=["chat"])
_FORGET = needs("clinician", openapi_extra={"parameters": [DEADLINE_PARAMETER]}, responses=refusals(404, 504))


@router.post("/api/chatbot", summary="Ask", response_model=ChatAnswer, **needs("clinician", **examples.CHATBOT))
async def ask(request: Request, message: ChatRequest, caller: SignedIn) -> Response:
    """Answers a question about health in English or Arabic, with its sources; an emergency is told apart first.

    With `Accept: text/event-stream` the answer comes as events `delta` (pieces of the text) and one `answer` (all of
    it). Nothing is sent before it has passed its checks. The header `X-Session-Memory: unavailable` says that the
    conversation could not be kept. A session belongs to the account that began it.
    """
    state = state_of(request)
    state.service_of(CHATBOT)
    deadline = request_deadline(request, state.settings.request_timeout_s)
    remembered = True
    with state.trail.entry(request, "chat", model=CHATBOT) as entry:
        check_model(caller, CHATBOT)

        async def work() -> str:
            nonlocal remembered
            answer, remembered = await until_disconnect(request, converse(state, caller, message, deadline))
            return answer.model_dump_json()

        answered, replayed = await state.idempotency.once(
            request, caller, lambda: state.keyring.digest("input", message.model_dump_json()), work
        )
        answer = ChatAnswer.model_validate_json(answered)
        note_answer(entry, answer)
    response = chat_response(request, answer, remembered=remembered)
    if replayed:
        response.headers[REPLAYED] = "true"
    return response


@router.delete("/api/chatbot/{session_id}", summary="Forget a conversation", status_code=204, **_FORGET)
async def forget(request: Request, session_id: Annotated[str, Path(pattern=SESSION_ID)], caller: SignedIn) -> None:
    """Deletes what is remembered of a conversation."""
    state = state_of(request)
    state.service_of(CHATBOT)
    with state.trail.entry(request, "chat_forget", model=CHATBOT):
        check_model(caller, CHATBOT)
        deadline = request_deadline(request, state.settings.request_timeout_s)
        await state.upstream.forget(_owned(state, caller, session_id), deadline)


async def converse(
    state: GatewayState, caller: Caller, message: ChatRequest, deadline: Deadline
) -> tuple[ChatAnswer, bool]:
    """The answer, and whether it is remembered. The chatbot knows the session under a name that is the account's own:
    another account that gives the same id meets another conversation."""
    session = message.session_id or uuid.uuid4().hex
    owned = message.model_copy(update={"session_id": _owned(state, caller, session)})
    async with state.predictions.places(CHATBOT).take(deadline):
        answer, remembered = await state.upstream.chat(owned, deadline)
    return answer.model_copy(update={"session_id": session}), remembered


def note_answer(entry: Entry, answer: ChatAnswer) -> None:
    """What the audit log may know of an answer: never its words, nor the topic that gives the question away."""
    entry.note(model_version=answer.model_version, decision=answer.kind, confidence=answer.confidence)


def _owned(state: GatewayState, caller: Caller, session_id: str) -> str:
    return state.keyring.digest("session", caller.id, session_id)
