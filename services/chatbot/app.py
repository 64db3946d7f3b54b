"""Builds the application of the chatbot."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from services.chatbot import oip, routes
from services.chatbot.conversation import Conversations
from services.chatbot.definition import SERVICE
from services.chatbot.loader import ChatLoader
from services.chatbot.service import ChatService
from services.chatbot.settings import ChatbotSettings
from services.chatbot.state import ChatState
from services.chatbot.topics import KNOWLEDGE
from shared.redis import connect_redis
from shared.service.base import announcer_of, base_app
from shared.service.host import ModelHost
from shared.service.metrics import ServiceMetrics

BODY_LIMIT = 512 * 1024
"""Bytes: a message, and the history of a caller that keeps the conversation itself."""


def create_app(settings: ChatbotSettings, knowledge: Path = KNOWLEDGE) -> FastAPI:
    """The chatbot: loads in the background once started, answers `/health/live` at once."""
    redis = connect_redis(settings)
    metrics = ServiceMetrics(SERVICE, settings)
    loader = ChatLoader(settings, knowledge, metrics.batch)
    host = ModelHost(SERVICE.model, loader, watch_interval_s=settings.watch_interval_s)
    metrics.watch(host)
    instance_id = settings.identity(SERVICE.service)
    chat = ChatService(host, metrics, Conversations(redis, settings.chat_session_ttl_s), instance_id)
    announcer = announcer_of(SERVICE, settings, host, redis, instance_id, lambda: chat.in_flight)
    app = base_app(ChatState(SERVICE, settings, host, metrics, announcer, chat), redis, body_limit=BODY_LIMIT)
    app.include_router(routes.router)
    app.include_router(oip.router)
    return app
