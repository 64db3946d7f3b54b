"""Who may do what in Redis, and at its Sentinels, as ACL files: no more than each needs, and digests for passwords."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from shared.redis import PREFIX


@dataclass(frozen=True)
class User:
    """``secret``: the name of the file that holds the password. ``rules``: as Redis's ACL has them."""

    secret: str
    rules: str


SERVERS = {
    "admin": User("redis_admin_password", "~* &* +@all"),
    "gateway": User(
        "redis_gateway_password",
        f"~{PREFIX}:* +@connection +@transaction +@read +@write -@scripting -@dangerous"
        " +eval +evalsha +script|load +script|exists +info +wait",
    ),
    # a service says that it is there, and sees neither who else is nor anything of the gateway's
    "service": User(
        "redis_service_password",
        f"%W~{PREFIX}:instances %W~{PREFIX}:instance:* ~{PREFIX}:chat:* +@connection -@dangerous"
        " +multi +exec +discard +sadd +srem +set +del +lpush +lrange +ltrim +expire",
    ),
    "health": User("redis_health_password", "+ping"),
    # what its exporter reads of it: numbers, no key, nobody's commands (the slow log has them)
    "metrics": User("redis_metrics_password", "+ping +info +slowlog|len"),
    "backup": User("redis_backup_password", "+ping +info +sync"),
    "replica": User("redis_replica_password", "+ping +psync +replconf"),
    "sentinel": User(
        "redis_sentinel_password",
        "&* +ping +info +role +multi +exec +slaveof +config|rewrite +publish +subscribe"
        " +client|setname +client|kill +script|kill",
    ),
}
"""On a server that holds data."""

SENTINELS = {
    "admin": User("redis_admin_password", "&* +@all"),
    "client": User("sentinel_client_password", "+@connection -@dangerous +sentinel|masters"),
    "health": User("redis_health_password", "+ping +sentinel|ckquorum"),
    "peer": User(
        "sentinel_peer_password", "&* +ping +publish +subscribe +client|setname +sentinel|is-master-down-by-addr"
    ),
}
"""On a Sentinel."""

_UNNAMED = "~* &* +@all"
"""Who gives no name is off, and may nothing; but Redis reads its own file again as that user, and would leave out every
transaction in it that he may not do."""


def acl(users: Mapping[str, User], passwords: Mapping[str, str]) -> str:
    """The text of an ACL file; nobody comes in without a name. Raises KeyError for a password that is not there."""
    lines = [f"user default reset {_UNNAMED}"]
    for name, user in users.items():
        digest = hashlib.sha256(passwords[user.secret].encode()).hexdigest()
        lines.append(f"user {name} on #{digest} {user.rules}")
    return "\n".join(lines) + "\n"
