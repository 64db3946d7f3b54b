"""Hands out an answer of the chatbot: whole or in pieces, and with a word when the conversation could not be kept."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from shared.contract import ChatAnswer
from shared.http.sse import event, event_stream, pieces, wants_stream

MEMORY = "X-Session-Memory"
UNAVAILABLE = "unavailable"


def chat_response(request: Request, answer: ChatAnswer, *, remembered: bool) -> Response:
    """JSON; events ``delta`` (pieces of the text) and one ``answer`` (all of it) to a caller that accepts them."""
    headers = {} if remembered else {MEMORY: UNAVAILABLE}
    if wants_stream(request):
        return event_stream(_events(answer), headers)
    return JSONResponse(answer.model_dump(mode="json"), headers=headers)


def _events(answer: ChatAnswer) -> Iterator[bytes]:
    for piece in pieces(answer.response):
        yield event(piece, "delta")
    yield event(answer.model_dump_json(), "answer")
