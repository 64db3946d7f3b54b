"""The model card of the chatbot, from its definition and its bundle's manifest."""

from __future__ import annotations

from typing import Any

from services.chatbot.definition import SERVICE
from services.chatbot.loader import LoadedChat


def chat_card(model: LoadedChat) -> dict[str, Any]:
    """Plain JSON values."""
    manifest = model.bundle.manifest
    return {
        "model": SERVICE.model,
        "service": SERVICE.service,
        "title": SERVICE.title,
        "version": manifest.version,
        "digest": model.bundle.digest,
        "created": manifest.created,
        "runtime": manifest.runtime,
        "accepts": SERVICE.accepts,
        "languages": ["en", "ar"],
        "knowledge": {"topics": len(model.topics), "digest": model.knowledge_digest},
        "language_model": model.generator.name if model.generator else None,
        "limits": list(SERVICE.limits),
        "metrics": manifest.metrics,
        "plots": [],
        "provenance": manifest.provenance,
        "disclaimer": SERVICE.disclaimer,
    }
