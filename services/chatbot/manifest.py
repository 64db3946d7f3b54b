"""The manifest of the chatbot's bundle: what was fitted, and the questions that prove it."""

from __future__ import annotations

from pydantic import Field

from services.chatbot.retrieval import Ranking
from services.chatbot.topics import Language
from shared.manifest import BundleManifest

VECTORS, EMERGENCIES, KINDS = "embeddings.npz", "emergencies.npz", "kinds.npz"


class ChatManifest(BundleManifest):
    """``golden``: a question for each language, and the topic that it must find before the bundle is served."""

    encoder_sha256: str
    rankings: dict[Language, Ranking]
    golden: dict[Language, tuple[str, str]] = Field(min_length=1)
