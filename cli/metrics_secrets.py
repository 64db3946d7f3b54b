"""``python -m cli.metrics_secrets FOLDER REDIS EXPORTER``: the secrets of the monitoring overlay.

Its own go into ``FOLDER`` where they are not there yet. Of ``REDIS`` goes into ``EXPORTER``, anew each time, what its
exporter shows to each Redis server that there may be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cli.redis_acl import SERVERS
from cli.secrets import make_secrets, read, write_anew

METRICS = ("metrics_token", "grafana_password")
"""What Prometheus shows to the gateway; Grafana's administrator's."""
USER = "metrics"
REDIS_SERVERS = ("redis", "redis-replica-1", "redis-replica-2")
"""Of docker-compose.yml and of deploy/compose.redis-ha.yml."""
EXPORTER_FILE = "redis_passwords.json"


def exporter_passwords(password: str) -> str:
    """JSON: address of a server, with the user → password."""
    return json.dumps({f"redis://{USER}@{server}:6379": password for server in REDIS_SERVERS})


def main(arguments: list[str]) -> int:
    folder, redis, exporter = map(Path, arguments)
    for path in make_secrets(folder, METRICS):
        sys.stdout.write(f"made {path}\n")
    write_anew(exporter / EXPORTER_FILE, exporter_passwords(read(redis / SERVERS[USER].secret)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
