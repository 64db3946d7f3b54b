"""Whatever a reader that was taken over leaves or does, the caller says no, soon, and reads nothing of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.importing.conftest import Import
from training.importing import child
from training.importing.child import Limits
from training.importing.errors import Refused

_START = "import json, os, sys, time; report = lambda **rest: open('report.json', 'w').write(json.dumps(rest));"
_GOLDEN = "golden=[0.25, 0.25, 0.25, 0.25]"
Reader = Callable[[str], None]


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Puts a program in the reader's place."""

    def put(program: str) -> None:
        monkeypatch.setattr(child, "_command", lambda *_, **__: [sys.executable, "-c", _START + program])

    return put


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("os.mkfifo('report.json')", "neither file nor folder"),
        ("os.symlink('/etc/passwd', 'model.tflite'); report(weights='model.tflite', size=[8, 8])", "neither file nor"),
        ("os.unlink('worker.log'); os.mkfifo('worker.log')", "neither file nor folder"),
        ("os.truncate('worker.log', 8 << 30); sys.exit(1)", "could not be read"),
        ("print('the last words'); sys.exit(1)", "could not be read: the last words"),
        ("report(weights='../../etc/passwd')", "could not be read"),
        ("report(weights='model.tflite', facts='x')", "could not be read"),
        (f"report(weights='model.tflite', size=[8, 8], {_GOLDEN})", "No such file"),
        ("report(weights='model.tflite', size=[8, 8], golden=[1.0])", "gives no probabilities"),
        (
            f"open('model.tflite', 'w'); report(weights='model.tflite', size=[-1, 8], {_GOLDEN})",
            "height: Input should be greater than 0",
        ),
        ("os.kill(os.getpid(), 40)", "ended by signal 40"),
        ("os.abort()", "gave up"),
        ("time.sleep(60)", "took longer than 1 s"),
    ],
)
def test_it_is_refused(
    originals: Path, importing: Import, models: Path, reader: Reader, program: str, reason: str
) -> None:
    reader(program)
    with pytest.raises(Refused, match=reason):
        importing("tumor", originals / "softmax.tflite", limits=Limits(seconds=1 if "sleep" in program else 60))
    assert list(models.iterdir()) == []


def test_facts_do_not_change_where_a_model_came_from(
    originals: Path, importing: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = child._report

    def lying(scratch: Path, kind: type[child.R]) -> child.R:
        found = original(scratch, kind)
        facts = {"file": "another", "sha256": "0" * 64}
        return found.model_copy(update={"facts": facts}) if hasattr(found, "facts") else found

    monkeypatch.setattr(child, "_report", lying)
    told = importing("tumor", originals / "softmax.tflite").bundle.manifest.provenance["imported"]
    assert told["file"] == "softmax.tflite"
    assert told["sha256"] != "0" * 64
