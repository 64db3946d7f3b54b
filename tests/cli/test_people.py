"""Accounts and keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.fake_gateway import API_KEY, KEY, PASSWORD, USER, Answer, Asked, FakeGateway, problem

pytestmark = pytest.mark.usefixtures("signed_in")
NORA: dict[str, Any] = {**USER, "id": "c" * 32, "username": "Nora", "role": "viewer"}
USER_PATH, KEY_PATH = f"/api/users/{NORA['id']}", f"/api/keys/{KEY['id']}"


@pytest.fixture(autouse=True)
def answers(gateway: FakeGateway) -> None:
    def change(asked: Asked) -> Answer:
        return Answer(200, {**NORA, **{name: value for name, value in asked.json.items() if name != "password"}})

    gateway.set("GET", "/api/users", Answer(200, {"users": [USER, NORA]}))
    gateway.set("POST", "/api/users", Answer(201, NORA))
    gateway.set("PATCH", USER_PATH, change)
    gateway.set("DELETE", USER_PATH, Answer(204))
    gateway.set("POST", "/api/keys", Answer(201, {**KEY, "key": API_KEY}))
    gateway.set("DELETE", KEY_PATH, Answer(204))


def test_users_list(run: Run) -> None:
    result = run("users", "list")
    assert result.exit_code == 0, result.output
    for word in ("admin", "Nora", "viewer", "active", "2026-03-01"):
        assert word in result.stdout
    assert json.loads(run("users", "list", "--json").stdout) == {"users": [USER, NORA]}


def test_users_add(run: Run, gateway: FakeGateway) -> None:
    asked = run("users", "add", "Nora", "--role", "viewer", given=f"{PASSWORD}\n{PASSWORD}\n")
    assert asked.exit_code == 0, asked.output
    assert gateway.asked[-1].json == {"username": "Nora", "password": PASSWORD, "role": "viewer"}
    read = run("users", "add", "Nora", "--password-stdin", "--json", given=PASSWORD)
    assert gateway.asked[-1].json["role"] == "clinician"
    assert json.loads(read.stdout) == NORA


def test_a_password_that_is_made_up_is_printed_once(run: Run, gateway: FakeGateway) -> None:
    made = run("users", "add", "Nora", "--generate")
    password = gateway.asked[-1].json["password"]
    assert len(password) == 20
    assert made.stdout == f"{password}\n"
    assert made.stderr == "Added Nora, clinician. Its password is not shown again:\n"
    again = json.loads(run("users", "add", "Nora", "--generate", "--json").stdout)
    assert again == {**NORA, "password": gateway.asked[-1].json["password"]}
    assert again["password"] != password
    gateway.set("POST", "/api/users", problem(409, "CONFLICT", "There is a Nora."))
    refused = run("users", "add", "Nora", "--generate")
    assert refused.exit_code == 1
    assert refused.output == "✗ CONFLICT: There is a Nora.\n"
    assert run("users", "add", "Nora", "--generate", "--password-stdin").exit_code == 2


@pytest.mark.parametrize(
    ("words", "change"),
    [
        (["--role", "admin"], {"role": "admin"}),
        (["--disable"], {"disabled": True}),
        (["--enable", "--role", "viewer"], {"disabled": False, "role": "viewer"}),
        (["--password-stdin"], {"password": PASSWORD}),
    ],
)
def test_users_set(run: Run, gateway: FakeGateway, words: list[str], change: dict[str, Any]) -> None:
    result = run("users", "set", "nora", *words, given=PASSWORD)
    assert result.exit_code == 0, result.output
    assert gateway.asked[-1].json == change
    assert ("disabled" in result.stdout) == ("--disable" in words)
    assert json.loads(run("users", "set", "nora", *words, "--json", given=PASSWORD).stdout)["id"] == NORA["id"]


def test_users_set_wants_a_change_and_a_user(run: Run, gateway: FakeGateway) -> None:
    assert run("users", "set", "Nora").exit_code == 2
    assert run("users", "set", "Nora", "--role", "boss").exit_code == 2
    assert gateway.asked == []
    result = run("users", "set", "nobody", "--disable")
    assert result.exit_code == 1
    assert result.output == "✗ There is no user 'nobody'.\n"


def test_users_remove(run: Run, gateway: FakeGateway) -> None:
    assert run("users", "remove", "Nora", given="n\n").exit_code == 1
    assert f"DELETE {USER_PATH}" not in gateway.paths()
    assert run("users", "remove", "Nora", given="y\n").exit_code == 0
    assert run("users", "remove", "Nora", "--yes").stderr == "Removed Nora.\n"
    assert gateway.paths().count(f"DELETE {USER_PATH}") == 2


def test_an_id_stays_in_its_place(run: Run, gateway: FakeGateway) -> None:
    gateway.set("GET", "/api/users", Answer(200, {"users": [{**NORA, "id": "../keys/x"}]}))
    assert run("users", "remove", "Nora", "--yes").exit_code == 1
    assert gateway.paths()[-1] == "DELETE /api/users/..%2Fkeys%2Fx"


def test_keys_list(run: Run) -> None:
    result = run("keys", "list")
    assert result.exit_code == 0, result.output
    assert "ward" in result.stdout
    assert "…" not in result.stdout, "an id that is cut short is of no use"
    assert "admin" in result.stdout, "the owner's name, not the id"
    assert json.loads(run("keys", "list", "--json").stdout) == {"keys": [KEY]}


def test_keys_add(run: Run, gateway: FakeGateway) -> None:
    words = ["--model", "xray", "--model", "tumor", "--role", "viewer", "--expires-days", "30"]
    made = run("keys", "add", "ward", *words, shown=API_KEY)
    assert made.exit_code == 0, made.output
    assert made.stdout == f"{API_KEY}\n", "alone, so that a program can take it"
    assert made.stderr == "Made the key ward, viewer. Its key is not shown again:\n"
    models = ["xray", "tumor"]
    asked = {"name": "ward", "role": "viewer", "models": models, "expires_in_days": 30}
    assert gateway.asked[-1].json == asked
    assert json.loads(run("keys", "add", "ward", "--json", shown=API_KEY).stdout)["key"] == API_KEY
    assert gateway.asked[-1].json == {"name": "ward", "role": "clinician", "models": None, "expires_in_days": None}
    assert run("keys", "add", "ward", "--expires-days", "0").exit_code == 2


def test_an_answer_without_a_key(run: Run, gateway: FakeGateway) -> None:
    gateway.set("POST", "/api/keys", Answer(201, KEY))
    assert run("keys", "add", "ward").output == "✗ The gateway's answer has no key in it.\n"


def test_keys_revoke(run: Run, gateway: FakeGateway) -> None:
    for name in (KEY["id"], "ward"):
        assert run("keys", "revoke", str(name)).exit_code == 0
        assert gateway.paths()[-1] == f"DELETE {KEY_PATH}"
    assert run("keys", "revoke", "other").output.startswith("✗ No keys are called 'other'")
    gateway.set("GET", "/api/keys", Answer(200, {"keys": [KEY, {**KEY, "id": "d" * 32}]}))
    assert run("keys", "revoke", "ward").output.startswith("✗ 2 keys are called 'ward'")


@pytest.mark.parametrize("words", [["users", "set", "a", "--disable"], ["keys", "revoke", "a"], ["users", "list"]])
def test_lists_that_are_none(run: Run, gateway: FakeGateway, words: list[str]) -> None:
    for path in ("/api/users", "/api/keys"):
        gateway.set("GET", path, Answer(200, {"users": [1], "keys": 2}))
    result = run(*words)
    assert result.exit_code == 1
    assert result.output.count("\n") == 1


def test_forbidden_is_said(run: Run, gateway: FakeGateway) -> None:
    gateway.set("GET", "/api/users", problem(403, "FORBIDDEN", "This is for the role admin; yours is viewer."))
    assert run("users", "list").output == "✗ FORBIDDEN: This is for the role admin; yours is viewer.\n"
