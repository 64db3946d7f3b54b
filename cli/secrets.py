"""``python -m cli.secrets SHARED GATEWAY REDIS``: makes the secrets of a system of containers that are not there yet.

``SHARED`` is for all, ``GATEWAY`` for the gateway alone, ``REDIS`` for Redis and its Sentinels: there also lies who may
do what in them, written anew each time. A secret that is there stays, so that whoever is signed in stays so, and an
operator may bring their own: as a file, or, before the first start, in the environment under its name in
capitals, as the original system had SECRET_KEY.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from cli.redis_acl import SENTINELS, SERVERS, User, acl
from shared.files import replace_file

SHARED = ("service_token", "redis_service_password", "sentinel_client_password")
GATEWAY = ("secret_key", "admin_password", "redis_gateway_password")
REDIS = (
    "redis_backup_password",
    "redis_metrics_password",
    "redis_admin_password",
    "redis_health_password",
    "redis_replica_password",
    "redis_sentinel_password",
    "sentinel_peer_password",
)
LISTS = {"users.acl": SERVERS, "sentinel-users.acl": SENTINELS}
_BYTES = 32


def write_once(path: Path, data: bytes) -> None:
    """For everybody to read and nobody to change. Raises FileExistsError for what is there.

    The readers run as other users; only containers that have the volume see it.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def make_secrets(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Writes each file that is not there: what the environment gives, or a random value; those that it wrote.

    Raises OSError when it cannot.
    """
    written = []
    for name in names:
        path, given = folder / name, os.environ.get(name.upper())
        try:
            write_once(path, (given or secrets.token_urlsafe(_BYTES)).encode())
        except FileExistsError:
            # what it signed could not be believed any more: nobody may lose it by a variable of their shell
            if given and path.read_text(encoding="utf-8").strip() != given:
                sys.stdout.write(f"{path} is kept; {name.upper()} of the environment is another (docs/operations.md)\n")
            continue
        written.append(path)
    return written


def write_list(path: Path, users: Mapping[str, User], passwords: Mapping[str, str]) -> None:
    """Who may do what. Raises OSError when it cannot."""
    write_anew(path, acl(users, passwords))


def write_anew(path: Path, text: str) -> None:
    """For everybody to read, in place of what was there, whole or not at all. Raises OSError when it cannot."""
    replace_file(path, text.encode(), 0o444)


def main(arguments: list[str]) -> int:
    passwords: dict[str, str] = {}
    for folder, names in zip(map(Path, arguments), (SHARED, GATEWAY, REDIS), strict=True):
        for path in make_secrets(folder, names):
            sys.stdout.write(f"made {path}\n")
        passwords |= {name: read(folder / name) for name in names}
    for file, users in LISTS.items():
        write_list(Path(arguments[-1]) / file, users, passwords)
    return 0


def read(path: Path) -> str:
    """A password as those read it that use it. Ends the program, with its name, where it is missing or empty."""
    try:
        value = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        sys.exit(f"{path}: is missing")
    if not value:
        sys.exit(f"{path}: is empty; remove it, and one is made")
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
