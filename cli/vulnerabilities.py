"""``make audit-dependencies``: asks an advisory service about every version in ``constraints.txt``, by pip-audit.

Ends with 0 where nothing is known, with 1 where something is, and with 2 where that could not be found out.
What is ignored stands in ``deploy/ignored-vulnerabilities.toml``, with its reason.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cli.plan import ROOT
from cli.tools import Refusal, end, say

_IGNORED = ROOT / "deploy" / "ignored-vulnerabilities.toml"


class NotAudited(Refusal):
    """It is not known whether there is one."""

    code = 2


class Ignored(BaseModel):
    """A vulnerability of one package that is known and accepted, from ``decided`` to ``until``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(min_length=1)
    package: str = Field(min_length=1)
    reason: str = Field(min_length=10)
    decided: date
    until: date


@dataclass(frozen=True)
class Vulnerability:
    """``ids``: its own first, then its other names. ``fixed``: versions without it."""

    package: str
    version: str
    ids: tuple[str, ...]
    about: str
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        mended = f"; fixed in {', '.join(self.fixed)}" if self.fixed else "; no version without it"
        return f"{self.package} {self.version}: {' '.join(self.ids)}: {self.about[:200]}{mended}"


def read_ignored(path: Path) -> list[Ignored]:
    """Raises NotAudited for a file that does not say what, why, since when and until when."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("ignored", [])
        return [Ignored.model_validate(row) for row in rows]
    except (OSError, tomllib.TOMLDecodeError, ValidationError, TypeError) as error:
        raise NotAudited(f"{path}: {error}") from error


def command(requirements: Path, service: str, url: str) -> list[str]:
    """Of pip-audit. The versions are all pinned, so that nothing is resolved, and no package index is asked."""
    where = ["--vulnerability-service", service, *(["--osv-url", url] if url else [])]
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--aliases", "on"]
    return [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), *options, *where]


def audit(words: list[str]) -> list[Vulnerability]:
    """Runs pip-audit. Raises NotAudited when it has no answer, or none for a package."""
    done = subprocess.run(words, capture_output=True, text=True)  # noqa: S603 - no shell
    try:
        rows = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise NotAudited(f"the advisory service gave no answer; nothing is known: {last}") from error
    if skipped := [f"{row['name']} ({row['skip_reason']})" for row in rows if "skip_reason" in row]:
        raise NotAudited(f"{len(skipped)} packages could not be looked up: {', '.join(skipped)[:500]}")
    return [one for row in rows for one in _of(row)]


def unignored(found: list[Vulnerability], ignored: list[Ignored], today: date) -> list[Vulnerability]:
    """Those that nobody accepted, or that are to be looked at again."""
    accepted = {(_normal(one.package), one.id) for one in ignored if one.until >= today}
    return [one for one in found if not accepted & {(_normal(one.package), name) for name in one.ids}]


def superfluous(found: list[Vulnerability], ignored: list[Ignored]) -> list[Ignored]:
    """What is ignored, and is not there any more."""
    there = {(_normal(one.package), name) for one in found for name in one.ids}
    return [one for one in ignored if (_normal(one.package), one.id) not in there]


def _of(row: dict[str, Any]) -> Iterator[Vulnerability]:
    for one in row["vulns"]:
        about = " ".join((one.get("description") or "").split())
        ids = (one["id"], *one.get("aliases", []))
        yield Vulnerability(row["name"], row["version"], ids, about, tuple(one["fix_versions"]))


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make audit-dependencies", description=__doc__)
    parser.add_argument("--requirements", type=Path, default=ROOT / "constraints.txt")
    parser.add_argument("--ignored", type=Path, default=_IGNORED)
    parser.add_argument("--service", choices=["osv", "pypi"], default="osv")
    parser.add_argument("--osv-url", default="", help="of your own mirror of OSV")
    given = parser.parse_args()
    ignored = read_ignored(given.ignored)
    found = audit(command(given.requirements, given.service, given.osv_url))
    for row in superfluous(found, ignored):
        say(f"{row.id} of {row.package} is ignored, and is not there any more: take it out of {given.ignored.name}")
    for one in (left := unignored(found, ignored, date.today())):
        say(str(one))
    if left:
        raise Refusal(f"{len(left)} known vulnerabilities")
    say(f"no known vulnerability{f' but {len(found)} that are ignored' if found else ''}")


if __name__ == "__main__":
    sys.exit(end("audit-dependencies", main))
