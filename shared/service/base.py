"""What every service is, whatever its model: health, metrics, announcement, one form of errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from redis.asyncio import Redis

from shared.definition import ServiceDefinition
from shared.http import telemetry
from shared.http.context import RequestContext
from shared.http.credential import ServiceCredential, is_open
from shared.http.document import describe
from shared.http.limits import BodyLimit
from shared.http.problems import install_problem_handlers
from shared.registry import Registry
from shared.service import oip_server, operations, versions
from shared.service.announcer import Announcer
from shared.service.host import ModelHost
from shared.service.operable import Operable
from shared.service.settings import ServiceSettings
from shared.tracing.tracing import open_tracing
from shared.version import VERSION


def announcer_of(
    definition: ServiceDefinition,
    settings: ServiceSettings,
    host: ModelHost[Any],
    redis: Redis,
    instance_id: str,
    in_flight: Callable[[], int],
) -> Announcer:
    """Announces the service at the address that its settings give."""
    return Announcer(
        Registry(redis), definition, host, address=settings.address(), instance_id=instance_id, in_flight=in_flight
    )


def base_app(state: Operable, redis: Redis, *, body_limit: int) -> FastAPI:
    """An application that loads and announces its model, and tells how it is; its own routes are still to be added.

    ``body_limit``: bytes of a request's body.
    """

    tracing = open_tracing(state.settings, state.definition.service, state.announcer.id)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await state.host.start()
        await state.announcer.start()
        yield
        await state.announcer.withdraw()
        await state.host.stop()
        await redis.aclose()
        await asyncio.to_thread(tracing.close)

    title = f"DoctorAI {state.definition.service}"
    app = FastAPI(title=title, version=VERSION, lifespan=lifespan, telemetry=telemetry.NONE)
    app.state.service = state
    app.include_router(operations.router)
    app.include_router(oip_server.router)
    app.include_router(versions.router)
    app.openapi = lambda: describe(app, lambda path, _: () if is_open(path) else (401,))  # type: ignore[method-assign]
    if token := state.settings.service_token:
        app.add_middleware(ServiceCredential, token=token.get_secret_value())
    install_problem_handlers(app)
    app.add_middleware(BodyLimit, limit=body_limit)
    app.add_middleware(RequestContext, tracing=tracing)
    return app
