"""Where what is backed up lies: on one machine (`doctorai up`), or in the volumes of containers, by the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from cli import bundles
from cli.secrets import GATEWAY, SHARED
from cli.show import Failure

SECRETS = (*GATEWAY, *SHARED)
REDIS_FILES = ("appendonly.aof", "appendonlydir", "dump.rdb")
DUMP = "redis/dump.rdb"
CONFIG = "config/env"
SECRET_KEY = "secrets/secret_key"  # noqa: S105 - a name
_PART = r"(?!\.)[^/\\\x00-\x1f\x7f\ud800-\udfff]+"
MEMBER = re.compile(
    rf"{DUMP}|{CONFIG}|secrets/(?:{'|'.join(SECRETS)})|models/{_PART}(?:/{_PART})*"
    r"|audit/audit-[1-9][0-9]{0,5}(?:\.head|\.lock|-\d{4}-\d\d-\d\d\.jsonl(?:\.torn)?)"
    r"|feedback/feedback-\d{4}-\d\d-[0-9a-f]{8}\.jsonl"
)
"""The names of the files that an archive may hold, besides its manifest."""
_LONGEST = 65_536


@dataclass(frozen=True)
class Layout:
    """``redis``: the folder of Redis's data, None when it is another's. ``secrets``: name → file."""

    data: Path
    redis: Path | None
    models: Path
    audit: Path
    feedback: Path
    secrets: dict[str, Path]

    @property
    def is_embedded(self) -> bool:
        """Whether Redis is the one that `doctorai up` starts."""
        return self.redis == self.data


def find(data: Path) -> Layout:
    """The layout that the variables of the gateway and the services describe; without them, that of `doctorai up`."""
    audit = Path(os.environ.get("AUDIT_LOG_PATH") or data / "logs" / "audit")
    redis = os.environ.get("REDIS_DATA_PATH") or (None if os.environ.get("REDIS_URL") else data)
    return Layout(
        data=data,
        redis=Path(redis) if redis else None,
        models=bundles.folder(None),
        audit=audit,
        feedback=Path(os.environ.get("FEEDBACK_PATH") or audit.parent / "feedback"),
        secrets=_secrets(data),
    )


def secret(layout: Layout, name: str) -> str | None:
    """The value of a secret, e.g. ``secret_key``: of its file, else of the environment. Raises Failure."""
    path = layout.secrets.get(name)
    if path is None:
        return os.environ.get(name.upper())
    try:
        text = path.read_bytes()[:_LONGEST].decode().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{name}: cannot read {path}: {error}") from None
    return text or None


def previous_keys() -> list[str]:
    """Former secret keys, of SECRET_KEY_PREVIOUS or its file. Raises Failure."""
    try:
        path = os.environ.get("SECRET_KEY_PREVIOUS_FILE")
        text = Path(path).read_text(encoding="utf-8") if path else os.environ.get("SECRET_KEY_PREVIOUS", "")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"SECRET_KEY_PREVIOUS_FILE: {error}") from None
    return [word.strip() for word in text.split(",") if word.strip()]


def _secrets(data: Path) -> dict[str, Path]:
    files = {name: os.environ.get(f"{name.upper()}_FILE") for name in SECRETS}
    found = {name: Path(path) for name, path in files.items() if path}
    if "secret_key" not in found and not os.environ.get("SECRET_KEY"):
        found["secret_key"] = data / "secret_key"
    return found
