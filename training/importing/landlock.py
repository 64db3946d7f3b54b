"""Linux's Landlock by its three system calls: what this process, and all that it starts, may still do with files.

Source: Documentation/userspace-api/landlock.rst of the kernel. No library of it is kept well enough to lean on.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH, _O_PATH = 1, 1, getattr(os, "O_PATH", 0o10000000)
_NO_NEW_PRIVILEGES = 38
_READ = 1 << 2 | 1 << 3  # files, folders
_FILE_RIGHTS = 1 << 1 | 1 << 2 | 1 << 14  # write, read, truncate: what may be granted of what is no folder
_FILES_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP = 1 << 0 | 1 << 1  # bind, connect; from ABI 4
_SCOPES = 1 << 0 | 1 << 1  # abstract sockets and signals outside; from ABI 6
_EXECUTE = 1 << 0


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The kernel's Landlock ABI; 0 without any."""
    return max(0, int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))))


def restrict(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """From now on: reading beneath ``readable``, anything but starting programs beneath ``writable``, no TCP.

    For the calling thread and what it starts, for good. Raises OSError where the kernel will not.
    """
    abi, libc = version(), _libc()
    files = _FILES_BY_ABI[max(known for known in _FILES_BY_ABI if known <= abi)]
    rules = _Ruleset(files, _TCP if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    ruleset = _checked(libc.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0))
    try:
        for paths, rights in ((readable, _READ), (writable, files & ~_EXECUTE)):
            for path in paths:
                _allow(libc, ruleset, path, rights)
        _checked(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _checked(libc.syscall(_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, _O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        beneath = _Beneath(rights if path.is_dir() else rights & _FILE_RIGHTS, handle)
        _checked(libc.syscall(_ADD, ruleset, _PATH_BENEATH, ctypes.byref(beneath), 0))
    finally:
        os.close(handle)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
