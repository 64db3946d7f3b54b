"""What is sent, and what is said when the answer is not what it should be."""

from __future__ import annotations

import json
import re
import socket
import threading
from pathlib import Path

import pytest

from cli import ask
from tests.cli.conftest import Run, Stored
from tests.cli.fake_gateway import API_KEY, USER, Answer, FakeGateway, problem
from tests.cli.test_commands import CHAT, HEALTH, MODELS
from tests.support.instances import prediction
from tests.support.pictures import jpeg


@pytest.fixture
def answers(gateway: FakeGateway) -> FakeGateway:
    gateway.set("GET", "/api/health", Answer(200, HEALTH))
    gateway.set("GET", "/api/models", Answer(200, MODELS))
    gateway.set("POST", "/api/chatbot", Answer(200, CHAT))
    gateway.set("POST", "/api/predict/xray", Answer(200, prediction().model_dump(mode="json")))
    return gateway


@pytest.mark.usefixtures("signed_in")
def test_every_command_sends_the_credentials(run: Run, answers: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    for words in (["predict", str(tmp_path / "a.jpg"), "--model", "xray"], ["ask", "x"], ["status"], ["models"]):
        result = run(*words)
        assert result.exit_code == 0, result.output
    shown = [(asked.path, asked.bearer) for asked in answers.asked]
    assert [bearer for path, bearer in shown if path != "/metrics"] == ["access-1"] * 4
    assert ("/metrics", "") in shown, "the metrics are not for users: a token of theirs has no business there"


@pytest.mark.usefixtures("signed_in")
def test_the_metrics_see_their_own_token_alone(run: Run, answers: FakeGateway) -> None:
    assert run("status", "--metrics-token", "of-the-metrics").exit_code == 0
    shown = [(asked.path, asked.bearer) for asked in answers.asked]
    assert shown == [("/api/health", "access-1"), ("/metrics", "of-the-metrics")]


def test_a_picture_is_sent_again_after_a_refresh(
    run: Run, gateway: FakeGateway, stored: Stored, tmp_path: Path
) -> None:
    gateway.number = 1
    stored.write(1)
    refused = [problem(401, "UNAUTHORIZED", "x")]
    good = Answer(200, prediction().model_dump(mode="json"))
    gateway.set("POST", "/api/predict/xray", lambda asked: refused.pop() if refused else good)
    (tmp_path / "a.jpg").write_bytes(jpeg())
    assert run("predict", str(tmp_path / "a.jpg"), "--model", "xray").exit_code == 0
    assert jpeg() in gateway.asked[-1].body


def test_status_works_for_everybody(run: Run, answers: FakeGateway, stored: Stored) -> None:
    assert run("status").exit_code == 0
    stored.write(1, lasts_s=0)
    assert run("status").exit_code == 0, "a token that has ended is left out"
    stored.path.write_text("damaged")
    assert run("status").exit_code == 0
    assert [(asked.path, asked.bearer) for asked in answers.asked] == [("/api/health", ""), ("/metrics", "")] * 3


def test_nobody_is_told_to_sign_in(run: Run, gateway: FakeGateway) -> None:
    for words in (["models"], ["ask", "x"], ["whoami"], ["users", "list"], ["keys", "list"], ["token"]):
        result = run(*words)
        assert result.exit_code == 1
        assert result.output == f"✗ Not signed in at {gateway.url}: `doctorai login`, or set DOCTORAI_API_KEY.\n"


PAGE = "as a DoctorAI gateway."


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (Answer(502, b"<html>bad</html>"), f"http://.* answers 502 Bad Gateway, but not {PAGE}"),
        (Answer(200, b"<html>hello</html>"), f"http://.* answers 200 OK, but not {PAGE}"),
        (Answer(200, b"\xff\xfe"), f"http://.* answers 200 OK, but not {PAGE}"),
        (Answer(200, b"[" * 100_000), f"http://.* answers 200 OK, but not {PAGE}"),
        (Answer(200, [1]), f"http://.* answers 200 OK, but not {PAGE}"),
        (Answer(302, b"", {"Location": "http://elsewhere/"}), f"http://.* answers 302 Found, but not {PAGE}"),
        (Answer(500, {"error": "x"}), f"http://.* answers 500 Internal Server Error, but not {PAGE}"),
        (Answer(200, {}), "The answer is not in the form that this version reads; --json shows it."),
        (Answer(200, {"models": [3]}), "The answer is not in the form that this version reads; --json shows it."),
        (problem(403, "FORBIDDEN", "No [/] [red]way[/]."), r"FORBIDDEN: No \[/\] \[red\]way\[/\]\."),
        (problem(400, "BAD", "a\x1b[2Jb\nc\x9bd\u202ee\x07"), r"BAD: a\[2Jb cde"),
        (problem(400, "BAD", "\ud83d"), "BAD:"),
        (problem(400, "BAD", "x" * 9000), "BAD: x{495}…"),
        (Answer(418, {"detail": {"a": 1}}), "418: {'a': 1}"),
    ],
)
def test_an_answer_that_is_none_is_one_line(run: Run, gateway: FakeGateway, answer: Answer, line: str) -> None:
    gateway.set("GET", "/api/models", answer)
    result = run("models")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert re.fullmatch(f"✗ {line}\n", result.stderr), result.stderr


def test_a_slow_gateway(run: Run, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_: object) -> Answer:
        gateway.over.wait(30)
        return Answer()

    monkeypatch.setattr(ask, "_TIMEOUT_S", 0.1)
    gateway.set("GET", "/api/models", slow)
    result = run("models")
    gateway.over.set()
    assert result.exit_code == 1
    assert result.output == f"✗ {gateway.url} did not answer within 0.1 s.\n"


@pytest.mark.parametrize("words", [b"", b"SSH-2.0-OpenSSH\r\n"])
def test_something_else_listens(run: Run, words: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(words)

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        result = run("models", "--url", url)
        thread.join()
    assert result.exit_code == 1
    assert result.output.startswith(f"✗ {url} does not answer (")
    assert result.output.count("\n") == 1


def test_nobody_listens(run: Run, stored: Stored) -> None:
    for words in (["models"], ["whoami"], ["login", "--password-stdin"], ["status"]):
        result = run(*words, "--url", "http://127.0.0.1:1", given="x")
        assert result.exit_code == 1
        assert result.output.startswith("✗ http://127.0.0.1:1 does not answer")
        assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("localhost:8000", "an address such as"),
        ("ftp://localhost", "an address such as"),
        ("http://", "an address such as"),
        ("http://localhost:port", "an address such as"),
        ("http://localhost/?a=b", "an address such as"),
        (f"http://admin:{API_KEY}@localhost", "leave the user name and the password out"),
    ],
)
def test_what_is_no_address(run: Run, url: str, line: str) -> None:
    result = run("models", "--url", url)
    assert result.exit_code == 1
    assert result.output.startswith(f"✗ --url: {line}")
    assert result.output.count("\n") == 1


@pytest.mark.usefixtures("signed_in")
def test_one_sign_in_for_every_spelling_of_the_address(run: Run, gateway: FakeGateway) -> None:
    assert run("whoami", "--url", gateway.url.replace("http", "HTTP") + "/").exit_code == 0


@pytest.mark.usefixtures("signed_in")
def test_words_of_a_server_move_no_cursor(run: Run, gateway: FakeGateway) -> None:
    user = {**USER, "username": "a\x1b[2J\x9b\ud83d[bold]b[/]", "method": "password", "models": None}
    gateway.set("GET", "/api/me", Answer(200, user))
    assert run("whoami").stdout == "a[2J[bold]b[/]   role admin   by password\n"
    text = run("whoami", "--json").stdout
    assert not {"\x1b", "\x9b"} & set(text)
    assert json.loads(text) == user, "for a program nothing is lost"


def test_what_cannot_be_sent(run: Run, gateway: FakeGateway) -> None:
    result = run("ask", "\udcff")
    assert result.exit_code == 1
    assert "not text" in result.stderr
