"""Whether a system runs on what is to be replaced."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.backup.layout import Layout
from cli.up import only_one
from shared.audit.lock import try_slot
from shared.audit.places import lock_path, slots

_PATIENCE_S = 2.0


def who_runs(layout: Layout, redis_url: str | None) -> list[str]:
    """What runs, in words; nothing for a system that is stopped."""
    found = [f"Redis answers at {urlsplit(redis_url).hostname}"] if redis_url and _answers(redis_url) else []
    if _gateway_runs(layout):
        found.append(f"a gateway writes to {layout.audit}")
    if layout.is_embedded and layout.data.is_dir():
        try:
            with only_one(layout.data):
                pass
        except RuntimeError:
            found.append(f"`doctorai up` runs with {layout.data}")
    return found


@contextlib.contextmanager
def held(layout: Layout) -> Iterator[None]:
    """Keeps `doctorai up` from starting meanwhile; one that runs already was permitted."""
    with contextlib.ExitStack() as stack:
        if layout.is_embedded:
            layout.data.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(RuntimeError):
                stack.enter_context(only_one(layout.data))
        yield


def _gateway_runs(layout: Layout) -> bool:
    for slot in slots(layout.audit) if layout.audit.is_dir() else ():
        if lock_path(layout.audit, slot).exists():
            lock = try_slot(layout.audit, slot)
            if lock is None:
                return True
            lock.release()
    return False


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "localhost", parts.port or 6379), _PATIENCE_S).close()
    except OSError:
        return False
    return True
