"""Calls the gateway as whoever runs this; what goes wrong is one clear line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from cli import credentials
from cli.credentials import API_KEY, SignIn
from cli.show import Failure

DEFAULT_URL = "http://127.0.0.1:8000"
_TIMEOUT_S = 60.0
_CONNECT_S = 5.0
_REFRESH_S = 15.0
_REFUSED = (400, 401, 403, 422)
_SECRETS = ("password", "current", "new", "refresh_token")
"""Fields whose value must not come back to the screen in a server's words, unless it is so short that it is a word."""
_SHORT = 8


def _address(given: str) -> str:
    """One spelling an address: sign-ins are kept by it."""
    try:
        url = httpx.URL(given.strip())
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment:
        raise Failure(f"--url: an address such as {DEFAULT_URL} is wanted.")
    if url.userinfo:
        raise Failure("--url: leave the user name and the password out; `doctorai login` asks for them.")
    return str(url).rstrip("/")


Url = Annotated[str, typer.Option(envvar="DOCTORAI_URL", callback=_address, help="The gateway's address.")]


def get(url: str, path: str) -> dict[str, Any]:
    """The JSON at ``path``."""
    return send("GET", url, path)


def get_public(url: str, path: str, wait_s: float = _TIMEOUT_S) -> dict[str, Any]:
    """The same, of what is for everybody: with the credentials that are at hand, or with none."""
    try:
        sign_in = credentials.stored(url)
        token = credentials.api_key() or (sign_in.access_token if sign_in and sign_in.fresh else None)
    except Failure:
        token = None
    return _document(url, _request("GET", url, path, token, timeout=_timeout(wait_s)))


def get_text(url: str, path: str, token: str | None, wait_s: float = _TIMEOUT_S) -> str | None:
    """What stands at ``path``; None when it is not for who asks."""
    response = _request("GET", url, path, token, timeout=_timeout(wait_s))
    return response.text if response.is_success else None


def predict(url: str, file: Path, model: str) -> dict[str, Any]:
    """The prediction of ``model`` for ``file``."""
    return send("POST", url, f"/api/predict/{model}", files={"file": (file.name, file.read_bytes())})


def chat(url: str, message: str, session_id: str | None) -> dict[str, Any]:
    """The chatbot's answer to ``message``."""
    body = {"message": message} | ({"session_id": session_id} if session_id else {})
    return send("POST", url, "/api/chatbot", json=body)


def send(method: str, url: str, path: str, *, renew: bool = True, **body: Any) -> dict[str, Any]:
    """The answer, with the credentials that there are; those that are refused are renewed, once.

    Without ``renew``, a 401 is about something else: its own words are shown.
    """
    return _document(url, _answer(method, url, path, renew=renew, **body), body.get("json"))


def lines(url: str, path: str, asked: dict[str, str]) -> list[dict[str, Any]]:
    """The objects of an answer in JSON lines; all of them, or Failure."""
    response = _answer("GET", url, path, params=asked)
    if not response.is_success:
        _document(url, response)
    try:
        found = [json.loads(line) for line in response.content.splitlines()]
    except (ValueError, RecursionError):
        found = [None]
    if not all(isinstance(one, dict) for one in found):
        raise Failure(_stranger(url))
    return found


def _answer(method: str, url: str, path: str, *, renew: bool = True, **options: Any) -> httpx.Response:
    token = credential(url)
    response = _request(method, url, path, token, **options)
    if renew and response.status_code == 401 and token and (another := _renewed(url, token)):
        response = _request(method, url, path, another, **options)
    if renew and response.status_code == 401:
        raise Failure(_not_signed_in(url))
    return response


def credential(url: str) -> str | None:
    """What to send as the bearer: the environment's key, or else an access token that goes on for a while."""
    return credentials.api_key() or access_token(url)


def access_token(url: str) -> str | None:
    """The stored sign-in's, renewed when it is about to end; None when there is none."""
    sign_in = credentials.stored(url)
    if sign_in and not sign_in.fresh:
        sign_in = credentials.renewed(url, sign_in.access_token, lambda kept: _exchange(url, kept))
    return sign_in.access_token if sign_in else None


def sign_in(url: str, username: str, password: str) -> None:
    """Signs in and keeps the tokens; the file is opened first, so that none are lost."""
    form = {"username": username, "password": password}
    with credentials.held(anew=True) as book:
        pair = _document(url, _request("POST", url, "/api/token", data=form), form)
        book.put(url, _kept(url, username, pair))


def sign_out(url: str) -> None:
    """Ends the stored sign-in at the gateway. Raises Failure when that cannot be told so."""
    token = access_token(url)
    response = _request("POST", url, "/api/logout", token) if token else None
    if token and response and response.status_code == 401 and (another := _exchanged(url, token)):
        response = _request("POST", url, "/api/logout", another)
    if response and response.status_code != 401:  # that has ended before
        _document(url, response)


def forget(url: str) -> None:
    """Ends the stored sign-in on this machine."""
    with credentials.held() as book:
        book.put(url, None)


def _renewed(url: str, refused: str) -> str | None:
    return None if credentials.api_key() else _exchanged(url, refused)


def _exchanged(url: str, refused: str) -> str | None:
    sign_in = credentials.renewed(url, refused, lambda kept: _exchange(url, kept))
    return sign_in.access_token if sign_in else None


def _exchange(url: str, kept: SignIn) -> SignIn | None:
    """The next pair of tokens; None when the refresh token is refused, too."""
    form = {"refresh_token": kept.refresh_token}
    response = _request("POST", url, "/api/token/refresh", data=form, timeout=_timeout(_REFRESH_S))
    if response.status_code in _REFUSED:
        return None
    return _kept(url, kept.username, _document(url, response, form))


def _kept(url: str, username: str, pair: dict[str, Any]) -> SignIn:
    try:
        return SignIn(
            username=username,
            access_token=pair["access_token"],
            refresh_token=pair["refresh_token"],
            expires=time.time() + pair["expires_in"],
        )
    except (KeyError, TypeError, ValueError):
        raise Failure(_stranger(url)) from None


def _request(method: str, url: str, path: str, token: str | None = None, **options: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    options.setdefault("timeout", _timeout(_TIMEOUT_S))
    try:
        return httpx.request(method, url + path, headers=headers, **options)
    except (httpx.ReadTimeout, httpx.WriteTimeout):
        raise Failure(f"{url} did not answer within {options['timeout'].read:g} s.") from None
    except httpx.HTTPError as error:
        raise Failure(f"{url} does not answer ({error}). Is the system up? `doctorai up` starts it.") from None
    except UnicodeError:
        raise Failure("What was given is not text: it has characters that cannot be sent.") from None


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=_CONNECT_S)


def _document(url: str, response: httpx.Response, sent: dict[str, Any] | None = None) -> dict[str, Any]:
    """The JSON of an answer. Raises Failure for an error, and for what is not JSON."""
    try:
        body = {} if response.status_code == 204 else response.json()
    except (ValueError, RecursionError):
        body = None
    if response.is_success and isinstance(body, dict):
        return body
    if not isinstance(body, dict) or "detail" not in body:
        raise Failure(_stranger(url, f" {response.status_code} {response.reason_phrase}"))
    raise Failure(_problem(body, response, sent or {}))


def _problem(body: dict[str, Any], response: httpx.Response, sent: dict[str, Any]) -> str:
    detail, pause = str(body["detail"]), response.headers.get("Retry-After")
    if pause and pause not in detail:
        detail = f"{detail} Try again in {pause} s."
    for name in _SECRETS:
        if len(sent.get(name, "")) >= _SHORT:
            detail = detail.replace(sent[name], "…")
    return f"{body.get('code', response.status_code)}: {detail}"


def _stranger(url: str, answer: str = "") -> str:
    return f"{url} answers{answer}, but not as a DoctorAI gateway."


def _not_signed_in(url: str) -> str:
    if credentials.api_key():
        return f"Not signed in at {url}: {API_KEY} is not accepted. Set another, or unset it and `doctorai login`."
    return f"Not signed in at {url}: `doctorai login`, or set {API_KEY}."
