"""What several dashboards have in common: where a click leads, and a panel that is the same on each."""

from __future__ import annotations

from typing import Unpack

from deploy.grafana.source.frame import Options, Panel, to_dashboard
from deploy.grafana.source.panels import lines
from deploy.grafana.source.promql import quantile
from deploy.grafana.source.scales import SECONDS, UNASKED

MODEL = to_dashboard("One model", "model", "var-model=${__value.raw}")
"""From a cell that holds the model's name."""
SERIES_MODEL = to_dashboard("One model", "model", "var-model=${__field.labels.model}")
"""From a series of the model."""
GATEWAY = to_dashboard("Gateway", "gateway")
CAPACITY = to_dashboard("Capacity", "capacity")
SLO = to_dashboard("SLO", "slo")


def response_times(**options: Unpack[Options]) -> Panel:
    """Of each model."""
    options |= {"unit": "s", "limits": SECONDS, "click": [SERIES_MODEL], "empty": UNASKED}
    return lines(
        "Response time by model, p95",
        "95 % of a model's requests are answered within this time; points are single requests with their traces.",
        (quantile(0.95, "model_request_duration_seconds", "model"), "{{model}}"),
        exemplars=True,
        **options,
    )
