"""Where what is backed up lies: on one machine (`doctorai up`), or in the volumes of containers, by the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from cli import bundles
from cli.secrets import GATEWAY, REDIS, SHARED
from cli.show import Failure

SECRETS = (*GATEWAY, *SHARED, *REDIS)
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
    """``redis``: the folder of Redis's data, None when it is another's. ``secrets``: name → file. ``choices``: where it
    is written which models are served, when not beside them.
    """

    data: Path
    redis: Path | None
    models: Path
    choices: Path | None
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
        choices=bundles.choices(None),
        audit=audit,
        feedback=Path(os.environ.get("FEEDBACK_PATH") or audit.parent / "feedback"),
        secrets=_secrets(data),
    )


def secret_key(layout: Layout) -> str | None:
    """What the gateway signs with: of its file, else of the environment. Raises Failure."""
    path = layout.secrets.get("secret_key")
    return read(path) if path else os.environ.get("SECRET_KEY")


def read(path: Path) -> str | None:
    """A secret; None for a file that is not there, or empty. Raises Failure."""
    try:
        text = path.read_bytes()[:_LONGEST].decode().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot read {path}: {error}") from None
    return text or None


def variable(name: str) -> str | None:
    """A setting: of the file that ``NAME_FILE`` names, else of the environment. Raises Failure."""
    path = os.environ.get(f"{name}_FILE")
    return read(Path(path)) if path else os.environ.get(name)


def previous_keys() -> list[str]:
    """Former secret keys, of SECRET_KEY_PREVIOUS or its file. Raises Failure."""
    return [word.strip() for word in (variable("SECRET_KEY_PREVIOUS") or "").split(",") if word.strip()]


def _secrets(data: Path) -> dict[str, Path]:
    """Of containers: SECRETS_PATH, three folders as ``cli.secrets`` has them. Else only the key that signs."""
    if folders := os.environ.get("SECRETS_PATH"):
        places = zip(folders.split(":"), (SHARED, GATEWAY, REDIS), strict=True)
        return {name: Path(folder, name) for folder, names in places for name in names}
    if path := os.environ.get("SECRET_KEY_FILE"):
        return {"secret_key": Path(path)}
    return {} if os.environ.get("SECRET_KEY") else {"secret_key": data / "secret_key"}
