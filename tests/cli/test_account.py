"""Signing in and out, one's own account."""

from __future__ import annotations

import getpass
import json
import stat
from pathlib import Path

import click.termui
import pytest

from cli import account
from cli.show import Failure
from tests.cli.conftest import Run, Stored
from tests.cli.fake_gateway import API_KEY, PASSWORD, Answer, FakeGateway, problem


def test_login_asks_and_keeps_the_tokens(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    result = run("login", given=f"\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert f"Signed in at {gateway.url} as admin." in result.stderr
    assert stored.refresh_token() == "refresh-1"
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(stored.path.parent.stat().st_mode) == 0o700
    assert run("whoami").stdout == "admin   role admin   by password\n"


def test_login_of_a_program(run: Run, gateway: FakeGateway) -> None:
    assert run("login", "--password-stdin", given=f"{PASSWORD}\n").exit_code == 0
    assert gateway.asked[0].form == {"username": "admin", "password": PASSWORD}
    gateway.set("POST", "/api/token", Answer(200, {"access_token": "a", "refresh_token": "b", "expires_in": 9}))
    assert run("login", "--username", "nora", "--password-stdin", given="x").exit_code == 0
    assert gateway.asked[1].form == {"username": "nora", "password": "x"}


@pytest.mark.parametrize(("given", "words"), [("", "has no password"), (b"\xff\xfe\n", "is not text")])
def test_standard_input_without_a_password(run: Run, gateway: FakeGateway, given: str | bytes, words: str) -> None:
    result = run("login", "--password-stdin", given=given)
    assert result.exit_code == 1
    assert result.output == f"✗ Standard input {words}.\n"
    assert gateway.asked == []


def test_no_terminal_to_ask_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click.termui, "hidden_prompt_func", getpass.fallback_getpass)
    with pytest.raises(Failure, match="use --password-stdin"):
        account.password("Password", stdin=False)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (problem(401, "UNAUTHORIZED", "The user name or the password is wrong."), "UNAUTHORIZED: The user name or"),
        (problem(429, "RATE_LIMITED", "Too many.", Retry_After="16"), "RATE_LIMITED: Too many. Try again in 16 s."),
        (problem(503, "SIGN_IN_UNAVAILABLE", "Accounts cannot be read."), "SIGN_IN_UNAVAILABLE: Accounts cannot"),
        (
            problem(422, "VALIDATION_ERROR", f"body.password: {PASSWORD} is bad"),
            "VALIDATION_ERROR: body.password: … is",
        ),
        (Answer(200, {"access_token": "access-1\nX: y", "refresh_token": "refresh-1", "expires_in": 9}), "http"),
        (Answer(200, {"access_token": "access-1"}), "http"),
        (Answer(200, ["access-1"]), "http"),
    ],
)
def test_a_refused_login_is_one_line(run: Run, gateway: FakeGateway, stored: Stored, answer: Answer, line: str) -> None:
    gateway.set("POST", "/api/token", answer)
    result = run("login", "--password-stdin", given=PASSWORD)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"✗ {line}")
    assert result.output.count("\n") == 1
    assert not stored.path.exists()


def test_login_over_the_open_network_warns(run: Run) -> None:
    result = run("login", "--password-stdin", "--url", "http://0.0.0.0:1", given=PASSWORD)
    assert "! http://0.0.0.0:1 is not encrypted" in result.stderr
    for url in ("https://0.0.0.0:1", "http://localhost:1", "http://[::1]:1"):
        assert "encrypted" not in run("login", "--password-stdin", "--url", url, given=PASSWORD).stderr


@pytest.mark.usefixtures("signed_in")
def test_logout(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    assert run("logout").exit_code == 0
    assert gateway.ended
    assert stored.refresh_token() is None
    assert "http://other" in stored.path.read_text(), "the sign-in elsewhere stays"
    again = run("logout")
    assert again.exit_code == 0
    assert again.stderr == f"Not signed in at {gateway.url}.\n"


def test_logout_with_a_token_that_has_ended(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    gateway.number = 1
    stored.write(1, lasts_s=0)
    assert run("logout").exit_code == 0
    assert gateway.paths() == ["POST /api/token/refresh", "POST /api/logout"]
    gateway.number = 7
    stored.write(1)
    assert run("logout").exit_code == 0, "the gateway ended it before"
    assert stored.refresh_token() is None


@pytest.mark.usefixtures("signed_in")
def test_logout_when_the_gateway_cannot_do_it(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    gateway.set("POST", "/api/logout", problem(503, "SIGN_IN_UNAVAILABLE", "Accounts cannot be read."))
    result = run("logout")
    assert result.exit_code == 1
    assert result.stderr.startswith("✗ Signed out on this machine alone: SIGN_IN_UNAVAILABLE")
    assert stored.refresh_token() is None


@pytest.mark.usefixtures("signed_in")
def test_token(run: Run, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("token", shown="access-1").stdout == "access-1\n"
    gateway.ended = True
    refused = run("token")
    assert refused.stdout == ""
    assert refused.stderr == f"✗ Not signed in at {gateway.url}: `doctorai login`, or set DOCTORAI_API_KEY.\n"
    monkeypatch.setenv("DOCTORAI_API_KEY", API_KEY)
    assert run("token", shown=API_KEY).stdout == f"{API_KEY}\n"


@pytest.mark.usefixtures("signed_in")
def test_whoami(run: Run, gateway: FakeGateway) -> None:
    assert json.loads(run("whoami", "--json").stdout)["username"] == "admin"
    me = {"username": "ward", "role": "viewer", "method": "api_key", "models": ["xray", "tumor"]}
    gateway.set("GET", "/api/me", Answer(200, me))
    assert run("whoami").stdout == "ward   role viewer   by api_key\nmodels: xray, tumor\n"


@pytest.mark.usefixtures("signed_in")
def test_passwd(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    result = run("passwd", given=f"{PASSWORD}\nnew-password-1\nnew-password-1\n")
    assert result.exit_code == 0, result.output
    assert gateway.password == "new-password-1"
    assert stored.refresh_token() == "refresh-2", "signed in anew: the change ended the sign-in"
    program = run("passwd", "--password-stdin", given=f"new-password-1\n{PASSWORD}\n")
    assert program.exit_code == 0, program.output
    assert gateway.password == PASSWORD


def test_passwd_with_the_wrong_one_tries_once(run: Run, gateway: FakeGateway, stored: Stored) -> None:
    gateway.number = 2
    stored.write(2, lasts_s=0)
    result = run("passwd", "--password-stdin", given="wrong\nnew-password-1\n")
    assert result.exit_code == 1
    assert result.stderr == "✗ UNAUTHORIZED: The user name or the password is wrong.\n"
    assert gateway.paths() == ["POST /api/token/refresh", "GET /api/me", "PUT /api/me/password"]


@pytest.mark.usefixtures("signed_in")
def test_passwd_then_no_sign_in(run: Run, gateway: FakeGateway) -> None:
    gateway.set("POST", "/api/token", problem(503, "SIGN_IN_UNAVAILABLE", "Accounts cannot be read."))
    result = run("passwd", "--password-stdin", given=f"{PASSWORD}\nnew-password-1\n")
    assert result.exit_code == 1
    assert result.stderr.startswith("✗ The password is changed, but signing in with it failed: SIGN_IN_UNAVAILABLE")


def test_a_password_is_no_option(run: Run, config: Path) -> None:
    result = run("login", "--password", PASSWORD)
    assert result.exit_code == 2
    assert not config.exists()
