"""What Prometheus reads."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import choose_encoder

from gateway.gate import address_of
from gateway.settings import GatewaySettings
from gateway.state import state_of
from shared.errors import NotFound

router = APIRouter()
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """For a scraper on this machine, or one that shows METRICS_TOKEN; for everybody else there is nothing here."""
    state = state_of(request)
    if not state.settings.metrics_enabled or not _may_read(request, state.settings):
        raise NotFound(f"There is nothing at {request.url.path}.")
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(state.metrics.registry), media_type=media_type)


def _may_read(request: Request, settings: GatewaySettings) -> bool:
    if settings.metrics_token:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {settings.metrics_token.get_secret_value()}".encode())
    return _is_loopback(address_of(request.scope)) and not any(name in request.headers for name in _FORWARDED)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
