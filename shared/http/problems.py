"""Turns every error into an RFC 9457 ``application/problem+json`` answer."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import DoctorAIError, NotFound, ValidationFailed
from shared.http.context import request_id
from shared.http.disconnect import GONE
from shared.http.numbers import is_json
from shared.http.route import route_of
from shared.logs import get_logger

MEDIA_TYPE = "application/problem+json"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_log = get_logger(__name__)


def install_problem_handlers(app: FastAPI) -> None:
    """Makes ``app`` answer every exception with a problem document. Comes before RequestContext is added."""
    app.add_exception_handler(DoctorAIError, _ours)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_middleware(_LastResort)


def problem(error: DoctorAIError) -> JSONResponse:
    """The answer to ``error``. ``error`` (Open Inference Protocol) repeats the detail for clients of /v2."""
    return _response(error.status, error.code, error.title, error.detail, error.headers, error.extra)


def _response(
    status: int, code: str, title: str, detail: str, headers: dict[str, str], extra: dict[str, Any]
) -> JSONResponse:
    detail = detail.encode("utf-8", "replace").decode()  # half a surrogate pair of a caller cannot be sent back
    body = {
        "type": f"urn:doctorai:error:{code.lower().replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id(),
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "error": detail,
        **extra,
    }
    return JSONResponse(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DoctorAIError)  # noqa: S101 - registered for that class alone
    return problem(error)


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for that class alone
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return problem(ValidationFailed("body: not valid JSON."))
    if first["loc"] == ("body",) and isinstance(first.get("input"), bytes):  # FastAPI did not take it for JSON
        return problem(ValidationFailed("body: send it with Content-Type: application/json."))
    where = ".".join(str(part) for part in first["loc"])
    return problem(ValidationFailed(f"{where}: {first['msg']}"))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for that class alone
    if error.status_code == 404:
        return problem(NotFound(f"There is nothing at {request.url.path}."))
    if isinstance(error.__cause__, GONE):  # FastAPI's word for a body that broke off
        raise error.__cause__
    if error.status_code == 400:  # for one that it cannot decode
        return problem(ValidationFailed(f"body: {'not valid JSON' if is_json(request) else 'it cannot be read'}."))
    headers = dict(error.headers or {})
    if error.status_code == 405 and "Allow" in headers:  # the router's word, of the first route of that path alone
        headers["Allow"] = ", ".join(_allowed(request))
    title = HTTPStatus(error.status_code).phrase
    code = title.upper().replace(" ", "_").replace("-", "_")
    return _response(error.status_code, code, title, str(error.detail), headers, {})


def _allowed(request: Request) -> list[str]:
    """The methods that some route of the request's path takes."""
    scopes = [dict(request.scope, method=method) for method in _METHODS]
    routes = request.app.router.routes
    return [scope["method"] for scope in scopes if any(route.matches(scope)[0] is Match.FULL for route in routes)]


class _LastResort:
    """Answers what nobody expected: the stack goes to the log, never to the caller.

    A handler of ``Exception`` would run outside every other middleware, where the request has no id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except GONE:
            _log.info("client_disconnected", route=route_of(scope))
        except Exception as error:
            if started:
                raise
            _log.error("unexpected_error", route=route_of(scope), exc_info=error)
            answer = problem(DoctorAIError("Something went wrong here. The request id finds it in the log."))
            await answer(scope, receive, send)
