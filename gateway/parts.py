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

from gateway.active import ActiveCallers
from gateway.activity import ActivityLog
from gateway.admission.rates import RateLimits
from gateway.alerts import AlertsBoard
from gateway.audit import AuditLog
from gateway.audit_check import AuditCheck
from gateway.audit_collector import AuditCollector
from gateway.audit_reader import AuditReader
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
from gateway.model_requests import ModelRequests
from gateway.monitor import Monitor
from gateway.predictions import Predictions
from gateway.routing import wire
from gateway.routing.upstream import Upstream
from gateway.settings import GatewaySettings
from gateway.state import GatewayState
from gateway.suggestions import Suggester
from gateway.system_collector import SystemCollector
from gateway.trail import Trail
from shared.audit.event import AuditEvent
from shared.audit.keys import audit_keys
from shared.logs import get_logger
from shared.redis import RedisGuard, connect_redis
from shared.tracing.tracing import Tracing, open_tracing
from shared.usage import usage_collector

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
        await self.state.audit_check.start()
        await self.state.activity.start()

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
                self.state.audit_check,
                self.state.activity,
            ):
                last_first.push_async_callback(part.stop)

    async def _end_log(self) -> None:
        self.state.audit_reader.close()
        self.state.trail.log.record(AuditEvent(action="stop", outcome="ok"))
        await self.state.trail.log.stop()


def build_parts(settings: GatewaySettings) -> Parts:
    """Connects nothing yet: that is for ``start``."""
    secret = _secret(settings)
    keyring = Keyring(secret, settings.secret_key_previous)
    redis, guard, metrics = connect_redis(settings), RedisGuard(), GatewayMetrics(settings.expected)
    client, to_services = httpx.AsyncClient(trust_env=False), wire.connect(settings)
    keys = audit_keys(secret, settings.secret_key_previous)
    log = AuditLog(settings.audit_log_path, keys, settings.audit_log_retention_days)
    # without a secret each start has another one: what was written before could only look forged
    believed = keys if settings.secret_key else {}
    monitor = Monitor(settings, redis, client, lambda: log.failing)
    upstream = Upstream(to_services, monitor, metrics, settings)
    ttl = timedelta(seconds=settings.cache_ttl_s)
    cache = PredictionCache(redis, guard, ttl) if settings.enable_model_caching else None
    predictions = Predictions(settings, monitor, upstream, cache, metrics)
    store, passwords = Store(redis, replicas=1 if settings.redis_sentinels else 0), Passwords()
    tokens = AccessTokens(keyring.keys("access"), timedelta(minutes=settings.access_token_expire_minutes))
    lockout = Lockout(redis, keyring.digest)
    refresh_lifetime = timedelta(days=settings.refresh_token_expire_days)
    instance = f"gateway-{uuid.uuid4().hex[:8]}"
    tracing = open_tracing(settings, "gateway", instance, ratio=settings.traced_share, quiet=HEALTH)
    state = GatewayState(
        instance_id=instance,
        settings=settings,
        keyring=keyring,
        monitor=monitor,
        upstream=upstream,
        predictions=predictions,
        suggester=Suggester(upstream, predictions),
        idempotency=Idempotency(redis, guard, keyring.digest),
        receipts=Receipts(redis, guard, keyring, timedelta(days=settings.feedback_days), metrics),
        feedback=FeedbackBook(settings.feedback_folder, settings.feedback_retention_days, keyring),
        rates=RateLimits(redis, guard),
        store=store,
        passwords=passwords,
        sign_in=SignIn(store, passwords, tokens, lockout, refresh_lifetime, keyring.digest),
        authenticator=Authenticator(store, RedisGuard(), tokens, _oidc(settings, client)),
        trail=Trail(log, ModelRequests(metrics)),
        audit_check=AuditCheck(settings.audit_log_path, believed, settings.audit_check_interval_s),
        audit_reader=AuditReader(settings.audit_log_path, believed),
        alerts=AlertsBoard(client, settings.alertmanager_api_url),
        activity=ActivityLog(metrics, enabled=settings.metrics_enabled),
        metrics=metrics,
        active=ActiveCallers(),
        draining=asyncio.Event(),
    )
    _measure(state)
    return Parts(state, redis, client, to_services, cache, FirstAdmin(settings, store, passwords), tracing)


def _measure(state: GatewayState) -> None:
    """What is read at each scrape."""
    metrics, monitor, most = state.metrics, state.monitor, float(state.settings.max_concurrent_requests)
    metrics.watch("http_requests_limit", "Requests that may be in hand at once", lambda: most)
    metrics.watch("callers_active", "Distinct callers of the last 15 minutes", state.active.count)
    shared = "1 while limits on rates are counted in Redis, for all gateways together"
    metrics.watch("rate_limits_shared", shared, lambda: float(monitor.redis_up and state.rates.shared))
    metrics.registry.register(SystemCollector(monitor, state.predictions))
    metrics.registry.register(AuditCollector(state.trail.log, state.audit_check))
    volumes = {"audit": state.settings.audit_log_path, "feedback": state.settings.feedback_folder}
    metrics.registry.register(usage_collector("gateway", volumes))


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
