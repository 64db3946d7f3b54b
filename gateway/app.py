"""Builds the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline

from gateway.admission.places import Places
from gateway.compress import Compress
from gateway.document import describe
from gateway.gate import Gate
from gateway.headers import SecurityHeaders
from gateway.idempotency import HEADER as IDEMPOTENCY
from gateway.idempotency import REPLAYED
from gateway.observe import UNMATCHED, Observe, RequestCounts
from gateway.page import Page
from gateway.parts import Parts, build_parts
from gateway.policy import role_of
from gateway.refusals import install_refusals, refuse
from gateway.routes import (
    account,
    audit,
    chat,
    feedback,
    health,
    keys,
    metrics,
    models,
    oip,
    openai,
    page,
    people,
    plots,
    predict,
    session,
    suggest,
    system,
    versions,
)
from gateway.settings import GatewaySettings, rate
from gateway.shortcut import Shortcut
from shared.disclaimer import DISCLAIMER
from shared.http import telemetry
from shared.http.chat import MEMORY
from shared.http.context import HEADER, RequestContext
from shared.http.deadline import HEADER as TIMEOUT
from shared.http.limits import BodyLimit
from shared.http.problems import install_problem_handlers
from shared.http.uploads import ENVELOPE
from shared.version import VERSION

_ROUTES = (
    predict,
    oip,
    chat,
    openai,
    feedback,
    health,
    suggest,
    session,
    account,
    page,
    people,
    keys,
    models,
    versions,
    plots,
    system,
    audit,
    metrics,
)
"""Those that are asked most come first: a router looks at one after the other."""
_SMALL = 512 * 1024
"""Bytes of a body that holds no picture."""
_PICTURES = ("/api/predict/", "/api/suggest", *(f"/api/{model}" for model in predict.ORIGINALS))
_BASE64 = 4 / 3  # /v2 may carry pictures in JSON; all of a request's together are bounded like one
_GZIP_FROM = 1024
"""Bytes."""
_EXPOSED = [HEADER, MEMORY, REPLAYED, "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]


def create_app(settings: GatewaySettings) -> FastAPI:
    """The gateway. Its documentation pages carry their own scripts: a hospital's network reaches no CDN."""
    parts = build_parts(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            await parts.start()
            yield
        finally:
            await parts.stop()

    app: FastAPI = FastAPIOffline(
        title="DoctorAI", version=VERSION, description=DISCLAIMER, lifespan=lifespan, telemetry=telemetry.NONE
    )
    app.state.gateway = parts.state
    for routes in _ROUTES:
        app.include_router(routes.router)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    _add_middleware(app, settings, parts)
    return app


def _add_middleware(app: FastAPI, settings: GatewaySettings, parts: Parts) -> None:
    """The last one added is the first that a request meets."""
    answer = partial(refuse, parts.state.metrics)
    app.add_middleware(
        Shortcut,
        answer=predict.answer,
        refuse=answer,
        prefix="/api/predict/",
        paths={f"/api/{model}": model for model in predict.ORIGINALS},
        owner=app,
    )
    app.add_middleware(
        Gate,
        authenticator=parts.state.authenticator,
        rates=parts.state.rates,
        places=Places("The gateway", settings.max_concurrent_requests, scope="gateway"),
        refuse=answer,
        active=parts.state.active,
        per_user=rate(settings.rate_limit_user),
        per_address=rate(settings.rate_limit_ip),
    )
    if settings.page_path:
        app.add_middleware(Page, folder=settings.page_path)
    install_problem_handlers(app)
    install_refusals(app, answer)
    app.add_middleware(BodyLimit, limit=lambda path: _largest_body(path, settings))
    app.add_middleware(Compress, minimum_size=_GZIP_FROM, compresslevel=5)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Cache-Control", "X-API-Key", HEADER, IDEMPOTENCY, TIMEOUT],
        expose_headers=_EXPOSED,
    )
    app.add_middleware(SecurityHeaders)
    counted = RequestCounts(parts.state.metrics, _asked()) if settings.metrics_enabled else None
    if counted or settings.access_log:
        app.add_middleware(Observe, counted=counted, logged=settings.access_log)
    app.add_middleware(RequestContext, tracing=parts.tracing)


def _asked() -> Iterator[str]:
    """The routes that ask a model, as they are written, and what is refused before any is met."""
    for module in (predict, oip, chat, openai):
        for route in module.router.routes:
            if isinstance(route, APIRoute) and route.methods == {"POST"} and role_of(route) == "clinician":
                yield route.path
    yield UNMATCHED


def _largest_body(path: str, settings: GatewaySettings) -> int:
    if path.startswith("/v2/models/"):
        return int(settings.max_image_size * _BASE64) + ENVELOPE
    return settings.max_image_size + ENVELOPE if path.startswith(_PICTURES) else _SMALL
