"""Reads a JSON array of numbers: the original system's contract for the palm model."""

from __future__ import annotations

import json

from starlette.requests import Request

from shared.errors import ValidationFailed


def is_json(request: Request) -> bool:
    """True when the caller says that the body is JSON."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"


async def read_numbers(request: Request) -> list[float]:
    """The body's numbers. Raises ValidationFailed for anything else, also for NaN and booleans."""
    try:
        values = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise ValidationFailed("body: not valid JSON.") from error
    if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
        raise ValidationFailed("body: a JSON array of numbers is wanted.")
    return [float(value) for value in values]
