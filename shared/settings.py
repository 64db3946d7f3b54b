"""Settings from the environment: the original system's names and defaults, secrets from files, one line on error.

Any field may be given as ``NAME_FILE``, the path of a file that holds the value (Docker secrets); the file wins.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from shared.imaging.formats import DEFAULT_MAX_PIXELS, JPEG, PNG

S = TypeVar("S", bound=BaseSettings)


def _http(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a URL such as http://collector:4318 is wanted")
    return value


HttpAddress = Annotated[str, AfterValidator(_http)]
EmergencyNumber = Annotated[str, Field(pattern=r"^[0-9+*# \-]{2,20}$")]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
SHORTEST_SECRET = 32
"""Characters."""
_SENTINEL_PORT = 26379
_FORMATS = {"JPG": JPEG, "JPEG": JPEG, "PNG": PNG}


class EnvironmentSettings(BaseSettings):
    """Reads the environment, and files that it names; each process's settings are one of these."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True, env_ignore_empty=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, SecretFiles(settings_cls), env_settings, dotenv_settings


class CommonSettings(EnvironmentSettings):
    """What the gateway and every service read."""

    log_level: LogLevel = "INFO"
    doctorai_mode: Literal["local", "production"] = Field(
        default="production", description="local: one machine, one person; `doctorai up` sets it"
    )
    service_token: SecretStr | None = Field(default=None, description="what the gateway shows to the services")
    metrics_enabled: bool = Field(
        default=True,
        validation_alias=AliasChoices("METRICS_ENABLED", "METRICS_COLLECTION_ENABLED", "metrics_enabled"),
    )
    max_image_size: int = Field(default=10 * 1024 * 1024, gt=0, description="bytes of one upload")
    max_image_pixels: int = Field(default=DEFAULT_MAX_PIXELS, gt=0, description="width × height, before decoding")
    supported_formats: Annotated[tuple[str, ...], NoDecode] = (JPEG, PNG)
    redis_url: str = "redis://localhost:6379"
    redis_username: str | None = None
    redis_password: SecretStr | None = None
    redis_db: int | None = Field(default=None, ge=0)
    redis_max_connections: int = Field(default=20, gt=0)
    redis_sentinels: Annotated[tuple[tuple[str, int], ...], NoDecode] = Field(
        default=(), description="HOST:PORT, comma-separated: who tells which server is the primary"
    )
    redis_sentinel_master: str = Field(default="doctorai", description="the name that the Sentinels know it by")
    redis_sentinel_username: str | None = None
    redis_sentinel_password: SecretStr | None = None
    request_timeout_s: float = Field(default=30.0, gt=0, description="the longest deadline of one request")
    otel_exporter_otlp_endpoint: HttpAddress | None = Field(
        default=None, description="a collector of OpenTelemetry traces, OTLP over HTTP; none are made without it"
    )
    otel_exporter_otlp_traces_endpoint: HttpAddress | None = Field(
        default=None, description="the same, with the path of the traces in it"
    )
    otel_exporter_otlp_headers: SecretStr | None = Field(default=None, description="NAME=VALUE,…, for the collector")
    otel_resource_attributes: str | None = Field(default=None, description="NAME=VALUE,…, added to every trace")
    sentry_dsn: SecretStr | None = Field(default=None, description="where unexpected errors are reported")
    linger_seconds: float = Field(default=0.5, ge=0, description="how long a stop still takes new requests")
    drain_seconds: float = Field(default=20.0, ge=0, description="how long a stop waits for requests in flight")

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("supported_formats", mode="before")
    @classmethod
    def _formats(cls, value: Any) -> Any:
        names = value.split(",") if isinstance(value, str) else value
        wanted = [str(name).strip().upper() for name in names if str(name).strip()]
        unknown = [name for name in wanted if name not in _FORMATS]
        if unknown or not wanted:
            raise ValueError(f"knows jpg, jpeg and png, not {', '.join(unknown).lower() or 'an empty list'}")
        return tuple(dict.fromkeys(_FORMATS[name] for name in wanted))

    @field_validator("redis_sentinels", mode="before")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        words = value.split(",") if isinstance(value, str) else value
        return tuple(_address(word.strip()) if isinstance(word, str) else word for word in words)

    @field_validator("service_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"at least {SHORTEST_SECRET} characters are wanted; `openssl rand -hex 32` makes them")
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            from sentry_sdk.utils import BadDsn, Dsn  # only where there is one

            try:
                Dsn(value.get_secret_value())
            except (BadDsn, ValueError):
                raise ValueError("a DSN such as https://KEY@sentry.example/1 is wanted") from None
        return value

    @model_validator(mode="after")
    def _service_token_in_production(self) -> Self:
        if self.doctorai_mode == "production" and self.service_token is None:
            raise ValueError("SERVICE_TOKEN: is missing; the gateway and every service need the same one")
        return self

    @model_validator(mode="after")
    def _sentinels_without_tls(self) -> Self:
        if self.redis_sentinels and not self.redis_url.startswith("redis://"):
            raise ValueError("REDIS_URL: redis:// is wanted with REDIS_SENTINELS; there is no TLS and no socket then")
        return self


class SecretFiles(PydanticBaseSettingsSource):
    """Reads ``NAME`` from the file that ``NAME_FILE`` names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        names = variables(field, field_name)
        for name in names:
            path = os.environ.get(f"{name.upper()}_FILE")
            if path:
                # under the first of its names, which wins over the environment's
                return _read(name.upper(), path), names[0], False
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = [self.get_field_value(field, name) for name, field in self.settings_cls.model_fields.items()]
        return {key: value for value, key, _ in found if value is not None}


def _address(word: str) -> tuple[str, int]:
    """``host:port``, ``[IPv6]:port``; the port may be left out."""
    try:
        parts = urlsplit(f"//{word}")
        host, port = parts.hostname, parts.port or _SENTINEL_PORT
    except ValueError:
        host = None
    if not host or parts.netloc != word or parts.username is not None:
        raise ValueError("HOST:PORT is wanted, comma-separated: sentinel-1:26379,sentinel-2:26379")
    return host, port


def variables(field: FieldInfo, field_name: str) -> list[str]:
    """The names that a field may be given by."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [name for name in alias.choices if isinstance(name, str)]
    return [alias if isinstance(alias, str) else field_name]


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"{name}_FILE: cannot read {path}: {error}") from error


def load_settings(cls: type[S], **values: Any) -> S:
    """Reads the settings, or ends the process with one line that names the variable that does not parse."""
    try:
        return cls(**values)
    except ValidationError as error:
        _refuse(cls, error)
    except SettingsError as error:  # a value that should be JSON
        named = re.search(r'"(\w+)"', str(error))
        sys.exit(f"{named[1].upper() if named else 'settings'}: not valid JSON")


def _refuse(cls: type[BaseSettings], error: ValidationError) -> NoReturn:
    first = error.errors(include_input=False, include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    # a check of several variables together names the one that it means
    sys.exit(f"{_given(cls, str(first['loc'][0]))}: {message}" if first["loc"] else message)


def _given(cls: type[BaseSettings], name: str) -> str:
    """``name``, or the other name of the same field that the operator used."""
    for field_name, field in cls.model_fields.items():
        names = variables(field, field_name)
        if name in names:
            return next((other.upper() for other in names if other.upper() in os.environ), name.upper())
    return name.upper()
