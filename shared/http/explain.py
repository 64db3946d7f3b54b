"""The query ``explain`` of a prediction, read by hand: the gateway's shortcut does not go through the framework."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from shared.errors import ValidationFailed

EXPLAIN_PARAMETER: dict[str, Any] = {
    "name": "explain",
    "in": "query",
    "required": False,
    "description": "adds why the model says so: a heat map, or what each number contributed",
    "schema": {"type": "boolean", "default": False},
}
_WORDS = {"true": True, "1": True, "false": False, "0": False}


def wants_explanation(request: Request) -> bool:
    """Raises ValidationFailed for anything but true, 1, false or 0."""
    given = request.query_params.get("explain")
    if given is None:
        return False
    if given.lower() not in _WORDS:
        raise ValidationFailed("query.explain: true or false is wanted.")
    return _WORDS[given.lower()]
