"""Links that a browser can open are the page's; others are left out, with a word in the log."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from gateway.links import links, warn_of_links
from gateway.settings import GatewaySettings

GOOD = ("https://grafana.example", "http://10.0.0.7:9093/alerts", "https://git.example/runbooks")
BAD = (
    "javascript:alert(1)",
    "grafana.example",
    "//grafana.example",
    "https://",
    "data:text/html,x",
    "/runbooks",
    "http://[",
)


def of(alone: GatewaySettings, url: str | None) -> GatewaySettings:
    return alone.model_copy(update={"grafana_url": url, "alertmanager_url": None, "runbooks_url": None})


@pytest.mark.parametrize("url", [*GOOD, None])
def test_what_a_browser_can_open(alone: GatewaySettings, url: str | None) -> None:
    with capture_logs() as said:
        warn_of_links(of(alone, url))
    assert said == []
    assert links(of(alone, url))["grafana_url"] == url


@pytest.mark.parametrize("url", BAD)
def test_what_it_cannot_is_left_out(alone: GatewaySettings, url: str) -> None:
    with capture_logs() as said:
        warn_of_links(of(alone, url))
    assert [(line["log_level"], line["setting"]) for line in said] == [("warning", "GRAFANA_URL")]
    assert links(of(alone, url)) == {"grafana_url": None, "alertmanager_url": None, "runbooks_url": None}
