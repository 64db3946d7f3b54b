"""Where each file of an archive goes."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cli import show
from cli.backup.exchange import Target
from cli.backup.layout import REDIS_FILES, Layout
from cli.backup.manifest import Entry, Manifest
from cli.show import Failure
from shared.embedded_redis import redis_server

_ALL = ("*",)


def targets(layout: Layout, manifest: Manifest) -> list[Target]:
    """A folder each; the first is that of Redis. Raises Failure for what has no place here."""
    found: dict[Path, Target] = {}
    for target in _parts(layout, manifest):
        known = found.get(target.folder)
        owned, files = (known.owned, known.files) if known else ((), {})
        found[target.folder] = replace(target, owned=(*owned, *target.owned), files={**files, **target.files})
    return list(found.values())


def folders(layout: Layout) -> list[Target]:
    """Where a restore may have left something."""
    places = [layout.redis, layout.models, layout.choices, layout.audit, layout.feedback]
    owned: dict[Path, tuple[str, ...]] = {place: _ALL for place in places[1:] if place}
    if layout.redis:
        owned = {layout.redis: REDIS_FILES, **owned}
    for path in layout.secrets.values():
        owned[path.parent] = (*owned.get(path.parent, ()), path.name)
    return [Target(place, patterns, {}) for place, patterns in owned.items()]


def changes(wanted: Sequence[Target]) -> list[Target]:
    """Those that do not hold what they should already. Raises Failure for one that cannot be read."""
    try:
        return [target for target in wanted if target.differs()]
    except OSError as error:
        raise Failure(f"cannot read {error.filename}: {error.strerror}") from None


def check_redis(layout: Layout, manifest: Manifest) -> None:
    """Raises Failure for a Redis that would not read the snapshot, or lose it, where that is known."""
    if manifest.redis and layout.redis and _is_replica(layout.redis):
        raise Failure(
            f"the Redis of {layout.redis} is a replica, and would copy the primary's data over what is restored: "
            "remove the volumes of all Redis servers and Sentinels first (docs/backup.md)"
        )
    executable = redis_server() if layout.is_embedded else None
    if manifest.redis is None or executable is None:
        return
    command = [executable, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    match = re.search(r"v=(\d+)\.(\d+)", said)
    there, here = manifest.redis.split(".")[:2], list(match.groups()) if match else []
    if here and [int(word) for word in there if word.isdigit()] > [int(word) for word in here]:
        raise Failure(f"the snapshot is of Redis {manifest.redis}; {'.'.join(here)}, which is here, cannot read it")


def _is_replica(data: Path) -> bool:
    try:
        lines = (data / "redis.conf").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.startswith("replicaof ") for line in lines)


def _parts(layout: Layout, manifest: Manifest) -> Iterator[Target]:
    parts: dict[str, dict[str, Entry]] = {}
    for entry in manifest.files:
        head, _, rest = entry.name.partition("/")
        parts.setdefault(head, {})[rest] = entry
    if snapshot := parts.get("redis"):
        if layout.redis is None:
            raise Failure("Redis is not ours (REDIS_URL): stop it, and name the folder of its data in REDIS_DATA_PATH")
        yield Target(layout.redis, REDIS_FILES, {REDIS_FILES[0]: next(iter(snapshot.values()))})
    for head, folder in (("models", layout.models), ("audit", layout.audit), ("feedback", layout.feedback)):
        if files := parts.get(head):
            yield Target(folder, _ALL, files)
    if layout.choices and "models" in parts:
        yield Target(layout.choices, _ALL, {})  # those of the archive are beside the models
    for name, entry in parts.get("secrets", {}).items():
        if path := layout.secrets.get(name):
            yield Target(path.parent, (path.name,), {path.name: entry})
        else:
            show.note(f"! the archive holds {name}; it has no place here, and is left out")
