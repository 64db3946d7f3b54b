"""Every setting of a process can be given to its container."""

from __future__ import annotations

import pytest
import yaml
from pydantic_settings import BaseSettings

from gateway.settings import GatewaySettings
from services.chatbot.settings import ChatbotSettings
from shared.service.settings import ServiceSettings
from shared.settings import variables
from tests.conftest import REPOSITORY

OF_THE_CONTAINER = {
    "DOCTORAI_MODE",  # production
    *("API_HOST", "API_PORT", "HOST", "PORT", "ADVERTISE_ADDRESS", "INSTANCE_ID"),
    *("SERVICE_ADDRESSES", "SERVICE_URL_TEMPLATE", "AUDIT_LOG_PATH", "FEEDBACK_PATH", "MODEL_PATH", "PAGE_PATH"),
}  # fmt: skip
"""Set by the image, or right as they are, and wrong when changed."""


@pytest.mark.parametrize(
    ("service", "settings"),
    [("gateway", GatewaySettings), ("tumor", ServiceSettings), ("chatbot", ChatbotSettings)],
)
def test_compose_passes_it_on(service: str, settings: type[BaseSettings]) -> None:
    compose = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
    given = {name.removesuffix("_FILE") for name in compose["services"][service]["environment"]}
    for field_name, field in settings.model_fields.items():
        names = {name.upper() for name in variables(field, field_name)}
        assert names & (given | OF_THE_CONTAINER), f"{service}: {names}"
    assert not given & OF_THE_CONTAINER
