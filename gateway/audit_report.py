"""What the last check of the audit log found, in ``check.json`` beside it, for every gateway that shares the folder.

It is signed like the log: who can write to the folder must not be able to say that all is well.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.audit.chain import canonical, sign
from shared.audit.event import utc_now
from shared.audit.places import report_path
from shared.audit.report import Problem, Report
from shared.files import replace_file

_SHOWN = 50
_LARGEST = 1 << 20


class AuditProblem(Problem):
    """A place in the log that does not verify. ``line`` 0: the file as a whole."""


class AuditChecked(BaseModel):
    """What is known of the log. ``intact``: null when that is not known; ``reason`` says why, or why it is old."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    intact: bool | None = None
    checked_at: datetime | None = None
    lines: int | None = None
    slots: int | None = None
    problems: list[AuditProblem] = Field(default=[], description="the first fifty")
    more: int = Field(default=0, description="further ones")
    running: bool = False
    reason: str | None = None


def checked(report: Report) -> AuditChecked:
    """What is shown of ``report``, which was made just now."""
    problems = [AuditProblem(**problem.model_dump()) for problem in report.problems]
    return AuditChecked(
        intact=report.ok,
        checked_at=utc_now(),
        lines=report.lines,
        slots=report.slots,
        problems=problems[:_SHOWN],
        more=report.more + len(problems[_SHOWN:]),
    )


def write_report(folder: Path, found: AuditChecked, keys: Mapping[str, bytes]) -> None:
    """Replaces the file in one step. Raises OSError."""
    kid, key = next(iter(keys.items()))
    body = {"kid": kid, "check": found.model_dump(mode="json")}
    path = report_path(folder)
    replace_file(path, canonical({**body, "mac": sign(key, body)}))


def read_report(folder: Path, keys: Mapping[str, bytes]) -> AuditChecked:
    """What the file says; that nothing is known, and why, without one that can be believed. Raises no error."""
    try:
        with report_path(folder).open("rb") as file:
            body: dict[str, Any] = json.loads(file.read(_LARGEST))
        mac = str(body.pop("mac"))
        key = keys[str(body["kid"])]
        if not hmac.compare_digest(sign(key, body).encode(), mac.encode()):
            return AuditChecked(reason="what the last check found was changed after it was written")
        return AuditChecked.model_validate(body["check"])
    except FileNotFoundError:
        return AuditChecked(reason="the log has not been checked yet")
    except OSError as error:
        return AuditChecked(reason=f"what the last check found cannot be read: {error.strerror}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return AuditChecked(reason="what the last check found is damaged, or signed with an unknown key")
