"""What a route asks of its caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Path, Request
from fastapi.routing import APIRoute

from gateway.auth.caller import Caller, Role
from gateway.state import state_of
from shared.errors import Forbidden

ROLE = "x-required-role"
"""Where the API's document names the role of an operation."""


async def current_caller(request: Request) -> Caller:
    """Whom the gate let in."""
    caller: Caller = request.state.caller
    return caller


SignedIn = Annotated[Caller, Depends(current_caller)]
ModelName = Annotated[str, Path(description="a model's name, or its service's", examples=["palm_disease"])]
Identifier = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
"""Of an account or a key."""


def needs(role: Role, **documented: Any) -> dict[str, Any]:
    """The arguments of a route that ``role``, or one above it, may use; ``documented`` are further ones."""
    extra = {ROLE: role, **documented.pop("openapi_extra", {})}
    return {"dependencies": [Depends(_at_least(role))], "openapi_extra": extra, **documented}


def role_of(route: APIRoute) -> Role | None:
    """What `needs` said of ``route``; None for one that anybody may use."""
    found: Role | None = (route.openapi_extra or {}).get(ROLE)
    return found


def _at_least(role: Role) -> Callable[[Request], Any]:
    async def check(request: Request) -> None:
        require_role(request, role)

    return check


def require_role(request: Request, role: Role) -> Caller:
    """The caller. Raises Forbidden for one of a smaller role, and audits that."""
    caller: Caller = request.state.caller
    if not caller.at_least(role):
        with state_of(request).trail.entry(request, "access"):
            raise Forbidden(f"This is for the role {role}; yours is {caller.role}.")
    return caller


def check_model(caller: Caller, model: str) -> None:
    """Raises Forbidden when the caller's key is not for ``model``."""
    if not caller.may_use(model):
        raise Forbidden(f"This key is not for {model}.", scope="model")
