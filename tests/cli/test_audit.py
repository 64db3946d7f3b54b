"""``doctorai audit``: what it says, and how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.audit import app
from shared.audit.keys import audit_keys
from tests.shared.audit.helpers import SECRET, FakeClock, open_store, write, write_log

runner = CliRunner()


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SECRET_KEY", "SECRET_KEY_FILE", "SECRET_KEY_PREVIOUS", "SECRET_KEY_PREVIOUS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", SECRET)


@pytest.fixture
def folder() -> Path:
    """Two days, four lines each."""
    write_log(Path("logs/audit"))
    return Path("logs/audit")


@pytest.fixture
def damaged(folder: Path) -> Path:
    path = folder / "audit-1-2026-03-01.jsonl"
    path.write_text(path.read_text().replace('"request_id":"r2"', '"request_id":"r9"'))
    return folder


def run(*words: str) -> Result:
    return runner.invoke(app, list(words))


def test_a_sound_log_is_one_line(folder: Path) -> None:
    result = run("verify")
    assert result.exit_code == 0, result.output
    assert result.output == (
        "✓ logs/audit: 8 lines, 2 files, 1 slots, 2026-03-01 12:00:00 to 2026-03-02 12:00:00 UTC; no problems\n"
    )


def test_problems_are_a_table(damaged: Path) -> None:
    result = run("verify")
    assert result.exit_code == 1
    for word in ("audit-1-2026-03-01.jsonl", "3", "was changed", "1 problems"):
        assert word in result.output


def test_json(damaged: Path) -> None:
    result = run("verify", "--json")
    assert result.exit_code == 1
    report = json.loads(result.output)
    assert report["lines"] == 8
    assert report["problems"] == [
        {"file": "audit-1-2026-03-01.jsonl", "line": 3, "what": "was changed after it was written"}
    ]


def test_the_folder_of_doctorai_up_is_found(folder: Path) -> None:
    write_log(Path(".doctorai/logs/audit"), days=1)
    assert "4 lines" in run("verify").output
    assert "8 lines" in run("verify", "--folder", str(folder)).output


def test_no_log() -> None:
    result = run("verify")
    assert result.exit_code == 2
    assert result.output.startswith("✗ there is no audit log in logs/audit")
    assert result.output.count("\n") == 1


def test_no_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    for words in (["verify"], ["export"]):
        result = run(*words)
        assert result.exit_code == 2
        assert result.output == "✗ no key: set SECRET_KEY or SECRET_KEY_FILE to what the gateway has\n"


def test_a_wrong_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "another")
    assert run("verify").exit_code == 1


def test_where_keys_come_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "another")
    Path("key").write_text(f"{SECRET}\n")
    monkeypatch.setenv("SECRET_KEY_FILE", "key")
    assert run("verify").exit_code == 0, "the file wins"
    monkeypatch.setenv("SECRET_KEY_FILE", "nowhere")
    assert run("verify").output.startswith("✗ SECRET_KEY_FILE: cannot read nowhere")
    monkeypatch.delenv("SECRET_KEY_FILE")
    monkeypatch.delenv("SECRET_KEY")
    Path(".doctorai").mkdir()
    Path(".doctorai/secret_key").write_text(f"{SECRET}\n")
    assert run("verify").exit_code == 0


def test_previous_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    store = open_store(folder, clock, audit_keys("new", [SECRET]))
    write(store, clock)
    store.close()
    monkeypatch.setenv("SECRET_KEY", "new")
    assert run("verify").exit_code == 1
    monkeypatch.setenv("SECRET_KEY_PREVIOUS", f"older, {SECRET}")
    assert run("verify").exit_code == 0
    monkeypatch.delenv("SECRET_KEY_PREVIOUS")
    Path("previous").write_text(f"{SECRET},older\n")
    monkeypatch.setenv("SECRET_KEY_PREVIOUS_FILE", "previous")
    assert run("verify").exit_code == 0


def test_export(folder: Path) -> None:
    whole = "".join(path.read_text() for path in sorted(folder.glob("*.jsonl")))
    assert run("export").output == whole
    assert run("export", "--out", "copy.jsonl").output == ""
    assert Path("copy.jsonl").read_text() == whole
    assert Path("copy.jsonl").stat().st_mode & 0o077 == 0
    assert len(run("export", "--format", "fhir").output.splitlines()) == 8
    run("export", "--format", "csv", "--out", "copy.csv")
    with Path("copy.csv").open(newline="") as file:
        assert [row["request_id"] for row in csv.DictReader(file)] == ["r0", "r1", "r2", "r3"] * 2


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--since", "2026-03-02"], 4),
        (["--until", "2026-03-02"], 4),
        (["--since", "2026-03-01T12:00:00", "--until", "2026-03-01T12:00:01"], 4),
        (["--since", "2026-03-02T14:00:00+0200"], 4),
        (["--since", "2026-03-03"], 0),
    ],
)
def test_export_of_a_time(folder: Path, words: list[str], count: int) -> None:
    result = run("export", *words)
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) == count


def test_a_damaged_log_is_not_exported(damaged: Path) -> None:
    result = run("export")
    assert result.exit_code == 1
    assert "does not verify" in result.output
    assert result.output.count("\n") == 1
    assert len(run("export", "--unverified").output.splitlines()) == 8


def test_an_output_that_cannot_be_written_is_one_line(folder: Path) -> None:
    result = run("export", "--out", "nowhere/file")
    assert result.exit_code == 2
    assert result.output.startswith("✗ cannot export: ")
