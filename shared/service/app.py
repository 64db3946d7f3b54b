"""Builds the application of a service of predictions."""

from __future__ import annotations

from fastapi import FastAPI

from shared.definition import ServiceDefinition
from shared.http.uploads import ENVELOPE
from shared.redis import connect_redis
from shared.service import oip, routes
from shared.service.base import announcer_of, base_app
from shared.service.host import ModelHost
from shared.service.loader import BundleLoader
from shared.service.predict import PredictionService
from shared.service.prediction_metrics import PredictionMetrics
from shared.service.settings import ServiceSettings
from shared.service.state import ServiceState

_BASE64 = 4 / 3  # /v2 may carry pictures in JSON; all of a request's together are bounded like one


def create_app(definition: ServiceDefinition, settings: ServiceSettings) -> FastAPI:
    """The service of ``definition``: loads in the background once started, answers `/health/live` at once."""
    redis = connect_redis(settings)
    metrics = PredictionMetrics(definition, settings)
    loader = BundleLoader(definition, settings, metrics.batch)
    host = ModelHost(definition.model, loader, watch_interval_s=settings.watch_interval_s)
    metrics.watch_models(host)
    instance_id = settings.identity(definition.service)
    predictions = PredictionService(definition, host, metrics, instance_id)
    announcer = announcer_of(definition, settings, host, redis, instance_id, lambda: predictions.in_flight)
    state = ServiceState(definition, settings, host, metrics, announcer, predictions)
    app = base_app(state, redis, body_limit=int(settings.max_image_size * _BASE64) + ENVELOPE)
    app.include_router(routes.router)
    app.include_router(oip.router)
    return app
