"""The trace of the request in hand. This one has an id and records nothing: what most requests have.

Times are those of ``time.perf_counter``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self

from starlette.types import Scope

from shared.tracing.traceparent import header_of, new_span_id

Attributes = Mapping[str, str | int | float | bool]
NONE: Attributes = {}
_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


class Call:
    """A call to another process. ``header`` goes with it; ``status`` is what it answered."""

    __slots__ = ("header", "status")

    def __init__(self, header: str) -> None:
        self.header = header
        self.status = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> None:
        return None


class Trace:
    """``model``: which one the request is for, where that is known."""

    __slots__ = ("trace_id", "model")

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id
        self.model = ""

    @property
    def sampled(self) -> bool:
        """Whether spans are recorded."""
        return False

    def add(self, name: str, began: float, ended: float, attributes: Attributes = NONE) -> None:
        """Records what happened from ``began`` to ``ended``."""

    def call(self, method: str, route: str, address: str) -> Call:
        """A span around a call to the instance at ``address``, a URL; ``route`` holds no ids."""
        return Call(header_of(self.trace_id, new_span_id(), sampled=False))

    def end(self, scope: Scope, status: int, request_id: str) -> None:
        """The request has been answered with ``status``; 0: not at all."""


def current() -> Trace | None:
    """The trace of the request in hand; None outside one."""
    return _current.get()


def enter(trace: Trace) -> Token[Trace | None]:
    """Makes ``trace`` the one in hand, until ``leave``."""
    return _current.set(trace)


def leave(token: Token[Trace | None]) -> None:
    """The trace in hand is again what it was before ``enter``."""
    _current.reset(token)


def trace_id() -> str:
    """The id of the trace in hand; "" outside one."""
    trace = _current.get()
    return trace.trace_id if trace else ""


def current_exemplar() -> dict[str, str] | None:
    """What a histogram keeps of the request in hand: a trace that somebody can look at, or nothing."""
    trace = _current.get()
    return {"trace_id": trace.trace_id} if trace and trace.sampled else None


def note_model(model: str) -> None:
    """The request in hand is for ``model``."""
    if trace := _current.get():
        trace.model = model


def add_span(name: str, began: float, ended: float, attributes: Attributes = NONE) -> None:
    """Records in the trace in hand what happened from ``began`` to ``ended``."""
    if trace := _current.get():
        trace.add(name, began, ended, attributes)
