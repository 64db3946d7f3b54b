"""Reads a file of lines from its end: what is newest comes first, and no more is read than is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from shared.audit.chain import LONGEST_LINE

_BLOCK = 1 << 18
"""Bytes; more than the longest line."""


def blocks_before(file: BinaryIO, end: int) -> Iterator[tuple[int, bytes]]:
    """The lines that begin before byte ``end``, the newest first, some at a time, with where they begin.

    The last has no newline if the file has none there. What is longer than any line of ours comes in pieces.
    """
    tail, end = b"", min(end, os.fstat(file.fileno()).st_size)
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        block = file.read(end - start) + tail
        # what is before the first newline belongs to a line that begins in an earlier block
        cut = (block.find(b"\n") + 1 or len(block)) if start else 0
        if cut < len(block):
            yield start + cut, block[cut:]
        tail = block[:cut]
        if len(tail) > LONGEST_LINE:
            yield start, tail
            tail = b""
        end = start


def lines_of(start: int, block: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of a block that begins at ``start``, the newest first, each with where it begins."""
    stop = len(block)
    while stop > 0:
        begin = block.rfind(b"\n", 0, stop - 1) + 1
        yield start + begin, block[begin:stop]
        stop = begin
