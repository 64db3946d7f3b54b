"""What a request is called where paths must not be written."""

from __future__ import annotations

from starlette.types import Scope


def route_of(scope: Scope) -> str:
    """The route as it is written, ``/api/predict/{model}``: never a path, which may hold ids; "" for none."""
    return str(getattr(scope.get("route"), "path", ""))
