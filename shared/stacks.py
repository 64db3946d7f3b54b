"""Errors as a log may hold them: types, and where in the code; no message, which may be made of what a caller sent.

A validation error prints the value that it refuses, a decoder the text that it cannot read.
"""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Iterator
from types import TracebackType

_CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"
_LONGEST_CHAIN = 10
_DEEPEST_GROUP = 5
_MOST_OF_A_GROUP = 10
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def stack_of(exc_info: _ExcInfo) -> str:
    """The traceback as Python prints it, causes and groups too, but of each error the type alone.

    The system's own errors say their number's meaning: "No space left on device".
    """
    return "".join(_chain(exc_info[1], 0)).rstrip("\n")


def reason_of(error: BaseException) -> str:
    """One line for an operator, of work on our own files: what the system says; of every other error the type."""
    return (isinstance(error, OSError) and str(error)) or type(error).__name__


def _chain(error: BaseException, depth: int) -> Iterator[str]:
    for before, how in reversed(_befores(error)):
        yield from _one(before, depth)
        yield how
    yield from _one(error, depth)


def _befores(error: BaseException) -> list[tuple[BaseException, str]]:
    """What led to ``error``, the latest first, each with how."""
    found: list[tuple[BaseException, str]] = []
    seen = {id(error)}
    while len(found) < _LONGEST_CHAIN:
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is None or id(before) in seen:
            break
        found.append((before, _CAUSE if error.__cause__ else _CONTEXT))
        seen.add(id(before))
        error = before
    return found


def _one(error: BaseException, depth: int) -> Iterator[str]:
    if error.__traceback__:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    yield f"{_name(type(error))}{_meaning(error)}\n"
    if isinstance(error, BaseExceptionGroup) and depth < _DEEPEST_GROUP:
        for number, inner in enumerate(error.exceptions[:_MOST_OF_A_GROUP], start=1):
            text = f"---- {number} of {len(error.exceptions)}\n" + "".join(_chain(inner, depth + 1))
            yield "".join(f"    {line}" for line in text.splitlines(keepends=True))


def _name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _meaning(error: BaseException) -> str:
    """Of the number alone: whoever raises an OSError may write what they like beside it."""
    number = error.errno if isinstance(error, OSError) and type(error).__module__ == "builtins" else None
    return f": [Errno {number}] {os.strerror(number)}" if number in errno.errorcode and number else ""
