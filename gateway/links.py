"""Links of the page to the other pages of the system.

Their settings may be older than the page, and went to Prometheus alone, which takes a bare host or a path, too: one
that a browser cannot open is left out, and stops no start.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from gateway.settings import GatewaySettings
from shared.logs import get_logger

_log = get_logger(__name__)
_NAMES = ("grafana_url", "alertmanager_url", "runbooks_url")


def links(settings: GatewaySettings) -> dict[str, str | None]:
    """Setting → its URL; None for one that is not http(s)."""
    return {name: _opened(getattr(settings, name)) for name in _NAMES}


def warn_of_links(settings: GatewaySettings) -> None:
    """A line in the log for each that is left out."""
    for name, found in links(settings).items():
        if getattr(settings, name) and found is None:
            _log.warning("link_left_out", setting=name.upper(), detail="a URL such as https://host/path is wanted")


def _opened(url: str | None) -> str | None:
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None
