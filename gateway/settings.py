"""The settings of the gateway."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from shared.settings import CommonSettings

SERVICES = {
    "lung_colon": "lung_colon",
    "monkeypox": "monkeypox",
    "tumor": "tumor",
    "xray": "xray",
    "palm": "palm_disease",
    "chatbot": "chatbot",
}
"""Service → model that the system should have; one that announces itself is added, with no change here."""


class GatewaySettings(CommonSettings):
    """Read from the environment by ``shared.settings.load_settings``."""

    api_host: str = "0.0.0.0"  # noqa: S104 - the original's default; `doctorai up` listens on loopback
    api_port: int = Field(default=8000, ge=0, le=65535)
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ("http://localhost:5173",)
    health_check_interval: float = Field(
        default=30.0, gt=0, description="seconds between direct probes of an instance whose heartbeat is regular"
    )
    service_addresses: dict[str, list[str]] = Field(
        default_factory=dict, description="JSON, service → URLs: where to look when Redis does not answer"
    )
    service_url_template: str = Field(
        default="http://{service}:8080", description="the same for services that are not in SERVICE_ADDRESSES"
    )

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _origins(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(origin.strip() for origin in value.split(",") if origin.strip())
