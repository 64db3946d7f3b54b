"""``doctorai audit``: verify and export the gateway's audit log."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

import typer
from rich.console import Console
from rich.table import Table

from shared.audit.export import WRITERS, Format
from shared.audit.keys import audit_keys
from shared.audit.read import entries
from shared.audit.verify import Report
from shared.audit.verify import verify as verify_log

app = typer.Typer(no_args_is_help=True, help="Verify and export the gateway's audit log.")
_LOCAL = Path(".doctorai")
_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
_console = Console()
_errors = Console(stderr=True)

Folder = Annotated[
    Path | None, typer.Option(help="The log's folder; .doctorai/logs/audit where there is one, else logs/audit.")
]


@app.command()
def verify(
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Look for lines that were changed, removed, moved or added; ends with 1 when there are any."""
    place = _place(folder)
    report = _verified(place)
    if as_json:
        sys.stdout.write(report.model_dump_json(indent=2) + "\n")
    else:
        _show(report, place)
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def export(
    folder: Folder = None,
    form: Annotated[Format, typer.Option("--format", help="fhir: AuditEvents of FHIR R4, one a line.")] = "jsonl",
    since: Annotated[datetime | None, typer.Option(formats=_TIMES, help="UTC; from this time.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_TIMES, help="UTC; before this time.")] = None,
    out: Annotated[Path | None, typer.Option(help="A file instead of standard output.")] = None,
    unverified: Annotated[bool, typer.Option("--unverified", help="Export a log that does not verify.")] = False,
) -> None:
    """Write the log out in the order of its times."""
    place = _place(folder)
    if not unverified and not (report := _verified(place)).ok:
        _fail(
            f"{place} does not verify: {_count(report)}. See `audit verify`; --unverified exports it all the same.", 1
        )
    try:
        with _opened(out) as file:
            WRITERS[form](entries(place, _utc(since), _utc(until)), file)
    except (OSError, KeyError, ValueError) as error:
        _fail(f"cannot export: {error}")


def _place(folder: Path | None) -> Path:
    local = _LOCAL / "logs" / "audit"
    place = folder or (local if local.is_dir() else Path("logs/audit"))
    if not place.is_dir():
        _fail(f"there is no audit log in {place}; name its folder with --folder")
    return place


def _verified(place: Path) -> Report:
    try:
        return verify_log(place, _keys())
    except OSError as error:
        _fail(f"cannot read the log: {error}")


def _keys() -> dict[str, bytes]:
    current = _secret("SECRET_KEY") or _local_secret()
    if not current:
        _fail("no key: set SECRET_KEY or SECRET_KEY_FILE to what the gateway has")
    previous = (_secret("SECRET_KEY_PREVIOUS") or "").split(",")
    return audit_keys(current, [word.strip() for word in previous])


def _secret(name: str) -> str | None:
    """The same rule as the gateway's settings: the file wins."""
    path = os.environ.get(f"{name}_FILE")
    return _read(Path(path), f"{name}_FILE") if path else os.environ.get(name)


def _local_secret() -> str | None:
    path = _LOCAL / "secret_key"
    return _read(path, "the key of `doctorai up`") if path.is_file() else None


def _read(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"{what}: cannot read {path}: {error}")


def _show(report: Report, place: Path) -> None:
    if report.ok:
        _console.print(f"[bold green]✓[/] {place}: {_count(report)}", highlight=False, soft_wrap=True)
        return
    table = Table("file", "line", "what")
    for problem in report.problems:
        table.add_row(problem.file, str(problem.line or ""), problem.what)
    _console.print(table)
    _console.print(f"[bold red]✗[/] {place}: {_count(report)}", highlight=False, soft_wrap=True)


def _count(report: Report) -> str:
    span = f", {report.first:%Y-%m-%d %H:%M:%S} to {report.last:%Y-%m-%d %H:%M:%S} UTC" if report.first else ""
    found = len(report.problems) + report.more
    return f"{report.lines} lines, {report.files} files, {report.slots} slots{span}; {found or 'no'} problems"


def _utc(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time


@contextlib.contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    with open(out, "w", encoding="utf-8", newline="", opener=_private) as file:
        yield file


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _fail(message: str, code: int = 2) -> NoReturn:
    _errors.print(f"[bold red]✗[/] {message}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)
