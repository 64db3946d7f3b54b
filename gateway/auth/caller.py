"""Who sent a request, as every route sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["admin", "clinician", "viewer"]
Method = Literal["password", "token", "api_key", "oidc", "none"]
KeyRole = Literal["clinician", "viewer"]
"""A key for machines administers nothing: what it made would outlive the account that it belongs to."""
ROLES: tuple[Role, ...] = ("viewer", "clinician", "admin")
"""Least first; each may do what those before it may."""


@dataclass(frozen=True)
class Caller:
    """``id`` is opaque: it goes where a name must not."""

    id: str
    username: str
    role: Role
    method: Method
    models: frozenset[str] | None = None
    key_id: str | None = None
    session: str | None = None

    def at_least(self, role: Role) -> bool:
        """True when this role may do what ``role`` may."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def may_use(self, model: str) -> bool:
        """True unless an API key leaves ``model`` out."""
        return self.models is None or model in self.models
