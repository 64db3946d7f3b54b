"""Where the models are kept, from the environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from shared.settings import EnvironmentSettings


class StorageSettings(EnvironmentSettings):
    """What the command line reads."""

    azure_storage_connection_string: SecretStr | None = Field(
        default=None, description="without it the models are in the model path alone"
    )
    azure_storage_container: str = Field(
        default="models", pattern=r"^[a-z0-9](?:-?[a-z0-9]){2,62}$", description="lower case letters, digits, hyphens"
    )
