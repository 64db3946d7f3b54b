"""The logs of all processes as one."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import logs as module
from cli.log_files import LogFolder
from cli.log_lines import in_order, read_line
from cli.main import app

runner = CliRunner(env={"COLUMNS": "200"})


def line(second: int, event: str, **fields: Any) -> str:
    return json.dumps({"event": event, "level": "info", "timestamp": f"2026-11-28T10:00:{second:02}Z", **fields})


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wherever the tests run."""
    monkeypatch.setenv("TZ", "UTC0")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A gateway, a service that fell over, and a Redis, which writes no JSON."""
    files = {
        "gateway": [line(1, "started"), line(5, "request", request_id="r-1", trace_id="t-1", status=200)],
        "xray-1": [
            line(3, "model_ready"),
            line(4, "queue_full", request_id="r-1", level="warning"),
            line(6, "unexpected_error", level="error", exception="Traceback\n  boom"),
            "Segmentation fault",
        ],
        "redis": ["42:M 28 Nov 2026 10:00:00.000 * Ready to accept connections"],
    }
    for name, lines in files.items():
        (tmp_path / f"{name}.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def events(output: str) -> list[str]:
    return [json.loads(text)["event"] for text in output.splitlines() if text.startswith("{")]


def shown(folder: Path, *words: str) -> str:
    result = runner.invoke(app, ["logs", "--folder", str(folder), *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_all_processes_in_the_order_of_time(folder: Path) -> None:
    output = shown(folder, "--json")
    assert events(output) == ["started", "model_ready", "queue_full", "request", "unexpected_error"]
    assert output.splitlines()[-1] == "Segmentation fault", "what has no time stays behind its process's last line"


def test_a_person_sees_who_said_what(folder: Path) -> None:
    output = shown(folder)
    assert "10:00:04.000 xray-1         warning  queue_full request_id=r-1" in output
    assert "  boom" in output
    assert "10:00:00.000 redis          42:M * Ready" in output


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--id", "r-1"], ["queue_full", "request"]),
        (["--id", "t-1"], ["request"]),
        (["--level", "warning"], ["queue_full", "unexpected_error"]),
        (["gateway"], ["started", "request"]),
        (["xray", "redis"], ["model_ready", "queue_full", "unexpected_error"]),
        (["--since", "2026-11-28T10:00:05+00:00"], ["request", "unexpected_error"]),
        (["--since", "1s"], []),
        (["-n", "2", "gateway"], ["started", "request"]),
        (["-n", "1", "gateway"], ["request"]),
        (["-n", "0", "gateway"], ["started", "request"]),
    ],
)
def test_only_what_is_wanted(folder: Path, words: list[str], expected: list[str]) -> None:
    assert events(shown(folder, "--json", *words)) == expected


@pytest.mark.parametrize(
    "words",
    [
        ["--level", "loud"],
        ["--since", "yesterday"],
        ["--since", "9999999999d"],
        ["--since", "999999999d"],
        ["--since", "0001-01-01T00:00:00"],
    ],
)
def test_what_cannot_be_read_is_named(folder: Path, words: list[str]) -> None:
    result = runner.invoke(app, ["logs", "--folder", str(folder), *words])
    assert result.exit_code == 2
    assert words[0] in result.output


@pytest.mark.parametrize("words", [[], ["-f"]])
def test_a_source_that_is_not_there_is_named(folder: Path, words: list[str]) -> None:
    result = runner.invoke(app, ["logs", "--folder", str(folder), "gateway", "nosuch", *words])
    assert result.exit_code == 1
    assert "no logs of 'nosuch'; there are those of: gateway, redis, xray-1" in result.output


def test_a_models_name_means_its_service(folder: Path) -> None:
    (folder / "palm-1.log").write_text(line(7, "of_palm") + "\n", encoding="utf-8")
    assert events(shown(folder, "--json", "palm_disease")) == ["of_palm"]


@pytest.fixture
def zone(utc: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine five and a half hours before UTC."""
    monkeypatch.setenv("TZ", "IST-5:30")
    time.tzset()


def test_times_are_local_with_the_date_where_it_is_not_today(folder: Path, zone: None) -> None:
    (folder / "palm-1.log").write_text(
        json.dumps({"event": "now", "timestamp": datetime.now(UTC).isoformat()}) + "\n", encoding="utf-8"
    )
    lines = shown(folder).splitlines()
    assert any(words.startswith("2026-11-28 15:30:04.000 xray-1 ") for words in lines)
    assert lines[-1].startswith(f"{datetime.now().astimezone():%H:%M:}")
    assert events(shown(folder, "--json", "gateway", "--since", "2026-11-28T15:30:02")) == ["request"]


def test_redis_has_its_machines_time(folder: Path, zone: None) -> None:
    (folder / "redis.log").write_text(
        "42:C 28 Nov 2026 15:29:59.000 * Redis is starting\n"
        "42:M 28 Nov 2026 15:30:02.500 # last words\n42:signal-handler (1795860003) SIGTERM\nend of it\n",
        encoding="utf-8",
    )
    assert shown(folder, "-n", "1", "redis") == "redis          end of it\n"
    since = shown(folder, "--since", "2026-11-28T10:00:02Z", "redis")
    assert since.splitlines()[0] == "2026-11-28 15:30:02.500 redis          42:M # last words"
    assert since.splitlines()[1:] == [
        "2026-11-28 15:30:03.000 redis          42:signal-handler (1795860003) SIGTERM",
        "redis          end of it",
    ]
    sources = [words.split()[2] for words in shown(folder).splitlines() if words.startswith("2026")]
    assert sources == ["redis", "gateway", "redis", "redis", "xray-1", "xray-1", "gateway", "xray-1"]


def test_redis_in_a_container_is_in_utc(zone: None) -> None:
    (found,) = [read_line("redis-1  | 1:M 28 Nov 2026 10:00:00.000 * Ready")]
    assert found.time == datetime(2026, 11, 28, 10, tzinfo=UTC)


def test_a_time_without_a_zone_is_utc(zone: None) -> None:
    text = "".join(json.dumps({"timestamp": f"2026-11-28T10:00:0{n}", "event": f"e{n}"}) + "\n" for n in (1, 3))
    result = runner.invoke(app, ["logs", "-", "--json", "--since", "2026-11-28T10:00:02Z"], input=text)
    assert result.exception is None
    assert events(result.output) == ["e3"]


def test_a_line_without_a_time_has_that_of_the_line_before_it(folder: Path) -> None:
    found = shown(folder, "--json", "--since", "2026-11-28T10:00:06Z").splitlines()
    assert found[-1] == "Segmentation fault"
    assert shown(folder, "--json", "-n", "1") == "Segmentation fault\n"


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", 5, None, "soon"])
def test_no_time_is_too_strange(folder: Path, stamp: object) -> None:
    strange = json.dumps({"event": "strange", "timestamp": stamp})
    (folder / "palm-1.log").write_text(f"{strange}\n1:M 99 Nov 2026 10:00:00.000 * x\n", encoding="utf-8")
    assert "strange" in shown(folder)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    result = runner.invoke(app, ["logs", "--folder", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "doctorai up" in result.output


def test_a_terminal_obeys_nothing_in_a_log(folder: Path) -> None:
    (folder / "evil.log").write_text(line(9, "\x1b]0;owned\x07[bold red]x[/]") + "\n\x1b[2J\n", encoding="utf-8")
    output = shown(folder)
    assert "\x1b" not in output
    assert "[bold red]x[/]" in output


def test_what_comes_is_followed_also_in_new_and_in_shortened_files(folder: Path) -> None:
    found = LogFolder(folder)
    found.new_lines()
    (folder / "gateway.log").write_text(line(20, "anew") + "\n", encoding="utf-8")
    (folder / "palm-1.log").write_text(line(21, "whole") + '\n{"event": "ha', encoding="utf-8")
    assert [one.fields["event"] for one in found.new_lines()] == ["anew", "whole"]
    with (folder / "palm-1.log").open("a", encoding="utf-8") as file:
        file.write('lf"}\n')
    assert [one.fields["event"] for one in found.new_lines()] == ["half"]
    (folder / "gateway.log").unlink()
    assert found.new_lines() == []


def test_following_shows_what_comes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    came = threading.Event()

    def follow(self: LogFolder) -> Any:
        yield [read_line(line(30, "later"), "gateway"), read_line(line(30, "other"), "xray-1")]
        came.set()
        raise KeyboardInterrupt

    monkeypatch.setattr(LogFolder, "follow", follow)
    assert events(shown(folder, "-f", "--json", "gateway"))[-1] == "later"
    assert came.is_set()


def test_lines_of_compose_come_with_their_container(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"gateway-1  | {line(2, 'second')}\nlung_colon-12  | {line(1, 'first')}\nredis-1 | 1:M * Ready\n"
    result = runner.invoke(app, ["logs", "-", "lung_colon"], input=text)
    assert "lung_colon     info     first" in result.output
    assert "second" not in result.output
    assert runner.invoke(app, ["logs", "-", "--json"], input=text).output.count("\n") == 3


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What `docker` was called with."""
    commands: list[list[str]] = []

    class Docker:
        returncode = 0

        def __init__(self, command: list[str], **options: Any) -> None:
            commands.append(command)
            self.stdout = io.StringIO(f"gateway-1  | {line(2, 'second')}\nxray-1  | {line(1, 'first')}\n")

        def __enter__(self) -> Docker:
            return self

        def __exit__(self, *error: object) -> None:
            return None

    monkeypatch.setattr(module.subprocess, "Popen", Docker)
    return commands


def test_containers_are_asked_for_and_ordered(docker: list[list[str]]) -> None:
    assert events(runner.invoke(app, ["logs", "--compose", "--json"]).output) == ["first", "second"]
    assert docker == [["docker", "compose", "logs", "--no-color", "--tail", "100"]]


@pytest.mark.parametrize(
    ("words", "passed_on"),
    [
        (["-n", "5", "xray", "gateway"], ["--tail", "5", "xray", "gateway"]),
        (["-n", "0"], []),
        (["--since", "2026-11-28T10:00:05+00:00"], ["--since", "2026-11-28T10:00:05+00:00", "--tail", "100"]),
        (["--id", "r-1", "xray"], ["xray"]),
        (["--level", "error"], []),
        (["-f"], ["--follow", "--tail", "100"]),
        (["-f", "--level", "error"], ["--follow", "--tail", "100"]),
        (["-f", "--id", "r-1"], ["--follow"]),
        (["-f", "-n", "0"], ["--follow"]),
    ],
)
def test_docker_leaves_out_what_it_can(docker: list[list[str]], words: list[str], passed_on: list[str]) -> None:
    """Never what a filter that it does not know would have taken."""
    runner.invoke(app, ["logs", "--compose", "--json", *words])
    assert [command[4:] for command in docker] == [passed_on]


def test_a_time_that_is_counted_back_is_passed_on(docker: list[list[str]]) -> None:
    runner.invoke(app, ["logs", "--compose", "--since", "10m"])
    at = datetime.fromisoformat(docker[0][docker[0].index("--since") + 1])
    assert abs(datetime.now(UTC) - at - timedelta(minutes=10)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "raw", ["", "1:signal-handler (999999999999) x", "{", "[1]", '{"a": 1} trailing', "{" * 100_000, "null", "|", " | "]
)
def test_anything_can_stand_in_a_log(raw: str) -> None:
    (one,) = in_order([read_line(raw, "x")])
    assert one.fields == {}
