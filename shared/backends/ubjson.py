"""Walks a UBJSON document without building it, so that a damaged one is refused before XGBoost's reader gets it.

That reader trusts what it reads: a file cut short ends the process with a segmentation fault instead of an error.
Source: Universal Binary JSON, draft 12 (ubjson.org), with the typed arrays that XGBoost writes.
"""

from __future__ import annotations

_SIZES = {"i": 1, "U": 1, "C": 1, "I": 2, "l": 4, "d": 4, "L": 8, "D": 8, "T": 0, "F": 0, "Z": 0}
_INTEGERS = "iUIlL"
_DEPTH = 64


def check_ubjson(data: bytes) -> None:
    """Raises ValueError unless ``data`` is one whole object and nothing else."""
    if data[:1] != b"{":
        raise ValueError("not a UBJSON object")
    if _Walk(data).value(0, 0) != len(data):
        raise ValueError("bytes behind the end of the UBJSON object")


class _Walk:
    """Each method takes an offset and gives the one behind what it has read."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def value(self, at: int, depth: int) -> int:
        if depth > _DEPTH:
            raise ValueError("UBJSON nested too deeply")
        marker = self._marker(at)
        if marker == "{":
            return self._object(at + 1, depth)
        if marker == "[":
            return self._array(at + 1, depth)
        if marker == "S":
            return self._text(at + 1)
        return self._skip(at + 1, self._size(marker))

    def _object(self, at: int, depth: int) -> int:
        while self._marker(at) != "}":
            at = self.value(self._text(at), depth + 1)
        return at + 1

    def _array(self, at: int, depth: int) -> int:
        if self._marker(at) == "$":
            size = self._size(self._marker(at + 1))
            if self._marker(at + 2) != "#":
                raise ValueError("a typed UBJSON array without a count")
            at, count = self._integer(at + 3)
            return self._skip(at, size * count)
        if self._marker(at) == "#":
            at, count = self._integer(at + 1)
            for _ in range(count):
                at = self.value(at, depth + 1)
            return at
        while self._marker(at) != "]":
            at = self.value(at, depth + 1)
        return at + 1

    def _text(self, at: int) -> int:
        at, length = self._integer(at)
        return self._skip(at, length)

    def _integer(self, at: int) -> tuple[int, int]:
        marker = self._marker(at)
        if not marker or marker not in _INTEGERS:
            raise ValueError("a UBJSON length that is no whole number")
        end = self._skip(at + 1, _SIZES[marker])
        return end, int.from_bytes(self._data[at + 1 : end], "big", signed=marker != "U")

    def _skip(self, at: int, count: int) -> int:
        if count < 0 or at + count > len(self._data):
            raise ValueError("UBJSON cut short")
        return at + count

    def _marker(self, at: int) -> str:
        return chr(self._data[at]) if at < len(self._data) else ""

    def _size(self, marker: str) -> int:
        if marker not in _SIZES:
            raise ValueError("not UBJSON, or cut short")
        return _SIZES[marker]
