"""Character and word n-grams of a message, hashed: sees through misspellings that a list of phrases does not."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from services.chatbot.text import normalise, words

BUCKETS = 1 << 18
_CHARACTERS = range(2, 6)
_WORDS = range(1, 4)

Indices = NDArray[np.int64]
Values = NDArray[np.float32]


def features(text: str) -> tuple[Indices, Values]:
    """The buckets that ``text`` falls into and their weights: logarithmic counts, each kind of unit length."""
    found = words(normalise(text))
    parts = [_weighted(_character_grams(found)), _weighted(_word_grams(found))]
    return np.concatenate([i for i, _ in parts]), np.concatenate([v for _, v in parts])


def _weighted(grams: Iterator[str]) -> tuple[Indices, Values]:
    counts = Counter(zlib.crc32(gram.encode()) % BUCKETS for gram in grams)
    indices = np.fromiter(counts.keys(), np.int64, len(counts))
    values = 1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))
    return indices, (values / max(1e-9, float(np.linalg.norm(values)))).astype(np.float32)


def _character_grams(found: list[str]) -> Iterator[str]:
    for word in found:
        padded = f" {word} "
        for size in _CHARACTERS:
            yield from (padded[at : at + size] for at in range(len(padded) - size + 1))


def _word_grams(found: list[str]) -> Iterator[str]:
    for size in _WORDS:
        yield from ("\x00" + " ".join(found[at : at + size]) for at in range(len(found) - size + 1))
