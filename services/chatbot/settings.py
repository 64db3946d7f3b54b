"""The settings of the chatbot service."""

from __future__ import annotations

from pydantic import Field

from shared.service.settings import ServiceSettings
from shared.settings import EmergencyNumber


class ChatbotSettings(ServiceSettings):
    """Read from the environment by ``shared.settings.load_settings``."""

    chatbot_use_gpu: bool = Field(default=False, description="run the user's own language model on the first CUDA GPU")
    pytorch_available: bool = Field(default=True, description="false: never load the user's own language model")
    emergency_number: EmergencyNumber | None = Field(
        default=None, description="the local emergency number, for the answers"
    )
    chat_session_ttl_s: int = Field(default=1800, ge=1, description="how long a silent conversation is remembered")
    generation_max_tokens: int = Field(default=256, ge=8, le=2048)
    generation_timeout_s: float = Field(default=20.0, gt=0, description="then the extractive answer is given")
