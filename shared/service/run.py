"""Runs a service as a process: ``python -m services.<name>``."""

from __future__ import annotations

from fastapi import FastAPI

from shared.definition import ServiceDefinition
from shared.http.server import GracefulServer, server_config
from shared.logs import configure_logging
from shared.sentry import reporting
from shared.service.operable import Operable
from shared.service.settings import ServiceSettings
from shared.settings import load_settings


def run_service(definition: ServiceDefinition) -> None:
    """Serves predictions until SIGTERM or SIGINT: then withdraws, drains, and returns."""
    from shared.service.app import create_app  # the chatbot, served by `serve`, has none of its libraries

    settings = load_settings(ServiceSettings)
    configure_logging(settings.log_level)
    serve(create_app(definition, settings))


def serve(app: FastAPI) -> None:
    """Serves the application of a service; ``configure_logging`` comes first."""
    state: Operable = app.state.service
    settings = state.settings

    async def before_stop() -> None:
        state.host.drain()
        await state.announcer.withdraw()

    config = server_config(app, settings.host, settings.port, settings.drain_seconds)
    with reporting(settings, state.definition.service, state.announcer.id):
        GracefulServer(config, before_stop, linger_s=settings.linger_seconds).run()
