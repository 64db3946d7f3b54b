"""All dashboards, and the files that they are written to."""

from __future__ import annotations

from pathlib import Path

from deploy.grafana.source import business, capacity, gateway, model, overview, slo

FOLDER = Path(__file__).parents[1] / "provisioning" / "dashboards" / "json"


def files() -> dict[str, str]:
    """A file's name → its JSON."""
    pages = [overview.page(), model.page(), gateway.page(), business.page(), capacity.page(), slo.page()]
    return {f"{page.uid}.json": page.json() for page in pages}
