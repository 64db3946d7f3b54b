"""``python -m cli.metrics_secrets METRICS GRAFANA REDIS EXPORTER``: the secrets of the monitoring overlay.

Its own go into ``METRICS`` and ``GRAFANA`` where they are not there yet. Of ``REDIS`` goes into ``EXPORTER``, anew each
time, what its exporter shows to each Redis server that there may be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cli.redis_acl import SERVERS
from cli.secrets import make_secrets, read, write_anew, write_once

METRICS = ("metrics_token",)
"""What Prometheus shows to the gateway, which has the folder, too."""
GRAFANA = ("grafana_password",)
"""Its administrator's: of nobody else."""
USER = "metrics"
REDIS_SERVERS = ("redis", "redis-replica-1", "redis-replica-2")
"""Of docker-compose.yml and of deploy/compose.redis-ha.yml."""
EXPORTER_FILE = "redis_passwords.json"


def exporter_passwords(password: str) -> str:
    """JSON: address of a server, with the user → password."""
    return json.dumps({f"redis://{USER}@{server}:6379": password for server in REDIS_SERVERS})


def main(arguments: list[str]) -> int:
    metrics, grafana, redis, exporter = map(Path, arguments)
    _move(metrics / GRAFANA[0], grafana / GRAFANA[0])
    for path in (*make_secrets(metrics, METRICS), *make_secrets(grafana, GRAFANA)):
        sys.stdout.write(f"made {path}\n")
    write_anew(exporter / EXPORTER_FILE, exporter_passwords(read(redis / SERVERS[USER].secret)))
    return 0


def _move(old: Path, new: Path) -> None:
    """From where both once lay: Grafana goes on with the password that it was first started with."""
    if not old.exists():
        return
    if not new.exists():
        write_once(new, old.read_bytes())
    old.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
