"""What `doctorai up` keeps of former runs, and how much of a long file is read."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from cli import log_files as module
from cli.log_files import FOLDER, LogFile, LogFolder, begin_run
from cli.log_lines import Wanted
from cli.up import hints


def entry(number: int) -> str:
    at = f"2026-11-28T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    return json.dumps({"event": str(number), "level": "info", "timestamp": at}) + "\n"


def events(folder: Path, count: int = 0) -> list[str]:
    return [line.fields.get("event", line.raw) for line in LogFolder(folder).last(Wanted(), count)]


def test_a_start_keeps_what_the_run_before_it_wrote(tmp_path: Path) -> None:
    log = tmp_path / "palm-1.log"
    begin_run(log)
    log.write_text(entry(1) + "killed ami")
    begin_run(log)
    with log.open("a") as file:
        file.write(entry(2))
    begin_run(log)
    assert events(tmp_path) == ["1", "killed ami", "2"]


def test_a_long_file_is_put_aside_once_and_still_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT_BYTES", 10)
    log = tmp_path / "palm-1.log"
    for number in (1, 2):
        log.write_text(entry(number))
        begin_run(log)
    assert not log.exists()
    assert (tmp_path / "palm-1.log.1").read_text() == entry(2)
    found = LogFolder(tmp_path)
    assert found.sources() == ["palm-1"]
    assert [line.source for line in found.last(Wanted(), 0)] == ["palm-1"]
    log.write_text(entry(3))
    assert events(tmp_path) == ["2", "3"]
    assert events(tmp_path, 1) == ["3"]
    assert [line.fields["event"] for line in found.new_lines()] == ["3"], "what was put aside has been shown"


def test_a_start_amid_following_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT_BYTES", 100)
    log = tmp_path / "palm-1.log"
    log.write_text(entry(1) + entry(2))
    found = LogFolder(tmp_path)
    found.last(Wanted(), 100)
    begin_run(log)
    assert found.new_lines() == []
    log.write_text(entry(3))
    assert [line.fields["event"] for line in found.new_lines()] == ["3"]


@pytest.mark.parametrize("count", [1, 7, 5000, 0])
def test_of_a_long_file_the_same_is_found_from_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(module, "_FIRST_BYTES", 200)
    if count:
        monkeypatch.setattr(module, "_MOST_BYTES", 300)
    lines = [entry(number) if number % 3 else f"{number}\n" for number in range(1, 6000)]
    (tmp_path / "palm-1.log").write_text("".join(lines))
    found = [line.raw for line in LogFile(tmp_path / "palm-1.log").last(Wanted(), count)]
    assert found == "".join(lines).splitlines()[-count:]


def test_the_last_line_of_a_long_file_costs_no_memory(tmp_path: Path) -> None:
    with (tmp_path / "gateway.log").open("w") as file:
        for start in range(0, 40_000, 1000):
            file.write("".join(entry(start + number) for number in range(1000)))
    size = os.path.getsize(tmp_path / "gateway.log")
    for wanted in (Wanted(), Wanted(identifier="nowhere")):
        tracemalloc.start()
        LogFolder(tmp_path).last(wanted, 1)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < size / 2


def test_what_comes_after_the_first_look_is_followed(tmp_path: Path) -> None:
    log = tmp_path / "palm-1.log"
    log.write_text(entry(1) + '{"event": "ha')
    found = LogFolder(tmp_path)
    assert [line.fields["event"] for line in found.last(Wanted(), 1)] == ["1"]
    with log.open("a") as file:
        file.write('lf"}\n')
    (half,) = found.new_lines()
    assert half.fields == {"event": "half"}
    assert half.at is not None, "the time of the line before it, which an earlier look has read"


def test_a_start_names_commands_that_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hints("http://127.0.0.1:8000", FOLDER) == (
        "try: doctorai login, then doctorai predict IMAGE --model tumor",
        "logs: doctorai logs -f   stop: Ctrl-C",
    )
    monkeypatch.chdir(tmp_path)
    first, second = hints("http://127.0.0.1:9000", Path("of mine/logs"))
    assert "doctorai login --url http://127.0.0.1:9000," in first
    assert "--model tumor --url http://127.0.0.1:9000" in first
    assert f"doctorai logs -f --folder '{tmp_path}/of mine/logs' " in second
