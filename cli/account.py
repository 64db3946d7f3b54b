"""Signing in and out, and the caller's own account. A password comes from a prompt or standard input, never argv."""

from __future__ import annotations

import getpass
import ipaddress
import sys
import warnings
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cli import ask, credentials, show
from cli.ask import DEFAULT_URL, Url
from cli.credentials import API_KEY
from cli.show import AsJson, Failure

PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
_FIRST = "admin"


def login(
    username: Annotated[str | None, typer.Option(help=f"Asked for when it is left out; {_FIRST} is the first.")] = None,
    password_stdin: PasswordStdin = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Sign in, and stay signed in on this machine."""
    if not is_private(url):
        show.note(f"! {url} is not encrypted: whoever is on the way can read the password.")
    name = username or (_FIRST if password_stdin else typer.prompt("User name", default=_FIRST, err=True))
    ask.sign_in(url, name, password("Password", stdin=password_stdin))
    show.note(f"Signed in at {url} as {name}.")
    _mention_key()


def logout(url: Url = DEFAULT_URL) -> None:
    """Sign out, here and at the gateway."""
    if credentials.stored(url) is None:
        show.note(f"Not signed in at {url}.")
        _mention_key()
        return
    try:
        ask.sign_out(url)
    except Failure as error:
        ask.forget(url)
        raise Failure(f"Signed out on this machine alone: {error}") from None
    ask.forget(url)
    show.note(f"Signed out at {url}.")
    _mention_key()


def token(url: Url = DEFAULT_URL) -> None:
    """Print a token that the gateway accepts now: curl -H "Authorization: Bearer $(doctorai token)" …"""
    ask.get(url, "/api/me")
    show.line(ask.credential(url) or "")


def whoami(url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Who the gateway takes you for."""
    show.caller(ask.get(url, "/api/me"), as_json=as_json)


def passwd(
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the current password and the new one, a line each.")
    ] = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Change your password. Ends your sign-ins everywhere else."""
    me = ask.get(url, "/api/me")  # and renews the token: a 401 after this is about the password
    current = password("Current password", stdin=password_stdin)
    new = password("New password", stdin=password_stdin, confirm=True)
    ask.send("PUT", url, "/api/me/password", renew=False, json={"current": current, "new": new})
    try:
        ask.sign_in(url, str(me.get("username")), new)
    except Failure as error:
        raise Failure(f"The password is changed, but signing in with it failed: {error}") from None
    show.note("The password is changed.")


def password(words: str, *, stdin: bool, confirm: bool = False) -> str:
    """One line of standard input, or what is typed unseen."""
    found = _line() if stdin else _typed(words, confirm=confirm)
    if not found:
        raise Failure("Standard input has no password.")
    return found


def _mention_key() -> None:
    if credentials.api_key():
        show.note(f"! {API_KEY} is set, and is what the commands send.")


def _line() -> str:
    try:
        words = sys.stdin.readline().rstrip("\r\n")
        words.encode()
    except UnicodeError:
        raise Failure("Standard input is not text.") from None
    return words


def _typed(words: str, *, confirm: bool) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            typed: str = typer.prompt(words, hide_input=True, confirmation_prompt=confirm, err=True)
        except getpass.GetPassWarning:
            raise Failure("There is no terminal to ask for the password: use --password-stdin.") from None
    return typed


def is_private(url: str) -> bool:
    """True when nobody on the way can read along."""
    parts = urlsplit(url)
    try:
        return parts.scheme == "https" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"
