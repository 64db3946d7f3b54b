"""Where the models are kept, from the environment."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr, field_validator

from shared.settings import EnvironmentSettings


class StorageSettings(EnvironmentSettings):
    """What the command line reads."""

    azure_storage_connection_string: SecretStr | None = Field(
        default=None, description="without it the models are in the model path alone"
    )
    azure_storage_container: str = "models"

    @field_validator("azure_storage_container")
    @classmethod
    def _is_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9](-?[a-z0-9])*", value) or not 3 <= len(value) <= 63:
            raise ValueError("3 to 63 lower case letters, digits and single hyphens are wanted")
        return value
