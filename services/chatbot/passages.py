"""The knowledge base cut into passages, and their embeddings, kept from one start to the next."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.chatbot.topics import Language, Topic

Vectors = NDArray[np.float32]
_KEY_BYTES = 12


@dataclass(frozen=True)
class Passage:
    """A text that may match a question. A name is a title, another name, or a sample question."""

    topic: str
    is_name: bool
    text: str


class Embedder(Protocol):
    def passages(self, texts: Sequence[str]) -> Vectors: ...


def passages_of(topics: Iterable[Topic], language: Language) -> list[Passage]:
    """Every passage of ``topics`` in ``language``."""
    found = []
    for topic in topics:
        text = topic.text(language)
        found += [Passage(topic.id, True, name) for name in (text.title, *text.aliases, *text.questions)]
        found += [Passage(topic.id, False, f"{text.title}: {section}") for section in text.sections().values()]
    return found


class VectorCache:
    """Embeddings by the hash of their text, eight bits a number: a topic that was edited is embedded anew at start."""

    def __init__(self, keys: NDArray[np.uint8], vectors: NDArray[np.int8], encoder_sha256: str) -> None:
        self._rows = {key.tobytes(): row for row, key in enumerate(keys)}
        self._vectors = vectors
        self.encoder_sha256 = encoder_sha256

    def embed(self, texts: Sequence[str], embedder: Embedder) -> Vectors:
        """(n, d) unit vectors of ``texts``."""
        keys = [_key(text) for text in texts]
        missing = [at for at, key in enumerate(keys) if key not in self._rows]
        result = np.empty((len(texts), self._vectors.shape[1]), np.float32)
        for at, key in enumerate(keys):
            if key in self._rows:
                result[at] = self._vectors[self._rows[key]]
        if missing:
            result[missing] = embedder.passages([texts[at] for at in missing])
        result /= np.linalg.norm(result, axis=1, keepdims=True)
        return result

    @classmethod
    def empty(cls, size: int) -> VectorCache:
        return cls(np.empty((0, _KEY_BYTES), np.uint8), np.empty((0, size), np.int8), "")

    @classmethod
    def from_bytes(cls, data: bytes) -> VectorCache:
        """Reads what ``cache_bytes`` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(arrays["keys"], arrays["vectors"], str(arrays["encoder"]))


def cache_bytes(texts: Sequence[str], vectors: Vectors, encoder_sha256: str) -> bytes:
    """An ``.npz`` of the embeddings of ``texts``, made with the encoder file of that hash."""
    keys = np.frombuffer(b"".join(map(_key, texts)), np.uint8).reshape(-1, _KEY_BYTES)
    scaled = np.round(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127).astype(np.int8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, keys=keys, vectors=scaled, encoder=np.array(encoder_sha256))
    return buffer.getvalue()


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:_KEY_BYTES]
