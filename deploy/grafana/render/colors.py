"""The light theme, and what a value's colour is."""

from __future__ import annotations

from typing import Any

PAGE, CARD, EDGE, GRID = "#f4f5f7", "#ffffff", "#dfe2e7", "#eceef1"
TEXT, FAINT = "#24292e", "#7b8087"
NAMED = {
    "green": "#2f9e44",
    "yellow": "#e0a800",
    "orange": "#e8590c",
    "red": "#d6303a",
    "blue": "#3274d9",
    "purple": "#8f5fd7",
}
PALETTE = ("#3274d9", "#56a64b", "#e0a800", "#e0752d", "#a352cc", "#1f9ea8", "#c4162a", "#6e7681", "#8fbc5a", "#d683ce")


def defaults(panel: dict[str, Any]) -> dict[str, Any]:
    """What a panel says of all its values."""
    found: dict[str, Any] = panel.get("fieldConfig", {}).get("defaults", {})
    return found


def colored(value: float, config: dict[str, Any]) -> str:
    """By the value's word if it has one, else by the thresholds."""
    if word := mapped(value, config):
        return NAMED.get(word.get("color", ""), TEXT)
    color = "green"
    for step in config.get("thresholds", {}).get("steps", []):
        if step["value"] is None or value >= step["value"]:
            color = step["color"]
    return NAMED.get(color, color)


def mapped(value: float, config: dict[str, Any]) -> dict[str, Any] | None:
    """The word and the colour that a value is shown with."""
    for mapping in config.get("mappings", []):
        found: dict[str, Any] | None = mapping.get("options", {}).get(f"{value:g}")
        if found:
            return found
    return None


def limits(config: dict[str, Any]) -> list[tuple[float, str]]:
    """The thresholds that are numbers, and their colours."""
    steps = config.get("thresholds", {}).get("steps", [])
    return [
        (float(step["value"]), NAMED.get(step["color"], step["color"])) for step in steps if step["value"] is not None
    ]
