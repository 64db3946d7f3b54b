"""Puts a chain of archives back in place: checked as a whole first, then written beside, then exchanged."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli import show
from cli.backup import check, exchange, manifest
from cli.backup.check import Checked
from cli.backup.exchange import Target
from cli.backup.layout import SECRET_KEY, Layout, previous_keys, secret_key
from cli.backup.locks import Keys
from cli.backup.manifest import Entry
from cli.backup.running import held, who_runs
from cli.backup.tape import Member
from cli.backup.targets import changes, check_redis, folders, targets
from cli.show import Failure
from shared.audit.keys import audit_keys
from shared.audit.verify import verify


@dataclass(frozen=True)
class Permit:
    """``force``: replace what is there, or runs. ``other_key``: an archive that was made under another SECRET_KEY."""

    force: bool = False
    other_key: bool = False
    redis_url: str | None = None


@dataclass(frozen=True)
class Plan:
    """What a restore is going to do. ``key``: the secret key that the archive was made under, where it is known."""

    chain: Sequence[Checked]
    targets: Sequence[Target]
    changed: Sequence[Target]
    key: str | None
    runs: Sequence[str]
    used: Sequence[str]

    @property
    def why_not(self) -> list[str]:
        """What only ``force`` gets past."""
        return [*self.runs, *self.used]


def plan(layout: Layout, path: Path, keys: Keys, permit: Permit, largest: int) -> Plan:
    """Reads every byte of the chain, and looks at what is there. Touches nothing. Raises Failure."""
    if any(target.stage.is_dir() for target in folders(layout)):
        raise Failure("a restore was interrupted here: end it first, with `doctorai restore --undo`")
    chain = check.check_chain(path, keys, largest)
    key = _key(layout, chain)
    if key is None and not permit.other_key:
        raise Failure(
            f"{path.name} was made under the secret key {chain[0].manifest.key}, and {_current(layout)}. Without that "
            "key the audit log cannot be verified, everybody is signed out, and nothing shows who made the archive: "
            "put the former SECRET_KEY in place, or give --other-key"
        )
    check_redis(layout, chain[0].manifest)
    wanted = targets(layout, chain[0].manifest)
    changed = changes(wanted)
    runs = who_runs(layout, permit.redis_url)
    used = [f"{target.folder} is in use" for target in changed if target.is_in_use()]
    return Plan(chain, wanted, changed, key, runs, used)


def restore(layout: Layout, found: Plan, keys: Keys, permit: Permit) -> None:
    """Does what ``found`` says, wholly or not at all. Raises Failure."""
    if found.why_not and not permit.force:
        raise Failure(f"{'; '.join(found.why_not)}: nothing was touched; --force replaces it")
    with held(layout):
        try:
            _check_space(found.changed)
            _replace(found, keys)
        except OSError as error:
            raise Failure(f"{error.filename or 'restore'}: {error.strerror or error}; what was there is kept") from None


def _replace(found: Plan, keys: Keys) -> None:
    try:
        for target in found.changed:
            exchange.stage(target)
        for checked in found.chain:
            _extract(checked, found, keys)
        for target in found.changed:
            exchange.settle(target)
        _verify_audit(found)
        for target in found.changed:
            exchange.exchange(target)
    except BaseException:
        exchange.end_interrupted(found.changed)
        raise
    exchange.finish(found.changed)


def _extract(checked: Checked, found: Plan, keys: Keys) -> None:
    """Writes what the newest archive says that this one holds."""
    wanted = {
        entry: (target, name)
        for target in found.changed
        for name, entry in target.files.items()
        if entry.held_by == checked.archive.id
    }
    by_name = manifest.by_name(wanted)
    for member in check.members(checked.archive, keys):
        entry = by_name.get(member.name)
        if entry is None:
            for _ in member.chunks():
                pass
        else:
            exchange.write(*wanted[entry], _compared(member, entry))


def _compared(member: Member, entry: Entry) -> Iterator[bytes]:
    """The bytes of a file, compared once more: it may have been changed since it was checked."""
    digest = hashlib.sha256()
    for chunk in member.chunks():
        digest.update(chunk)
        yield chunk
    if (member.size, digest.hexdigest()) != (entry.size, entry.sha256):
        raise Failure(f"{member.name} was changed since it was checked")


def _verify_audit(found: Plan) -> None:
    for target in found.changed:
        if found.key and any(entry.name.startswith("audit/") for entry in target.files.values()):
            report = verify(target.stage / "new", audit_keys(found.key, previous_keys()), patience_s=0)
            if not report.ok:
                count = len(report.problems) + report.more
                show.note(f"! the audit log in the archive has {count} problems; see `doctorai audit verify`")


def undo(layout: Layout, permit: Permit) -> str | None:
    """Ends a restore that was interrupted: what was there is there again, or the rest is done; which of them.

    None when there is none. Raises Failure.
    """
    runs = who_runs(layout, permit.redis_url)
    if runs and not permit.force:
        raise Failure(f"{'; '.join(runs)}: stop it first, or give --force")
    try:
        with held(layout):
            return exchange.end_interrupted(folders(layout))
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None


def _key(layout: Layout, chain: Sequence[Checked]) -> str | None:
    """The key that signed the chain, of those that there are. Raises Failure for a signature that is not its own."""
    wanted = chain[0].manifest.key
    carried = chain[0].small.get(SECRET_KEY, b"").decode("utf-8", errors="replace")
    comes = carried if "secret_key" in layout.secrets else ""
    known = [word for word in (comes, secret_key(layout), *previous_keys()) if word]
    key = next((word for word in known if manifest.public_id(word) == wanted), None)
    for checked in chain if key else ():
        if not manifest.is_signed(checked.manifest, key or ""):
            raise Failure(f"{checked.archive.path.name}: its manifest was changed, or made with another key")
    return key


def _current(layout: Layout) -> str:
    current = secret_key(layout)
    return f"here it is {manifest.public_id(current)}" if current else "here is none"


def _check_space(changed: Sequence[Target]) -> None:
    wanted: dict[int, int] = {}
    for target in changed:
        exchange.make_folder(target.folder)
        device = target.folder.stat().st_dev
        wanted[device] = wanted.get(device, 0) + target.size
        if wanted[device] > shutil.disk_usage(target.folder).free:
            raise Failure(f"there is not enough space in {target.folder}: {wanted[device]:,} bytes are needed")
