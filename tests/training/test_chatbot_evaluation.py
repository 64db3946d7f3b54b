"""The chatbot is measured outside a running system: without its secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.chatbot.settings import ChatbotSettings
from training import chatbot_evaluation


class _Asked(Exception):
    """The loader was reached."""


def test_it_needs_no_service_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def loader(settings: ChatbotSettings) -> None:
        assert settings.model_path == tmp_path
        raise _Asked

    monkeypatch.delenv("SERVICE_TOKEN", raising=False)
    monkeypatch.delenv("DOCTORAI_MODE", raising=False)
    monkeypatch.setattr(chatbot_evaluation, "ChatLoader", loader)
    with pytest.raises(_Asked):
        chatbot_evaluation.evaluate_chatbot(None, tmp_path, tmp_path)
