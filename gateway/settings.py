"""The settings of the gateway."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from limits import RateLimitItem, parse
from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from shared.settings import SHORTEST_SECRET, CommonSettings, EmergencyNumber, HttpAddress

SERVICES = {
    "lung_colon": "lung_colon",
    "monkeypox": "monkeypox",
    "tumor": "tumor",
    "xray": "xray",
    "palm": "palm_disease",
    "chatbot": "chatbot",
}
"""Service → model, of this release; one that announces itself is added, with no change here."""

_KNOWN_SECRETS = ("secure_256_bit_key", "secure-random-256-bit-key", "changeme", "change-me", "change_me", "example")
"""Words of secrets that stand in documents, the original's among them."""
Words = Annotated[tuple[str, ...], NoDecode]
Sampler = Literal[
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
]
"""OpenTelemetry's names. With and without ``parentbased_`` they are the same here: a caller cannot ask for a trace."""
_TRACED = 0.1
USERNAME = r"^[^\s\x00-\x1f\x7f]{1,64}$"


def _rate(value: str) -> str:
    try:
        amount = parse(value).amount
    except ValueError:
        amount = 0
    if amount < 1:
        raise ValueError("a rate such as 300/minute is wanted")
    return value


Rate = Annotated[str, AfterValidator(_rate)]


class GatewaySettings(CommonSettings):
    """Read from the environment by ``shared.settings.load_settings``."""

    api_host: str = "0.0.0.0"  # noqa: S104 - the original's default; `doctorai up` listens on loopback
    api_port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64, description="processes that share the port; replicas scale better")
    trusted_proxies: Words = Field(default=(), description="addresses or networks whose X-Forwarded-For is believed")
    cors_origins: Words = ("http://localhost:5173",)

    secret_key: SecretStr | None = Field(default=None, description="signs tokens; `openssl rand -hex 32`")
    secret_key_previous: Words = Field(
        default=(),
        repr=False,
        description="former keys: what they signed until ten minutes after the start is still accepted",
    )
    access_token_expire_minutes: int = Field(default=30, ge=1, le=24 * 60)
    refresh_token_expire_days: int = Field(default=7, ge=1, le=90)
    admin_username: str = Field(default="admin", pattern=USERNAME)
    admin_password: SecretStr | None = Field(default=None, description="of the first admin, who is made at the start")
    oidc_issuer: str | None = Field(default=None, description="whose bearer tokens are accepted, too")
    oidc_audience: str | None = None
    oidc_jwks_url: str | None = Field(default=None, description="where its keys are; found by discovery without it")
    oidc_role_claim: str = Field(default="roles", description="dots go into objects: realm_access.roles")

    max_concurrent_requests: int = Field(default=100, ge=1, description="requests in hand at once; more are shed")
    max_concurrent_per_model: int = Field(default=32, ge=1)
    max_queue_per_model: int = Field(default=32, ge=0, description="requests that wait for one of those places")
    queue_timeout_s: float = Field(default=2.0, gt=0)
    rate_limit_user: Rate = "300/minute"
    rate_limit_ip: Rate = "1200/minute"
    rate_limit_sign_in: Rate = Field(default="20/minute", description="of one address")

    hedge_after_ms: int = Field(default=0, ge=0, description="ask a second instance after this long; 0: never")
    upstream_transport: Literal["aiohttp", "httpx"] = "aiohttp"
    versions_over_http: bool = Field(default=True, description="false: administrators choose no model's version here")
    enable_model_caching: bool = True
    cache_ttl_s: int = Field(default=3600, ge=1)
    audit_log_path: Path = Path("logs/audit")
    audit_log_retention_days: int = Field(default=30, ge=1)
    audit_check_interval_s: float = Field(default=3600.0, ge=0, description="between two verifications; 0: never")
    feedback_days: int = Field(
        default=30, ge=0, le=3650, description="how long feedback can be given on a prediction; 0: never"
    )
    feedback_path: Path | None = Field(default=None, description="where it is kept; beside the audit log without it")
    feedback_retention_days: int = Field(default=365, ge=1, le=36500)
    access_log: bool = Field(default=True, description="a line for each request")
    otel_traces_sampler: Sampler = "parentbased_traceidratio"
    otel_traces_sampler_arg: float | None = Field(
        default=None, ge=0, le=1, description="the share of the requests that is traced"
    )
    alertmanager_api_url: HttpAddress | None = Field(
        default=None, repr=False, description="where the gateway asks what fires; for the page"
    )
    metrics_token: SecretStr | None = Field(default=None, description="lets Prometheus read /metrics from elsewhere")

    page_path: Path | None = Field(default=None, description="a built page to serve at /; none without it")
    emergency_number: EmergencyNumber | None = Field(default=None, description="the local one, for the page")
    grafana_url: str | None = Field(default=None, description="where a browser opens it; so the next two")
    alertmanager_url: str | None = None
    runbooks_url: str | None = None

    expected_services: Words = Field(
        default=tuple(SERVICES),
        description="those that should be there; another is not missed",
    )
    health_check_interval: float = Field(
        default=30.0, gt=0, description="seconds between direct probes of an instance whose heartbeat is regular"
    )
    service_addresses: dict[str, list[str]] = Field(
        default_factory=dict, description="JSON, service → URLs: where to look when Redis does not answer"
    )
    service_url_template: str = Field(
        default="http://{service}:8080",
        description="the same for services that are not in SERVICE_ADDRESSES; {host}: the name with - for _",
    )

    @property
    def expected(self) -> dict[str, str]:
        """Service → model that the system should have."""
        return {name: SERVICES.get(name, name) for name in (*self.expected_services, *self._added)}

    @property
    def _added(self) -> list[str]:
        """Services with an address of their own that are not of this release."""
        return [name for name in self.service_addresses if name not in SERVICES]

    @property
    def traced_share(self) -> float:
        """Of the requests, how many are traced: a caller has no say in it."""
        if self.otel_traces_sampler.endswith("always_on"):
            return 1.0
        if self.otel_traces_sampler.endswith("always_off"):
            return 0.0
        return _TRACED if self.otel_traces_sampler_arg is None else self.otel_traces_sampler_arg

    @property
    def feedback_folder(self) -> Path:
        """Where feedback is kept."""
        return self.feedback_path or self.audit_log_path.parent / "feedback"

    @field_validator("cors_origins", "trusted_proxies", "secret_key_previous", "expected_services", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(word.strip() for word in value.split(",") if word.strip())

    @field_validator("cors_origins")
    @classmethod
    def _named_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "*" in value:
            raise ValueError("name each origin; * would let any page read patients' results")
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
                raise ValueError("an origin such as https://clinic.example is wanted")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for word in value:
            (IPv6Network if ":" in word else IPv4Network)(word)
        return value

    @field_validator("page_path")
    @classmethod
    def _built(cls, value: Path | None) -> Path | None:
        if value is not None and not (value / "index.html").is_file():
            raise ValueError(f"there is no index.html in {value}; `make page` builds frontend/dist")
        return value

    @field_validator("service_url_template")
    @classmethod
    def _template(cls, value: str) -> str:
        try:
            value.format(service="", host="")
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("only {service} and {host} can stand in it") from error
        return value

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_secret(value.get_secret_value())
        return value

    @field_validator("secret_key_previous")
    @classmethod
    def _all_strong(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for word in value:
            _check_secret(word)
        return value

    @field_validator("admin_password")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not SHORTEST_PASSWORD <= len(value.get_secret_value()) <= LONGEST_PASSWORD:
            raise ValueError(f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters are wanted")
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.doctorai_mode == "production" and self.secret_key is None:
            raise ValueError("SECRET_KEY: is missing; `openssl rand -hex 32` makes one")
        unknown = [name for name in self.expected_services if name not in {*SERVICES, *self._added}]
        if unknown or not self.expected_services:
            known = ", ".join((*SERVICES, *self._added))
            raise ValueError(f"EXPECTED_SERVICES: wants some of {known}, not {', '.join(unknown) or 'none'}")
        if self.workers > 1 and self.secret_key is None:
            raise ValueError("SECRET_KEY: is missing; several WORKERS need the same one")
        if self.oidc_issuer and not self.oidc_audience:
            raise ValueError("OIDC_AUDIENCE: is missing; without it any token of the issuer would do")
        if self.doctorai_mode == "production" and self.oidc_issuer and not self.oidc_issuer.startswith("https://"):
            raise ValueError("OIDC_ISSUER: https is wanted; whoever is in between could make tokens")
        return self


SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
"""Characters."""


def rate(value: str) -> RateLimitItem:
    """The rate that a setting names."""
    return parse(value)


def _check_secret(value: str) -> None:
    if len(value) < SHORTEST_SECRET:
        raise ValueError(f"at least {SHORTEST_SECRET} characters are wanted; `openssl rand -hex 32` makes them")
    lowered = value.lower()
    if any(word in lowered for word in _KNOWN_SECRETS) or len(set(value)) < 8:
        raise ValueError("is a default or a pattern; `openssl rand -hex 32` makes a real one")
