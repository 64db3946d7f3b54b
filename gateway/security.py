"""Who may call. The seam for sign-in: every route that needs a caller depends on ``current_caller``.

Until there are accounts, only callers on this machine are answered.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from shared.errors import Unauthorized


@dataclass(frozen=True)
class Caller:
    """Who sent the request."""

    name: str
    role: str


async def current_caller(request: Request) -> Caller:
    """The caller. Raises Unauthorized for one that is not on this machine."""
    host = request.client.host if request.client else ""
    if _is_loopback(host):
        return Caller(name="local", role="admin")
    raise Unauthorized("Sign-in is not part of this release yet: only callers on the same machine are answered.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


SignedIn = Annotated[Caller, Depends(current_caller)]
