"""``doctorai feedback``: what users said of the predictions that they got, for administrators."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer

from cli import ask, show
from cli.ask import DEFAULT_URL, Url
from shared.cells import cell

app = typer.Typer(no_args_is_help=True, help=__doc__)
Format = Literal["jsonl", "csv"]
_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
_COLUMNS = (
    *("time", "user", "request_id", "model", "model_version", "model_digest"),
    *("result", "decision", "confidence", "predicted", "verdict", "label", "has_note"),
)


@app.callback()
def feedback() -> None:
    """What users said of the predictions that they got, for administrators."""


@app.command()
def export(
    model: Annotated[str | None, typer.Option(help="Only of this model.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=_TIMES, help="UTC; from this time.")] = None,
    form: Annotated[Format, typer.Option("--format", help="csv: for a spreadsheet.")] = "jsonl",
    notes: Annotated[bool, typer.Option("--notes", help="With the notes, which may tell of patients.")] = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Write it to standard output: of each user's words on each prediction the last."""
    asked = {"model": model, "since": _utc(since), "notes": "true" if notes else None}
    found = ask.lines(url, "/api/feedback", {name: value for name, value in asked.items() if value})
    if form == "csv":
        _write_csv(found, (*_COLUMNS, "note") if notes else _COLUMNS)
    else:
        for record in found:
            show.line(json.dumps(record, ensure_ascii=False))


def _write_csv(found: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    rows = ([cell(_cleaned(record.get(column))) for column in columns] for record in found)
    for row in (columns, *rows):
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(row)
        show.line(line.getvalue())


def _cleaned(value: Any) -> Any:
    """First what a terminal would obey, then what a spreadsheet would: one must not hide the other."""
    return show.clean(value) if isinstance(value, str) else value


def _utc(time: datetime | None) -> str | None:
    if time is None:
        return None
    return (time.replace(tzinfo=UTC) if time.tzinfo is None else time).isoformat()
