"""Where sign-ins are kept: one file that is this person's alone, by address; and the key of the environment.

``$XDG_CONFIG_HOME/doctorai/credentials.json``  replaced as a whole, so reading it takes no lock
``$XDG_CONFIG_HOME/doctorai/lock``              held by whoever changes it, from reading to writing
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from cli.show import Failure
from shared.files import replace_file

API_KEY = "DOCTORAI_API_KEY"
_EARLY_S = 30.0
_SENDABLE = re.compile(r"[\x21-\x7e]+")
# what cannot be sent in a header must not get that far: the error would show it
Token = Annotated[str, Field(pattern=r"^[\x21-\x7e]+$", max_length=8192, repr=False)]


class SignIn(BaseModel):
    """``expires``: when the access token ends, by this machine's clock."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    username: str
    access_token: Token
    refresh_token: Token
    expires: Annotated[float, Field(allow_inf_nan=False)]

    @property
    def fresh(self) -> bool:
        return self.expires - time.time() > _EARLY_S


_SIGN_INS = TypeAdapter(dict[str, SignIn])


class Book:
    """The sign-ins, by address; each change is written at once."""

    def __init__(self, folder: Path, sign_ins: dict[str, SignIn]) -> None:
        self._folder = folder
        self._sign_ins = sign_ins

    def get(self, address: str) -> SignIn | None:
        return self._sign_ins.get(address)

    def put(self, address: str, sign_in: SignIn | None) -> None:
        """Keeps it; None forgets what was there."""
        self._sign_ins.pop(address, None)
        if sign_in:
            self._sign_ins[address] = sign_in
        with _failing("write", _file(self._folder)):
            replace_file(_file(self._folder), _SIGN_INS.dump_json(self._sign_ins, indent=2))


def api_key() -> str | None:
    """The environment's key, which wins over a sign-in. Raises Failure for what cannot be one."""
    key = os.environ.get(API_KEY, "").strip()
    if key and not _SENDABLE.fullmatch(key):
        raise Failure(f"{API_KEY} is not a key: it has spaces in it, or characters that no key has.")
    return key or None


def stored(address: str) -> SignIn | None:
    """The sign-in at ``address``. Raises Failure when the file cannot be read."""
    return _read(_folder()).get(address)


def renewed(address: str, refused: str, exchange: Callable[[SignIn], SignIn | None]) -> SignIn | None:
    """A sign-in with another access token than ``refused``; None when there is none to be had any more.

    A refresh token is good once, so only one process exchanges it; the others wait, and take what that one got.
    """
    with held() as book:
        sign_in = book.get(address)
        if sign_in is None or (sign_in.access_token != refused and sign_in.fresh):
            return sign_in
        successor = exchange(sign_in)
        book.put(address, successor)
        return successor


@contextlib.contextmanager
def held(*, anew: bool = False) -> Iterator[Book]:
    """The sign-ins, for this process to change; ``anew``: without those of a damaged file."""
    folder = _folder()
    with contextlib.ExitStack() as stack:
        with _failing("write to", folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            lock = stack.enter_context(open(folder / "lock", "w", opener=_private))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield Book(folder, _read(folder, anew=anew))


def _folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME", "")
    try:
        # the XDG specification: a relative one is to be ignored
        return (Path(base) if os.path.isabs(base) else Path.home() / ".config") / "doctorai"
    except RuntimeError:
        raise Failure(f"there is no home folder to keep a sign-in in: set XDG_CONFIG_HOME, or {API_KEY}") from None


def _file(folder: Path) -> Path:
    return folder / "credentials.json"


def _read(folder: Path, *, anew: bool = False) -> dict[str, SignIn]:
    path = _file(folder)
    with _failing("read", path):
        try:
            return _SIGN_INS.validate_json(path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError:
            if anew:
                return {}
    raise Failure(f"{path} is damaged: `doctorai login` writes it anew.")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def _failing(verb: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failure(f"cannot {verb} {path}: {error.strerror}") from None
