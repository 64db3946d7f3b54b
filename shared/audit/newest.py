"""The log from its end: the newest lines of all slots that fit what is asked, page by page.

A page costs what it reads. That is bounded: with a filter that fits few lines a page may end before it is full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from shared.audit.asked import Asked
from shared.audit.places import slots
from shared.audit.slot_reader import Budget, Found, Place, SlotReader

Cursor = Mapping[int, Place]
"""Slot → up to where it is still to be read; slots that are not in it have been."""
_MOST_READ = 16 << 20
"""Bytes."""


class Page(NamedTuple):
    """``cursor``: what goes on from here; empty at the end."""

    found: Sequence[Found]
    cursor: Cursor


def newest(
    folder: Path,
    asked: Asked,
    keys: Mapping[str, bytes],
    limit: int,
    cursor: Cursor | None = None,
    most_read: int = _MOST_READ,
) -> Page:
    """At most ``limit`` lines, newest first. Without ``keys`` no signature is looked at. Raises OSError."""
    budget = Budget(most_read)
    places = dict.fromkeys(slots(folder)) if cursor is None else cursor
    readers = [SlotReader(folder, slot, place, asked, keys, budget) for slot, place in places.items()]
    for reader in readers:
        reader.seek()
    found: list[Found] = []
    while len(found) < limit and (youngest := _next(readers)):
        found.append(youngest.take())
        youngest.seek()
    return Page(found, {reader.slot: reader.place for reader in readers if reader.place})


def _next(readers: Sequence[SlotReader]) -> SlotReader | None:
    """Whose line is the newest; None when there is none, or a slot that was not read far enough might have it."""
    if any(reader.place and not reader.found for reader in readers):
        return None
    ready = [(reader.found.time, -reader.slot, reader) for reader in readers if reader.found]
    return max(ready)[2] if ready else None
