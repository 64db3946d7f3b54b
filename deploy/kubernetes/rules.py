"""``python -m deploy.kubernetes.rules``: Prometheus's rules as the Prometheus Operator takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parents[1] / "prometheus" / "rules"
TARGET = Path(__file__).parent / "components" / "monitoring" / "prometheus-rules.yaml"
ELSEWHERE = ("redis-alerts", "certificate-alerts", "monitoring-alerts", "instances-alerts")
"""Groups on what the component does not bring: a Redis exporter, a probe; what a cluster watches itself."""
_HEAD = "# Written by `make dashboards` from deploy/prometheus/rules: change it there.\n"


def text() -> str:
    """The file."""
    files = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(RULES.glob("*.yml")))
    groups = [group for content in files for group in content["groups"] if group["name"] not in ELSEWHERE]
    document: dict[str, Any] = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "doctorai"},
        "spec": {"groups": groups},
    }
    return _HEAD + yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


class _Plain(yaml.SafeDumper):
    """Without anchors, and with lines as lines."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Plain.add_representer(str, _Plain.represent_str)


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
