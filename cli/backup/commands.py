"""``doctorai backup`` and ``doctorai restore``."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import show
from cli.backup import check, create, folder, layout, locks, recover
from cli.backup.locks import Keys, Lock
from cli.backup.recover import Permit, Plan
from cli.show import Failure

Data = Annotated[Path, typer.Option(help="The folder of `doctorai up`.")]
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", envvar="BACKUP_PASSPHRASE_FILE", help="A file that holds a passphrase."),
]
_DATA = Path(".doctorai")
_ENV = Path(".env")


def backup(
    to: Annotated[Path, typer.Option(envvar="BACKUP_PATH", help="The folder of archives.")] = Path("backups"),
    on: Annotated[
        str | None, typer.Option(help="Incremental, on an earlier archive there: its id, its name, or latest.")
    ] = None,
    keep_days: Annotated[
        int | None, typer.Option(min=1, envvar="BACKUP_KEEP_DAYS", help="Then remove archives that are older.")
    ] = None,
    recipient: Annotated[
        list[str] | None,
        typer.Option(envvar="BACKUP_RECIPIENT", help="Encrypt to a public key of age (or a file of them); repeatable."),
    ] = None,
    passphrase_file: Passphrase = None,
    with_secrets: Annotated[bool, typer.Option("--with-secrets", help="Also the secrets; only encrypted.")] = False,
    config: Annotated[Path, typer.Option(help="The settings file to keep, without what looks like a secret.")] = _ENV,
    data: Data = _DATA,
) -> None:
    """Write an archive of accounts, models, audit log and feedback, while the system runs."""
    _stop_cleanly()
    lock = Lock(locks.recipients(recipient or ()), locks.passphrase(passphrase_file))
    if lock.recipients and lock.passphrase:
        raise Failure("--recipient or --passphrase-file, not both")
    wish = create.Wish(to, on, lock, with_secrets, _readable(config), os.environ.get("REDIS_URL"))
    with folder.ours(to):
        made = create.create(layout.find(data), wish)
        gone = folder.retire(to, keep_days, datetime.now(UTC)) if keep_days else []
    held = made.held
    shared = len(made.manifest.files) - len(held)
    words = f"{len(held)} files, {sum(entry.size for entry in held):,} bytes; {made.path.stat().st_size:,} packed"
    show.note(f"✓ {made.manifest.kind}: {words}" + (f"; {shared} files are in earlier archives" if shared else ""))
    for path in gone:
        show.note(f"  removed {path.name}: older than {keep_days} days")
    show.line(str(made.path))


def restore(
    archive: Annotated[Path | None, typer.Argument(help="An archive; a folder means its latest.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, say what would be done.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a system that is in use, or runs.")] = False,
    other_key: Annotated[bool, typer.Option("--other-key", help="It was made under another SECRET_KEY.")] = False,
    identity: Annotated[
        list[Path] | None, typer.Option(envvar="BACKUP_IDENTITY", help="A private key's file; repeatable.")
    ] = None,
    passphrase_file: Passphrase = None,
    print_config: Annotated[bool, typer.Option("--print-config", help="Only print the settings file.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="End a restore that was interrupted.")] = False,
    max_size: Annotated[int, typer.Option(min=1, help="GiB that an archive may unpack to.")] = 100,
    data: Data = _DATA,
) -> None:
    """Check an archive and all that it rests on, then put it in the place of what is there."""
    _stop_cleanly()
    place = layout.find(data)
    permit = Permit(force, other_key, os.environ.get("REDIS_URL"))
    if undo:
        how = recover.undo(place, permit)
        show.note(f"✓ the restore has been {how}" if how else "no restore was interrupted")
        return
    if archive is None:
        raise Failure("which archive? Name it, or its folder for the latest")
    keys = Keys(locks.identities(identity or ()), locks.passphrase(passphrase_file))
    if print_config:
        found = check.check_chain(archive, keys, max_size << 30)[0].small.get(layout.CONFIG)
        if found is None:
            raise Failure(f"{archive.name} holds no settings file")
        sys.stdout.write(found.decode("utf-8", errors="replace"))
        return
    plan = recover.plan(place, archive, keys, permit, max_size << 30)
    _tell(plan)
    if dry_run:
        show.note("; ".join(plan.why_not) + ": it would want --force" if plan.why_not else "nothing is in the way")
        return
    recover.restore(place, plan, keys, permit)
    show.note("✓ restored" + ("; start the system again: it ran meanwhile" if plan.runs else ""))
    if plan.key is None:
        show.note("! under another key: the audit log does not verify, everybody signs in anew")


def _tell(plan: Plan) -> None:
    for checked in plan.chain:
        held = [entry for entry in checked.manifest.files if entry.held_by == checked.manifest.id]
        words = f"{checked.manifest.kind}, {checked.manifest.time:%Y-%m-%d %H:%M:%S} UTC, {len(held)} files"
        show.note(f"✓ {checked.archive.path.name}: {words}, every checksum matches")
    for target in plan.targets:
        what = f"{len(target.files)} files, {target.size:,} bytes" if target in plan.changed else "as in the archive"
        show.note(f"  {target.folder}: {what}")


def _readable(config: Path) -> Path | None:
    """``config``; None where there is none, or it is another user's alone: the accounts are worth more than it."""
    if config.is_file() and not os.access(config, os.R_OK):
        show.note(f"✗ {config} may not be read by this user, and is not in the archive")
        return None
    return config if config.is_file() else None


def _stop_cleanly() -> None:
    """SIGTERM, of systemd or Docker, removes what is half done, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
