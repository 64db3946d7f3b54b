"""Serves the gateway in this process."""

from __future__ import annotations

import socket
import sys
from functools import partial

from fastapi import FastAPI

from gateway.app import create_app
from gateway.links import warn_of_links
from gateway.settings import GatewaySettings
from gateway.state import GatewayState
from shared.http.server import GracefulServer, server_config
from shared.logs import configure_logging
from shared.sentry import reporting
from shared.settings import load_settings


def work(listener: socket.socket) -> None:
    """One of several processes that share the port. Each reads the environment for itself.

    Not in ``__main__``: a spawned process cannot find there what it is told to run.
    """
    serve(load_settings(GatewaySettings), [listener])


def serve(settings: GatewaySettings, sockets: list[socket.socket] | None = None) -> None:
    """Until SIGTERM or SIGINT. Ends the process with one line when the audit log cannot be written."""
    configure_logging(settings.log_level)
    warn_of_links(settings)
    try:
        app = create_app(settings)
    except OSError as error:
        sys.exit(f"AUDIT_LOG_PATH: {error}")
    state: GatewayState = app.state.gateway
    with reporting(settings, "gateway", state.instance_id):
        _run(app, settings, sockets)


def _run(app: FastAPI, settings: GatewaySettings, sockets: list[socket.socket] | None) -> None:
    config = server_config(app, settings.api_host, settings.api_port, settings.drain_seconds, settings.trusted_proxies)
    GracefulServer(config, partial(_before_stop, app), linger_s=settings.linger_seconds).run(sockets)


async def _before_stop(app: FastAPI) -> None:
    """The balancer in front of it sees at ``/readyz`` that nothing more should come here."""
    app.state.gateway.draining.set()
