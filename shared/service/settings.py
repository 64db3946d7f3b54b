"""The settings of an inference service."""

from __future__ import annotations

import socket
import uuid
from pathlib import Path

from pydantic import Field

from shared.settings import CommonSettings


class ServiceSettings(CommonSettings):
    """Read from the environment by ``shared.settings.load_settings``."""

    host: str = "0.0.0.0"  # noqa: S104 - in a container it is the container's own network
    port: int = Field(default=8080, ge=0, le=65535)
    advertise_address: str | None = Field(default=None, description="URL that the gateway reaches this instance at")
    instance_id: str | None = None
    model_path: Path = Path("models")
    serving_path: Path | None = Field(
        default=None, description="where it is written which versions are served; beside the bundles without it"
    )
    model_version: str | None = Field(default=None, description="a version to serve; the highest without it")
    workers: int | None = Field(default=None, validation_alias="INFERENCE_WORKERS", ge=1)
    max_queue: int = Field(default=64, ge=1, description="requests that may wait for this model")
    watch_interval_s: float = Field(default=1.0, gt=0, description="how often the bundle's files are looked at")

    def address(self) -> str:
        """The URL to announce: as set, or this host's own address (a container's on its network)."""
        return self.advertise_address or f"http://{socket.gethostbyname(socket.gethostname())}:{self.port}"

    def identity(self, service: str) -> str:
        """This instance's id: as set, or a new one."""
        return self.instance_id or f"{service}-{uuid.uuid4().hex[:8]}"
