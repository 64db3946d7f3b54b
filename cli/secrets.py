"""``python -m cli.secrets SHARED GATEWAY``: makes the secrets of a system of containers that are not there yet.

``SHARED`` is for all (Redis's password, what the gateway shows to the services), ``GATEWAY`` for the gateway alone.
What is there stays, so that whoever is signed in stays so, and an operator may bring their own.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

SHARED = ("redis_password", "service_token")
GATEWAY = ("secret_key", "admin_password")
_BYTES = 32


def write_once(path: Path, data: bytes) -> None:
    """For everybody to read and nobody to change. Raises FileExistsError for what is there.

    The readers run as other users; only containers that have the volume see it.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def make_secrets(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Writes a random value to each file that is not there; those that it wrote. Raises OSError when it cannot."""
    written = []
    for name in names:
        path = folder / name
        try:
            write_once(path, secrets.token_urlsafe(_BYTES).encode())
        except FileExistsError:
            continue
        written.append(path)
    return written


def main(arguments: list[str]) -> int:
    for folder, names in zip(map(Path, arguments), (SHARED, GATEWAY), strict=True):
        for path in make_secrets(folder, names):
            sys.stdout.write(f"made {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
