"""What goes into an archive besides Redis, cut so that it is whole although it is being written to.

Of the audit log the heads come first, then the lines up to the last whole one: a log that is longer than its head says
verifies, one that is shorter does not. Files are taken oldest first, so that one which retention removes meanwhile is
announced as removed in a file that comes later.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cli import show
from cli.backup.layout import MEMBER, Layout, read, secret_key
from cli.show import Failure
from shared.audit.places import day_files, head_path, lock_path, slots
from shared.versions import SERVING

_SECRET_NAME = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL|CONNECTION_STRING|REDIS_URL", re.IGNORECASE)
_CHUNK = 1 << 16
_PRIVATE, _READABLE = 0o600, 0o644


@dataclass(frozen=True)
class Source:
    """A file, or bytes. ``lines``: only whole ones, of a file that grows and may be retired."""

    name: str
    path: Path | None = None
    data: bytes = b""
    mode: int = _PRIVATE
    lines: bool = False


@contextlib.contextmanager
def opened(source: Source) -> Iterator[tuple[BinaryIO, int]]:
    """The file and how many of its bytes are wanted. Raises FileNotFoundError, Failure for one that changes."""
    if source.path is None:
        yield io.BytesIO(source.data), len(source.data)
        return
    try:
        with source.path.open("rb") as file:
            before = os.fstat(file.fileno())
            yield file, _whole_lines(file, before.st_size) if source.lines else before.st_size
            after = os.fstat(file.fileno())
    except PermissionError as error:
        raise Failure(f"cannot read {source.path}: {error.strerror}") from None
    if not source.lines and (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Failure(f"{source.path} was changed while it was read; try again")


def gather(layout: Layout, config: Path | None, *, with_secrets: bool) -> Iterator[Source]:
    """Everything, in the order in which it is to be read."""
    yield from _audit(layout.audit)
    yield from _feedback(layout.feedback)
    yield from _models(layout.models, layout.choices)
    if config:
        yield Source("config/env", data=_without_secrets(config))
    if with_secrets:
        yield from _secrets(layout)


def _audit(folder: Path) -> Iterator[Source]:
    if not folder.is_dir():
        return
    known = slots(folder)
    for slot in known:
        if lock_path(folder, slot).exists():
            yield Source(f"audit/{lock_path(folder, slot).name}")
        with contextlib.suppress(FileNotFoundError):
            head = head_path(folder, slot)
            yield Source(f"audit/{head.name}", data=head.read_bytes())
    for slot in known:
        for _, path in day_files(folder, slot):
            yield Source(f"audit/{path.name}", path, lines=True)
    for path in sorted(folder.glob("audit-*.torn")):
        if MEMBER.fullmatch(f"audit/{path.name}"):
            yield Source(f"audit/{path.name}", path)


def _feedback(folder: Path) -> Iterator[Source]:
    for path in sorted(folder.glob("feedback-*.jsonl")):
        if MEMBER.fullmatch(f"feedback/{path.name}"):
            yield Source(f"feedback/{path.name}", path, lines=True)


def _models(folder: Path, choices: Path | None) -> Iterator[Source]:
    """Names with a dot before them are of work that goes on. A choice that lies elsewhere is kept beside its models."""
    chosen = {f"{path.parent.name}/{SERVING}": path for path in sorted(choices.glob(f"*/{SERVING}"))} if choices else {}
    for name, path in _files(folder):
        if name not in chosen:
            yield Source(f"models/{name}", _regular(path), mode=_READABLE)
    for name, path in chosen.items():
        yield Source(f"models/{name}", _regular(path), mode=_READABLE)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if not name.startswith("."):
                yield path.relative_to(folder).as_posix(), path
        for name in [name for name in folders if Path(place, name).is_symlink()]:
            raise Failure(f"{Path(place, name)} is a link to a folder; a backup holds what lies in {folder} itself")


def _regular(path: Path) -> Path:
    if not path.is_file():
        raise Failure(f"{path} is not a file")
    return path


def _without_secrets(path: Path) -> bytes:
    """The lines of ``.env`` but those that look like a secret."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot read {path}: {error}") from None
    kept = [line for line in lines if not _SECRET_NAME.search(line.partition("=")[0])]
    if len(kept) < len(lines):
        show.note(f"{path}: {len(lines) - len(kept)} lines look like secrets, and are not in the archive")
    return "".join(f"{line}\n" for line in kept).encode()


def _secrets(layout: Layout) -> Iterator[Source]:
    for name, path in sorted(layout.secrets.items()):
        if value := read(path):
            yield Source(f"secrets/{name}", data=value.encode(), mode=path.stat().st_mode & 0o644)
    if "secret_key" not in layout.secrets and (key := secret_key(layout)):
        yield Source("secrets/secret_key", data=key.encode())


def _whole_lines(file: BinaryIO, size: int) -> int:
    """The end of the last whole line within ``size`` bytes; leaves the file at its start."""
    end = size
    while end:
        start = max(0, end - _CHUNK)
        file.seek(start)
        at = file.read(end - start).rfind(b"\n")
        if at >= 0:
            file.seek(0)
            return start + at + 1
        end = start
    file.seek(0)
    return 0
