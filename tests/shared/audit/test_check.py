"""The verification in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from shared.audit.report import Report
from tests.conftest import REPOSITORY
from tests.shared.audit.helpers import KEYS, files, write_log

_KEYS = json.dumps({name: key.hex() for name, key in KEYS.items()})


def checked(folder: Path, keys: str = _KEYS) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shared.audit.check", str(folder)]
    return subprocess.run(command, input=keys, capture_output=True, text=True, timeout=60, check=False, cwd=REPOSITORY)


def test_it_prints_the_report(tmp_path: Path) -> None:
    write_log(tmp_path, days=2, a_day=4)
    report = Report.model_validate_json(checked(tmp_path).stdout)
    assert (report.ok, report.lines, report.files) == (True, 8, 2)
    path = tmp_path / files(tmp_path)[1]
    path.write_bytes(path.read_bytes().replace(b'"xray"', b'"tumor"', 1))
    report = Report.model_validate_json(checked(tmp_path).stdout)
    assert [problem.what for problem in report.problems] == ["was changed after it was written"]


def test_a_log_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    done = checked(tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("the audit log cannot be read: ")
    assert done.stderr.count("\n") == 1
