"""Programs of this machine that the Makefile's targets call: Docker, git, pip.

Standard library only: an offline archive's loader uses it before anything is installed.
"""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

_LAST_LINES = 5


class Refusal(Exception):
    """What cannot be done and why, in words for whoever runs this; the program ends with ``code``."""

    code = 1


def sha256_of(path: Path) -> str:
    """Hexadecimal, of a file of any size. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def output(*command: str, cwd: Path | None = None, given: str = "") -> str:
    """What ``command`` prints, with ``given`` on its standard input. Raises Refusal when it is not there or fails."""
    return raw_output(*command, cwd=cwd, given=given).decode(errors="replace")


def raw_output(*command: str, cwd: Path | None = None, given: str = "") -> bytes:
    """The same, as it is."""
    try:
        done = subprocess.run(command, cwd=cwd, input=given.encode(), capture_output=True)  # noqa: S603 - no shell
    except FileNotFoundError as error:
        raise Refusal(f"{command[0]} is not on this machine") from error
    if done.returncode:
        raise failed(command, (done.stderr or done.stdout).decode(errors="replace"))
    return done.stdout


def failed(command: Sequence[str], said: str) -> Refusal:
    """With the last that the program said."""
    last = " / ".join(said.strip().splitlines()[-_LAST_LINES:])
    return Refusal(f"`{' '.join(command[:3])} …` failed: {last}")


def say(line: str) -> None:
    """A line for people."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def end(name: str, main: Callable[[], None]) -> int:
    """The exit code of ``main``; a refusal, a full disk and Ctrl-C are one line each, and what was begun is undone."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except Refusal as error:
        say(f"{name}: {error}")
        return error.code
    except OSError as error:
        say(f"{name}: {error.filename + ': ' if error.filename else ''}{error.strerror or error}")
    except KeyboardInterrupt:
        say(f"{name}: stopped")
        return 130
    else:
        return 0
    return 1
