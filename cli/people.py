"""``doctorai users`` and ``doctorai keys``: who may, for administrators.

What a program may want is on standard output; a word to the person is on standard error.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal
from urllib.parse import quote

import typer

from cli import ask, show
from cli.account import PasswordStdin, password
from cli.ask import DEFAULT_URL, Url
from cli.show import AsJson, Failure

users = typer.Typer(no_args_is_help=True, help="Accounts, for administrators.")
keys = typer.Typer(no_args_is_help=True, help="API keys for machines, for administrators.")
Role = Literal["admin", "clinician", "viewer"]
KeyRole = Literal["clinician", "viewer"]
RoleOption = Annotated[Role, typer.Option(help="What it may do; an admin may do all.")]
Username = Annotated[str, typer.Argument(metavar="USERNAME")]
_USERS, _KEYS = "/api/users", "/api/keys"


@users.command("list")
def list_users(url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """All accounts."""
    show.users(ask.get(url, _USERS), as_json=as_json)


@users.command("add")
def add_user(
    username: Username,
    role: RoleOption = "clinician",
    password_stdin: PasswordStdin = False,
    generate: Annotated[bool, typer.Option("--generate", help="Make a password up, and print it this once.")] = False,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Add an account; the password is asked for."""
    if generate and password_stdin:
        raise typer.BadParameter("--generate makes the password up: leave --password-stdin out")
    chosen = secrets.token_urlsafe(15) if generate else password("Password", stdin=password_stdin, confirm=True)
    made = ask.send("POST", url, _USERS, json={"username": username, "password": chosen, "role": role})
    _show_made(made, f"Added {username}, {role}.", "password", chosen if generate else None, as_json=as_json)


@users.command("set")
def set_user(
    username: Username,
    role: Annotated[Role | None, typer.Option(help="The new role.")] = None,
    disable: Annotated[bool | None, typer.Option("--disable/--enable", help="Whether it may sign in.")] = None,
    password_stdin: PasswordStdin = False,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Change an account's role, whether it may sign in, or its password."""
    change: dict[str, Any] = {"role": role, "disabled": disable}
    if password_stdin:
        change["password"] = password("Password", stdin=True)
    change = {name: value for name, value in change.items() if value is not None}
    if not change:
        raise typer.BadParameter("one of --role, --disable, --enable and --password-stdin is wanted")
    user = ask.send("PATCH", url, _path(_USERS, _user(url, username)), json=change)
    show.users({"users": [user]} if not as_json else user, as_json=as_json)


@users.command("remove")
def remove_user(
    username: Username,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Remove an account, and the API keys that it made, for good."""
    user = _user(url, username)
    if not yes:
        typer.confirm(f"Remove {show.clean(username)} and the keys that it made?", abort=True, err=True)
    ask.send("DELETE", url, _path(_USERS, user))
    show.note(f"Removed {username}.")


@keys.command("list")
def list_keys(url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """All keys; a key itself is shown when it is made, and never again."""
    found = ask.get(url, _KEYS)
    if not as_json:
        names = {user.get("id"): user.get("username") for user in _rows(ask.get(url, _USERS), "users")}
        found = {"keys": [{**key, "owner": names.get(key.get("owner"), "-")} for key in _rows(found, "keys")]}
    show.keys(found, as_json=as_json)


@keys.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    model: Annotated[list[str] | None, typer.Option(help="May be repeated; all models when left out.")] = None,
    role: Annotated[KeyRole, typer.Option(help="What it may do; a key administers nothing.")] = "clinician",
    expires_days: Annotated[int | None, typer.Option(min=1, help="How long it holds; for good when left out.")] = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it this once."""
    body = {"name": name, "role": role, "models": model or None, "expires_in_days": expires_days}
    made = ask.send("POST", url, _KEYS, json=body)
    if not made.get("key"):
        raise Failure("The gateway's answer has no key in it.")
    _show_made(made, f"Made the key {name}, {role}.", "key", str(made["key"]), as_json=as_json)


@keys.command("revoke")
def revoke_key(key: Annotated[str, typer.Argument(help="Its id, or its name.")], url: Url = DEFAULT_URL) -> None:
    """End a key."""
    rows = _rows(ask.get(url, _KEYS), "keys")
    found = [row for row in rows if row.get("id") == key] or [row for row in rows if row.get("name") == key]
    if len(found) != 1:
        raise Failure(f"{len(found) or 'No'} keys are called {key!r}; `doctorai keys list` shows their ids.")
    ask.send("DELETE", url, _path(_KEYS, found[0]))
    show.note(f"The key {key} is ended.")


def _show_made(made: dict[str, Any], words: str, what: str, secret: str | None, *, as_json: bool) -> None:
    if as_json:
        show.write_json({**made, what: secret} if secret else made)
        return
    show.note(f"{words} Its {what} is not shown again:" if secret else words)
    if secret:
        show.line(secret)


def _user(url: str, username: str) -> dict[str, Any]:
    """The account, however its name is spelt: the gateway tells no capitals from small letters, either."""
    wanted = username.strip().casefold()
    for user in _rows(ask.get(url, _USERS), "users"):
        if str(user.get("username")).strip().casefold() == wanted:
            return user
    raise Failure(f"There is no user {username!r}.")


def _rows(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = document.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Failure(f"The gateway's answer lists no {name}.")
    return rows


def _path(root: str, row: dict[str, Any]) -> str:
    return f"{root}/{quote(str(row.get('id')), safe='')}"
