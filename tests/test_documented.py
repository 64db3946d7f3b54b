"""The table of settings in ``docs/operating.md`` tells what the settings classes are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from cli.plan import ROOT
from cli.storage.settings import StorageSettings
from gateway.settings import GatewaySettings
from services.chatbot.settings import ChatbotSettings
from shared.service.settings import ServiceSettings
from shared.settings import variables

PAGE = ROOT / "docs" / "operating.md"
ELSEWHERE = {"TENSORFLOW_MEMORY_GROWTH"}
"""Read by a library's backend, not by a settings class."""
CLASSES = (GatewaySettings, ServiceSettings, ChatbotSettings, StorageSettings)


def documented() -> dict[str, str]:
    """Variable → its default, as the table has them. A row may be of several, its defaults in the same order."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## Settings\n")[2].partition("\n## ")[0]
    found: dict[str, str] = {}
    for row in re.findall(r"^\| `.*\|$", section, re.M):
        names, defaults = row.strip("| ").split(" | ")[:2]
        told = re.findall(r"`([A-Z_]+)`", names)
        each = defaults.split(", ") if len(told) > 1 and "(or " not in names else [defaults] * len(told)
        found |= dict(zip(told, each, strict=True))
    return found


def worded(default: Any) -> str | None:
    """As the table has it; None for what it words freely."""
    if isinstance(default, bool):
        return f"`{default}`".lower()
    if isinstance(default, int | float | str | Path):
        return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
    return None


@pytest.mark.parametrize("settings", CLASSES)
def test_every_setting_is_there_with_its_default(settings: type[BaseSettings]) -> None:
    told = documented()
    for field_name, field in settings.model_fields.items():
        names = [name.upper() for name in variables(field, field_name)]
        default = next((told[name] for name in names if name in told), None)
        assert default is not None, f"{names[0]} is not in docs/operating.md"
        assert (worded(field.default) or "") in default, f"{names[0]}: the default is {field.default}"


def test_nothing_is_there_that_no_process_reads() -> None:
    read = {
        name.upper()
        for settings in CLASSES
        for field_name, field in settings.model_fields.items()
        for name in variables(field, field_name)
    }
    assert set(documented()) - read == ELSEWHERE
