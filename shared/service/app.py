"""Builds the application of a service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.definition import ServiceDefinition
from shared.http.context import RequestContext
from shared.http.limits import BodyLimit
from shared.http.problems import install_problem_handlers
from shared.http.uploads import ENVELOPE
from shared.redis import connect_redis
from shared.registry import Registry
from shared.service import oip, routes
from shared.service.announcer import Announcer
from shared.service.host import ModelHost
from shared.service.metrics import ServiceMetrics
from shared.service.predict import PredictionService
from shared.service.settings import ServiceSettings
from shared.service.state import ServiceState
from shared.version import VERSION

_BASE64 = 4 / 3  # /v2 may carry pictures in JSON; all of a request's together are bounded like one


def create_app(definition: ServiceDefinition, settings: ServiceSettings) -> FastAPI:
    """The service of ``definition``: loads in the background once started, answers `/health/live` at once."""
    redis = connect_redis(settings)
    host = ModelHost(definition, settings)
    metrics = ServiceMetrics(definition, host)
    instance_id = settings.identity(definition.service)
    predictions = PredictionService(definition, host, metrics, instance_id)
    announcer = Announcer(
        Registry(redis),
        definition,
        host,
        address=settings.address(),
        instance_id=instance_id,
        in_flight=lambda: predictions.in_flight,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await host.start()
        await announcer.start()
        yield
        await announcer.withdraw()
        await host.stop()
        await redis.aclose()

    app = FastAPI(title=f"DoctorAI {definition.service}", version=VERSION, lifespan=lifespan)
    app.state.service = ServiceState(definition, settings, host, metrics, predictions, announcer)
    app.include_router(routes.router)
    app.include_router(oip.router)
    install_problem_handlers(app)
    app.add_middleware(BodyLimit, limit=int(settings.max_image_size * _BASE64) + ENVELOPE)
    app.add_middleware(RequestContext)
    return app
