"""Linux's seccomp by one system call: what this process and its threads may no longer ask the kernel for.

Landlock and a network namespace leave gaps: sockets of the file system, modes and owners of files, other processes.
Source: Documentation/userspace-api/seccomp_filter.rst of the kernel; numbers from its tables.
"""

from __future__ import annotations

import ctypes
import errno
import platform

_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in seccomp_data
_CLONE_THREAD = 0x00010000

# socket connect bind sendto sendmsg socketpair; fork vfork execve execveat setsid setpgid ptrace; chmod fchmod fchmodat
# chown fchown lchown fchownat; set, lset, fset, remove, lremove, fremove xattr; utime utimes futimesat utimensat; mount
# umount2 pivot_root chroot unshare setns; process_vm_readv, writev, kcmp; add_key request_key keyctl; bpf
# perf_event_open userfaultfd io_uring_setup, enter, register; fchmodat2 open_tree move_mount fsopen fsconfig fsmount
_NEW = (425, 426, 427, 428, 429, 430, 431, 432, 438, 452)  # the same everywhere; 438: pidfd_getfd
_DENIED = {
    "x86_64": (41, 42, 49, 44, 46, 53, 57, 58, 59, 322, 112, 109, 101, 90, 91, 268, 92, 93, 94, 260, 188, 189, 190, 197,
               198, 199, 132, 235, 261, 280, 165, 166, 155, 161, 272, 308, 310, 311, 312, 248, 249, 250, 321, 298, 323,
               *_NEW),
    "aarch64": (198, 203, 200, 206, 211, 199, 221, 281, 157, 154, 117, 52, 53, 55, 54, 5, 6, 7, 14, 15, 16, 88, 40, 39,
                41, 51, 97, 268, 270, 271, 272, 217, 218, 219, 280, 241, 282, *_NEW),
}  # fmt: skip
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435  # its flags lie in memory, out of a filter's sight: the C library falls back on clone


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def restrict() -> bool:
    """For the calling thread and what it starts, for good; whether the kernel did."""
    machine = platform.machine()
    if machine not in _DENIED:
        return False
    instructions = _filter(machine)
    array = (_Instruction * len(instructions))(*instructions)
    program, libc = _Program(len(instructions), array), ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(libc.prctl(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(machine: str) -> list[_Instruction]:
    """Another architecture's calls (32 bits) and all that is denied: EPERM; new processes, too, but not new threads."""
    rules = [
        _Instruction(_LOAD, 0, 0, _ARCHITECTURE),
        _Instruction(_JUMP_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        _refuse(errno.EPERM),
        _Instruction(_LOAD, 0, 0, _NUMBER),
    ]
    for number in _DENIED[machine]:
        rules += [_Instruction(_JUMP_EQUAL, 0, 1, number), _refuse(errno.EPERM)]
    rules += [_Instruction(_JUMP_EQUAL, 0, 1, _CLONE3), _refuse(errno.ENOSYS)]
    rules += [
        _Instruction(_JUMP_EQUAL, 0, 3, _CLONE[machine]),
        _Instruction(_LOAD, 0, 0, _FIRST_ARGUMENT),
        _Instruction(_JUMP_SET, 1, 0, _CLONE_THREAD),
        _refuse(errno.EPERM),
    ]
    return [*rules, _Instruction(_RETURN, 0, 0, _ALLOW)]


def _refuse(number: int) -> _Instruction:
    return _Instruction(_RETURN, 0, 0, _ERRNO | number)
