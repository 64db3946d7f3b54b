"""A gateway over real HTTP that keeps one sign-in, as the real one does: each refresh token is good once."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

PASSWORD = "correct-horse-battery"
API_KEY = "dai_" + "k" * 40
USER = {
    "id": "a" * 32,
    "username": "admin",
    "role": "admin",
    "disabled": False,
    "created": "2026-03-01T12:00:00Z",
    "last_sign_in": None,
}
KEY = {
    "id": "b" * 32,
    "name": "ward",
    "role": "clinician",
    "models": ["xray"],
    "owner": "a" * 32,
    "created": "2026-03-01T12:00:00Z",
    "expires": "2027-03-01T12:00:00Z",
    "last_used": None,
}


@dataclass
class Asked:
    method: str
    path: str
    bearer: str
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def problem(status: int, code: str, detail: str, **headers: str) -> Answer:
    return Answer(status, {"status": status, "code": code, "detail": detail}, headers)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of a client that did not wait."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class FakeGateway:
    """``set`` replaces one answer; ``asked`` is what came in."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.number = 0
        self.ended = False
        self.password = PASSWORD
        self.over = threading.Event()
        self._set: dict[tuple[str, str], Answer | Callable[[Asked], Answer]] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def set(self, method: str, path: str, answer: Answer | Callable[[Asked], Answer]) -> None:
        self._set[method, path] = answer

    def paths(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
        found = self._set.get((asked.method, asked.path))
        if found is not None:
            return found if isinstance(found, Answer) else found(asked)
        with self._lock:
            return self._usual(asked)

    def _usual(self, asked: Asked) -> Answer:
        route = (asked.method, asked.path)
        if route == ("POST", "/api/token"):
            right = asked.form == {"username": "admin", "password": self.password}
            return self._pair() if right else problem(401, "UNAUTHORIZED", "The user name or the password is wrong.")
        if route == ("POST", "/api/token/refresh"):
            return self._refresh(asked.form["refresh_token"])
        if asked.bearer not in (API_KEY, f"access-{self.number}") or (self.ended and asked.bearer != API_KEY):
            return problem(401, "UNAUTHORIZED", "The token is not accepted.")
        if route == ("POST", "/api/logout"):
            self.ended = True
            return Answer(204)
        if route == ("PUT", "/api/me/password"):
            return self._change(asked.json)
        return self._document(route)

    def _document(self, route: tuple[str, str]) -> Answer:
        documents: dict[tuple[str, str], Any] = {
            ("GET", "/api/me"): {**USER, "method": "password", "models": None},
            ("GET", "/api/users"): {"users": [USER]},
            ("GET", "/api/keys"): {"keys": [KEY]},
        }
        found = documents.get(route)
        return Answer(200, found) if found else problem(404, "NOT_FOUND", "There is nothing here.")

    def _pair(self) -> Answer:
        self.number += 1
        self.ended = False
        names = {"access_token": f"access-{self.number}", "refresh_token": f"refresh-{self.number}"}
        return Answer(200, {**names, "token_type": "bearer", "expires_in": 900})

    def _refresh(self, token: str) -> Answer:
        if token != f"refresh-{self.number}" or self.ended:
            self.ended = True
            return problem(401, "UNAUTHORIZED", "The token is not accepted.")
        return self._pair()

    def _change(self, asked: dict[str, str]) -> Answer:
        if asked["current"] != self.password:
            return problem(401, "UNAUTHORIZED", "The user name or the password is wrong.")
        self.password, self.ended = asked["new"], True
        return Answer(204)


def _handler(gateway: FakeGateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            answer = gateway.answer(Asked(self.command, self.path, bearer, body))
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name.replace("_", "-"), value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if answer.status != 204:
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Says nothing."""

    return Handler
