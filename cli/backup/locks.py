"""Encryption with age: to public keys, or with a passphrase. Streams: nothing is ever whole in memory, nor on disk.

age encrypts no stream with a passphrase here, so a key is made for each such archive and put in front of it, encrypted
with the passphrase: a line ``doctorai-passphrase <bytes>``, that many bytes (an age file), the archive (another).
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from cli.show import Failure

SHORTEST_PASSPHRASE = 12
"""Characters."""
_HEAD = re.compile(rb"doctorai-passphrase ([1-9][0-9]{0,3})\n")
_LONGEST_HEAD = 32
_ERRORS = (pyrage.EncryptError, pyrage.DecryptError, OSError, ValueError)


@dataclass(frozen=True)
class Lock:
    """How a new archive is encrypted; not at all without both."""

    recipients: Sequence[Any] = ()
    passphrase: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.recipients or self.passphrase)

    @property
    def ending(self) -> str:
        return ".age" if self.recipients else ".pass" if self.passphrase else ""


@dataclass(frozen=True)
class Keys:
    """What may open an archive."""

    identities: Sequence[Any] = ()
    passphrase: str = field(default="", repr=False)


def recipients(words: Sequence[str]) -> list[Any]:
    """Public keys, or files of them, one a line. Raises Failure for what is neither."""
    lines = [line for word in words for line in (_lines(Path(word)) if Path(word).is_file() else [word])]
    return [_recipient(line) for line in lines]


def identities(paths: Sequence[Path]) -> list[Any]:
    """The private keys in files, as `age-keygen` or `ssh-keygen` writes them. Raises Failure."""
    return [identity for path in paths for identity in _identities(path)]


def passphrase(path: Path | None) -> str:
    """The first line of a file. Raises Failure for one that is too short."""
    if path is None:
        return ""
    word = next(iter(_text(path).splitlines()), "").strip()
    if len(word) < SHORTEST_PASSPHRASE:
        raise Failure(f"{path}: a passphrase has at least {SHORTEST_PASSPHRASE} characters")
    return word


@contextlib.contextmanager
def encrypting(file: BinaryIO, lock: Lock) -> Iterator[BinaryIO]:
    """What is written goes to ``file``, encrypted as ``lock`` says. Raises Failure."""
    if not lock:
        yield file
        return
    to = list(lock.recipients)
    if lock.passphrase and not to:
        identity = pyrage.x25519.Identity.generate()
        wrapped = pyrage.passphrase.encrypt(str(identity).encode(), lock.passphrase)
        file.write(b"doctorai-passphrase %d\n" % len(wrapped) + wrapped)
        to = [identity.to_public()]
    with _Worker(lambda source: pyrage.encrypt_io(source, file, to), "r") as worker:
        yield worker.end


@contextlib.contextmanager
def decrypting(file: BinaryIO, ending: str, keys: Keys) -> Iterator[BinaryIO]:
    """What ``file`` holds, in plain. Raises Failure when the keys do not open it, or it was changed."""
    if not ending:
        yield file
        return
    opened = [_unwrapped(file, keys)] if ending == ".pass" else list(keys.identities)
    if not opened:
        raise Failure("it is encrypted: name the private key with --identity")
    with _Worker(lambda sink: pyrage.decrypt_io(file, sink, opened), "w") as worker:
        yield worker.end


class _Worker:
    """Runs age in a thread, at the far ``mode`` end of a pipe; ``end`` is ours."""

    def __init__(self, work: Callable[[BinaryIO], None], mode: str) -> None:
        self._work = work
        read, write = os.pipe()
        near, far = (write, read) if mode == "r" else (read, write)
        self._far: Any = os.fdopen(far, f"{mode}b")
        self.end: Any = os.fdopen(near, "wb" if mode == "r" else "rb")
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Worker:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        failed_first = self._error
        with contextlib.suppress(OSError):  # a broken pipe: the thread's own error says why
            self.end.close()
        self._thread.join()
        if error := failed_first or (self._error if kind is None else None):
            raise Failure(f"age: {error}") from None

    def _run(self) -> None:
        try:
            self._work(self._far)
        except _ERRORS as error:
            self._error = error
        finally:
            with contextlib.suppress(OSError):
                self._far.close()


def _unwrapped(file: BinaryIO, keys: Keys) -> Any:
    if not keys.passphrase:
        raise Failure("it is encrypted with a passphrase: name a file that holds it with --passphrase-file")
    match = _HEAD.fullmatch(file.readline(_LONGEST_HEAD))
    if match is None:
        raise Failure("it is not an archive under a passphrase")
    try:
        return _identity(pyrage.passphrase.decrypt(file.read(int(match[1])), keys.passphrase).decode())
    except (pyrage.DecryptError, UnicodeDecodeError):
        raise Failure("the passphrase is not the one that it was made with") from None


def _identities(path: Path) -> list[Any]:
    if "-----BEGIN" in (text := _text(path)):
        return [_parsed(pyrage.ssh.Identity.from_buffer, text.encode(), str(path))]
    return [_identity(line) for line in _lines(path)]


def _identity(line: str) -> Any:
    return _parsed(pyrage.x25519.Identity.from_str, line.strip(), "the private key")


def _recipient(line: str) -> Any:
    kind = pyrage.ssh.Recipient if line.startswith("ssh-") else pyrage.x25519.Recipient
    return _parsed(kind.from_str, line, f"'{line[:80]}' (neither a file nor a public key of age)")


def _parsed(parse: Callable[[Any], Any], value: str | bytes, what: str) -> Any:
    try:
        return parse(value)
    except (pyrage.RecipientError, pyrage.IdentityError, ValueError):
        raise Failure(f"{what} cannot be used") from None


def _lines(path: Path) -> list[str]:
    lines = [line.strip() for line in _text(path).splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise Failure(f"{path} holds no key")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot read {path}: {error}") from None
