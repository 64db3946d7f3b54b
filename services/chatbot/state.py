"""The parts that the running chatbot is made of."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from services.chatbot.loader import LoadedChat
from services.chatbot.service import ChatService
from services.chatbot.settings import ChatbotSettings
from shared.definition import ServiceDefinition
from shared.service.announcer import Announcer
from shared.service.host import ModelHost
from shared.service.metrics import ServiceMetrics


@dataclass(frozen=True)
class ChatState:
    definition: ServiceDefinition
    settings: ChatbotSettings
    host: ModelHost[LoadedChat]
    metrics: ServiceMetrics
    announcer: Announcer
    chat: ChatService


def state_of(request: Request) -> ChatState:
    """The parts of the application that serves ``request``."""
    state: ChatState = request.app.state.service
    return state
