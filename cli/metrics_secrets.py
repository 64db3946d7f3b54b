"""``python -m cli.metrics_secrets FOLDER``: the secrets of the monitoring overlay that are not there yet."""

from __future__ import annotations

import sys
from pathlib import Path

from cli.secrets import make_secrets

METRICS = ("metrics_token", "grafana_password")
"""What Prometheus shows to the gateway; Grafana's administrator's."""


def main(arguments: list[str]) -> int:
    (folder,) = arguments
    for path in make_secrets(Path(folder), METRICS):
        sys.stdout.write(f"made {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
