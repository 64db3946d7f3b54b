"""``python -m cli.redis_users GIVEN OWN``: who may do what in Redis, where passwords are given, as Kubernetes does.

``GIVEN`` has the passwords of the gateway and of the services, and is only read. Those that nobody else needs go into
``OWN``, random, beside the list, which is written anew each time.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cli.redis_acl import SERVERS
from cli.secrets import REDIS, make_secrets, read, write_list


def main(arguments: list[str]) -> int:
    given, own = map(Path, arguments)
    wanted = {user.secret for user in SERVERS.values()}
    mine = tuple(sorted(wanted & set(REDIS)))
    make_secrets(own, mine)
    passwords = {name: read((own if name in mine else given) / name) for name in wanted}
    write_list(own / "users.acl", SERVERS, passwords)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
