"""``doctorai logs``: the logs of all processes as one, in the order of their times."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli import show
from cli.bundles import ALIASES
from cli.log_files import FOLDER, LogFolder
from cli.log_lines import Line, Wanted, in_order, read_line, stamped, worded
from cli.plan import known_services
from cli.show import Failure

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

Sources = Annotated[list[str] | None, typer.Argument(help="gateway, xray, redis …; all without.")]
Identifier = Annotated[str | None, typer.Option("--id", help="A request's id, or a trace's: only its lines.")]
Level = Annotated[str, typer.Option(help="This and worse: debug, info, warning, error.")]
Since = Annotated[str | None, typer.Option(help="No older than 30s, 10m, 2h, 1d, or a time in ISO 8601 (local).")]
Count = Annotated[int, typer.Option("--lines", "-n", min=0, help="The last so many; 0: all.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")]
Folder = Annotated[Path | None, typer.Option(help=f"Of `doctorai up`; {FOLDER} where there is one.")]
Compose = Annotated[bool, typer.Option("--compose", help="The containers', as `docker compose logs` has them.")]
Raw = Annotated[bool, typer.Option("--json", help="The lines as they were written.")]


def logs(
    sources: Sources = None,
    identifier: Identifier = None,
    level: Level = "debug",
    since: Since = None,
    lines: Count = 100,
    follow: Follow = False,
    folder: Folder = None,
    compose: Compose = False,
    as_json: Raw = False,
) -> None:
    """Show the logs of all processes as one. `… | doctorai logs -` reads JSON lines from elsewhere."""
    given = tuple(sources or ())
    named = tuple(ALIASES.get(word, word) for word in given if word != "-")
    wanted = Wanted(named, _level(level), identifier, _time(since))
    try:
        if "-" in given:
            _show_stream(sys.stdin, wanted, as_json=as_json)
        elif compose:
            _compose(wanted, lines, follow=follow, as_json=as_json)
        else:
            _folder(LogFolder(_place(folder)), wanted, lines, follow=follow, as_json=as_json)
    except KeyboardInterrupt:
        return
    except BrokenPipeError:  # `| head` has seen enough
        sys.stdout = None


def _folder(found: LogFolder, wanted: Wanted, count: int, *, follow: bool, as_json: bool) -> None:
    _check_sources(wanted.sources, found.sources(), follow=follow)
    _show(found.last(wanted, count), as_json=as_json)
    for more in found.follow() if follow else ():
        _show((line for line in in_order(more) if wanted.takes(line)), as_json=as_json)


def _check_sources(asked: Iterable[str], there: list[str], *, follow: bool) -> None:
    """A service that has not been started yet can be waited for."""
    later = (*known_services(), "gateway", "redis") if follow else ()
    for word in asked:
        if not any(name.startswith(word) for name in (*there, *later)):
            raise Failure(f"no logs of '{word}'; there are those of: {', '.join(there) or 'nobody'}")


def _compose(wanted: Wanted, count: int, *, follow: bool, as_json: bool) -> None:
    """Followed, or ordered by time: Docker gives them container by container."""
    command = ["docker", "compose", "logs", "--no-color", *_chosen_by_docker(wanted, count, follow=follow)]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as docker:  # noqa: S603 - no shell
            assert docker.stdout  # noqa: S101 - a pipe was asked for
            if follow:
                _show_stream(docker.stdout, wanted, as_json=as_json)
            else:
                found = in_order(_wanted(docker.stdout, wanted))
                _show(found[-count:], as_json=as_json)
    except FileNotFoundError:
        raise Failure("docker is not there: leave --compose out for the logs of `doctorai up`.") from None
    if docker.returncode:
        raise Failure("`docker compose logs` failed; it says why above.")


def _chosen_by_docker(wanted: Wanted, count: int, *, follow: bool) -> list[str]:
    """What Docker can leave out, so that not all of days is read. Of an id or a level it knows nothing."""
    needs_all = wanted.identifier or (wanted.level > logging.DEBUG and not follow)
    return [
        *(["--follow"] if follow else []),
        *(["--since", wanted.since.isoformat()] if wanted.since else []),
        *(["--tail", str(count)] if count and not needs_all else []),
        *wanted.sources,
    ]


def _show_stream(stream: Iterable[str], wanted: Wanted, *, as_json: bool) -> None:
    _show(_wanted(stream, wanted), as_json=as_json)


def _wanted(stream: Iterable[str], wanted: Wanted) -> Iterator[Line]:
    return (line for line in stamped(map(read_line, stream)) if wanted.takes(line))


def _show(lines: Iterable[Line], *, as_json: bool) -> None:
    for line in lines:
        if as_json:
            show.line(line.raw)
        else:
            show.console.print(worded(line), soft_wrap=True, highlight=False)


def _place(folder: Path | None) -> Path:
    place = folder or FOLDER
    if not place.is_dir():
        raise Failure(f"{place} is not there: start with `doctorai up`, name its --folder, or use --compose.")
    return place


def _level(word: str) -> int:
    found = logging.getLevelNamesMapping().get(word.upper())
    if found is None:
        raise typer.BadParameter("debug, info, warning, error or critical is wanted", param_hint="--level")
    return found


def _time(word: str | None) -> datetime | None:
    if word is None:
        return None
    try:
        if found := re.fullmatch(r"(\d{1,9})([smhd])", word):
            return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})
        given = datetime.fromisoformat(word)
        return given if given.tzinfo else given.astimezone()
    except (ValueError, OverflowError, OSError):  # the latter two: before all calendars
        raise typer.BadParameter("10m, 2h or a time in ISO 8601 is wanted", param_hint="--since") from None
