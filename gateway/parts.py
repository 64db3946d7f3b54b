"""Puts the gateway's parts together, and starts and stops them."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

import httpx
from redis.asyncio import Redis

from gateway.admission.rates import RateLimits
from gateway.audit import AuditLog
from gateway.auth.authenticator import Authenticator
from gateway.auth.first_admin import FirstAdmin
from gateway.auth.keyring import Keyring
from gateway.auth.lockout import Lockout
from gateway.auth.oidc import OidcVerifier
from gateway.auth.passwords import Passwords
from gateway.auth.sign_in import SignIn
from gateway.auth.store import Store
from gateway.auth.tokens import AccessTokens
from gateway.cache import PredictionCache
from gateway.feedback.book import FeedbackBook
from gateway.feedback.receipts import Receipts
from gateway.gate import HEALTH
from gateway.idempotency import Idempotency
from gateway.metrics import GatewayMetrics
from gateway.monitor import Monitor
from gateway.predictions import Predictions
from gateway.routing import wire
from gateway.routing.upstream import Upstream
from gateway.settings import GatewaySettings
from gateway.state import GatewayState
from gateway.trail import Trail
from shared.audit.event import AuditEvent
from shared.audit.keys import audit_keys
from shared.logs import get_logger
from shared.redis import RedisGuard, connect_redis
from shared.tracing.tracing import Tracing, open_tracing

_log = get_logger(__name__)


@dataclass(frozen=True)
class Parts:
    """What the application is made of, and what must be started and stopped."""

    state: GatewayState
    redis: Redis
    client: httpx.AsyncClient
    wire: wire.Wire
    cache: PredictionCache | None
    first_admin: FirstAdmin
    tracing: Tracing

    async def start(self) -> None:
        self.state.trail.log.start()
        self.state.trail.log.record(AuditEvent(action="start", outcome="ok"))
        await self.first_admin.start()
        await self.state.authenticator.start()
        await self.state.feedback.start()
        if self.cache:
            await self.cache.start()
        await self.state.monitor.start()

    async def stop(self) -> None:
        async with AsyncExitStack() as last_first:  # each is stopped, whatever became of the one before
            last_first.push_async_callback(asyncio.to_thread, self.tracing.close)
            for close in (self.redis.aclose, self.client.aclose, self.wire.aclose, self._end_log):
                last_first.push_async_callback(close)
            if self.cache:
                last_first.push_async_callback(self.cache.stop)
            for part in (
                self.state.feedback,
                self.state.receipts,
                self.state.monitor,
                self.state.authenticator,
                self.first_admin,
            ):
                last_first.push_async_callback(part.stop)

    async def _end_log(self) -> None:
        self.state.trail.log.record(AuditEvent(action="stop", outcome="ok"))
        await self.state.trail.log.stop()


def build_parts(settings: GatewaySettings) -> Parts:
    """Connects nothing yet: that is for ``start``."""
    secret = _secret(settings)
    keyring = Keyring(secret, settings.secret_key_previous)
    redis, guard, metrics = connect_redis(settings), RedisGuard(), GatewayMetrics()
    client, to_services = httpx.AsyncClient(trust_env=False), wire.connect(settings)
    log = AuditLog(
        settings.audit_log_path, audit_keys(secret, settings.secret_key_previous), settings.audit_log_retention_days
    )
    _measure(metrics, log)
    monitor = Monitor(settings, redis, client, lambda: log.failing)
    upstream = Upstream(to_services, monitor, metrics, settings)
    ttl = timedelta(seconds=settings.cache_ttl_s)
    cache = PredictionCache(redis, guard, ttl) if settings.enable_model_caching else None
    store, passwords = Store(redis, replicas=1 if settings.redis_sentinels else 0), Passwords()
    tokens = AccessTokens(keyring.keys("access"), timedelta(minutes=settings.access_token_expire_minutes))
    lockout = Lockout(redis, keyring.digest)
    instance = f"gateway-{uuid.uuid4().hex[:8]}"
    tracing = open_tracing(settings, "gateway", instance, ratio=settings.traced_share, quiet=HEALTH)
    state = GatewayState(
        instance_id=instance,
        settings=settings,
        keyring=keyring,
        monitor=monitor,
        upstream=upstream,
        predictions=Predictions(settings, monitor, upstream, cache, metrics),
        idempotency=Idempotency(redis, guard, keyring.digest),
        receipts=Receipts(redis, guard, keyring, timedelta(days=settings.feedback_days), metrics),
        feedback=FeedbackBook(settings.feedback_folder, settings.feedback_retention_days, keyring),
        rates=RateLimits(redis, guard),
        store=store,
        passwords=passwords,
        sign_in=SignIn(store, passwords, tokens, lockout, timedelta(days=settings.refresh_token_expire_days)),
        authenticator=Authenticator(store, RedisGuard(), tokens, _oidc(settings, client)),
        trail=Trail(log),
        metrics=metrics,
        draining=asyncio.Event(),
    )
    return Parts(state, redis, client, to_services, cache, FirstAdmin(settings, store, passwords), tracing)


def _measure(metrics: GatewayMetrics, log: AuditLog) -> None:
    pending = metrics.gauge("audit_pending_events", "Events that are not on the disk yet")
    pending.set_function(lambda: float(log.pending))
    failing = metrics.gauge("audit_failing", "1 while the audit log cannot be written")
    failing.set_function(lambda: float(bool(log.failing)))


def _secret(settings: GatewaySettings) -> str:
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    _log.warning("no_secret_key", detail="SECRET_KEY is not set: who signs in now has to again after a restart")
    return secrets.token_hex(32)


def _oidc(settings: GatewaySettings, client: httpx.AsyncClient) -> OidcVerifier | None:
    if not settings.oidc_issuer or not settings.oidc_audience:
        return None
    return OidcVerifier(
        client,
        settings.oidc_issuer,
        settings.oidc_audience,
        jwks_url=settings.oidc_jwks_url,
        role_claim=settings.oidc_role_claim,
    )
