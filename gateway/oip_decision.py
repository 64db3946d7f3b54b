"""What an answer in the Open Inference Protocol says that was decided, for the audit log and the metrics."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

from shared.contract import AbstainReason, ChatKind

_REASONS = frozenset(get_args(AbstainReason))
_KINDS = ("emergency", *get_args(ChatKind))


class Decision(NamedTuple):
    """``word``: "abstained" when there is no label for any input, else "predicted"; of a chat its kind, an emergency
    before any other. ``abstentions``: the reason for each input without a label."""

    word: str
    abstentions: list[str]


def decision_of(told: dict[str, Any], binary: bytes) -> Decision:
    """Reads the outputs ``decision`` (pictures) or ``kind`` (chat); ``binary`` is what follows the JSON.

    A caller may ask for other outputs only: then it was "predicted", as far as can be seen from here.
    """
    if kinds := _texts("kind", told, binary):
        return Decision(next((kind for kind in _KINDS if kind in kinds), "answer"), [])
    found = _texts("decision", told, binary)
    abstentions = [word for word in found if word in _REASONS]
    return Decision("abstained" if found and len(abstentions) == len(found) else "predicted", abstentions)


def _texts(name: str, told: dict[str, Any], binary: bytes) -> list[str]:
    """The elements of the BYTES output ``name``; none when it is not there, or not as it should be."""
    at = 0
    for output in told["outputs"]:
        if not isinstance(output, dict):
            return []
        parameters = output.get("parameters")
        size = parameters.get("binary_data_size", 0) if isinstance(parameters, dict) else 0
        if not isinstance(size, int):
            return []
        if output.get("name") == name:
            data = output.get("data")
            return [str(item) for item in data] if isinstance(data, list) else list(_elements(binary[at : at + size]))
        at += size
    return []


def _elements(data: bytes) -> Iterator[str]:
    """Each has its length before it, four bytes."""
    while len(data) >= 4:
        (length,) = struct.unpack_from("<I", data)
        yield data[4 : 4 + length].decode(errors="replace")
        data = data[4 + length :]
