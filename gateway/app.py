"""Builds the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline

from gateway.monitor import Monitor
from gateway.routes import chat, health, models, openai, predict
from gateway.settings import GatewaySettings
from gateway.state import GatewayState
from gateway.upstream import Upstream, connect_upstream
from shared.disclaimer import DISCLAIMER
from shared.http.chat import MEMORY
from shared.http.context import HEADER, RequestContext
from shared.http.limits import BodyLimit
from shared.http.problems import install_problem_handlers
from shared.http.uploads import ENVELOPE
from shared.redis import connect_redis
from shared.version import VERSION


def create_app(settings: GatewaySettings) -> FastAPI:
    """The gateway. Its documentation pages carry their own scripts: a hospital's network reaches no CDN."""
    redis = connect_redis(settings)
    client = connect_upstream()
    monitor = Monitor(settings, redis, client)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await monitor.start()
        yield
        await monitor.stop()
        await client.aclose()
        await redis.aclose()

    app: FastAPI = FastAPIOffline(title="DoctorAI", version=VERSION, description=DISCLAIMER, lifespan=lifespan)
    app.state.gateway = GatewayState(settings, monitor, Upstream(client, monitor))
    for routes in (health, predict, chat, openai, models):
        app.include_router(routes.router)
    install_problem_handlers(app)
    app.add_middleware(BodyLimit, limit=settings.max_image_size + ENVELOPE)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["*"],
        expose_headers=[HEADER, MEMORY, "Retry-After"],
    )
    app.add_middleware(RequestContext)
    return app
