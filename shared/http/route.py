"""What a request is called where neither its path nor a method that its caller made up may be written."""

from __future__ import annotations

from starlette.types import Scope

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def route_of(scope: Scope) -> str:
    """The route as it is written, ``/api/predict/{model}``: never a path, which may hold ids; "" for none."""
    return str(getattr(scope.get("route"), "path", ""))


def method_of(scope: Scope) -> str:
    """The method; "" for one that HTTP does not know."""
    method: str = scope["method"]
    return method if method in _METHODS else ""
