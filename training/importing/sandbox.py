"""What a process gives up before it opens a file that nobody vouches for: the network, the disk, memory, time.

The process still may compute, read Python's own files, and write to its scratch folder. What the kernel does not
offer is named, so that whoever started it can decide.
"""

from __future__ import annotations

import contextlib
import ctypes
import resource
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from training.importing import landlock, seccomp

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_SYSTEM = ("/usr", "/lib", "/lib64", "/sys", "/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf")
# not all of /proc: other processes' environments hold secrets
_FACTS = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/dev/null", "/dev/urandom", "/dev/random")
_LARGEST_FILE = 8 << 30
_SET_DEATH_SIGNAL = 1
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Sandbox:
    """What is closed off."""

    network: bool
    files: bool
    calls: bool

    @property
    def gaps(self) -> list[str]:
        """What this machine's kernel would not close."""
        closed = {"the network": self.network, "files": self.files, "system calls": self.calls}
        return [name for name, done in closed.items() if not done]


def enter(scratch: Path, *, readable: Iterable[Path] = (), memory_bytes: int, seconds: int) -> Sandbox:
    """Closes off what can be closed, for good; no thread may have been started before.

    ``readable``: what may be read beside Python's own files and this project's code.
    """
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)  # whoever started it is gone: so is this
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    network, files = _without_network(), _without_files(scratch, readable)
    return Sandbox(network, files, seccomp.restrict())


def _without_network() -> bool:
    """An empty network namespace: as root, or inside a user namespace of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK))


def _without_files(scratch: Path, readable: Iterable[Path]) -> bool:
    if landlock.version() < 1:
        return False
    places = [*_python(), *map(Path, (*_SYSTEM, *_FACTS)), *readable]
    with contextlib.suppress(OSError):
        landlock.restrict(places, [scratch, Path("/dev/null")])
        return True
    return False


def _python() -> list[Path]:
    """Python's own files and our code; not all of our folder, where settings, secrets and data lie."""
    ours = [_ROOT / name for name in ("services", "shared", "training")]
    places = {Path(place) for place in (sys.prefix, sys.base_prefix, *sys.path) if place}
    return [*ours, *(places - {_ROOT})]
