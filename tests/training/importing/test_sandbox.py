"""Behind the sandbox there is no network, no disk but the scratch folder, and no other program."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from training.importing import landlock

_PROGRAM = """
import json, os, socket, subprocess, sys
from pathlib import Path
from training.importing import sandbox

scratch, canary, secret = map(Path, sys.argv[1:4])
closed = sandbox.enter(scratch, memory_bytes=1 << 30, seconds=20)

def tried(what):
    try:
        what()
        return True
    except (OSError, MemoryError):
        return False

def connect():
    with socket.create_connection(("127.0.0.1", int(sys.argv[4])), 2): pass

def local():
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(sys.argv[5])

def fork():
    if os.fork() == 0:
        os._exit(0)

def resolve():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.sendto(b"x", ("192.0.2.1", 53))

print(json.dumps({
    "gaps": closed.gaps,
    "scratch": tried(lambda: (scratch / "a").write_text("a")),
    "write": tried(lambda: canary.write_text("a")),
    "remove": tried(lambda: secret.unlink()),
    "truncate": tried(lambda: os.truncate(secret, 0)),
    "read": tried(lambda: secret.read_text()),
    "environment": tried(lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes()),
    "signal": tried(lambda: os.kill(os.getppid(), 0)),
    "connect": tried(connect),
    "send": tried(resolve),
    "local socket": tried(local),
    "fork": tried(fork),
    "mode": tried(lambda: os.chmod(secret, 0o777)),
    "owner": tried(lambda: os.chown(secret, 1, 1)),
    "time": tried(lambda: os.utime(secret, (1, 1))),
    "session": tried(os.setsid),
    "our settings": tried(lambda: os.listdir(sys.argv[6])),
    "run": tried(lambda: subprocess.run([sys.executable, "-c", ""])),
    "memory": tried(lambda: bytearray(2 << 30)),
}))
"""


@pytest.mark.skipif(landlock.version() < 6, reason="this kernel's Landlock is older than ABI 6")
def test_what_is_left(tmp_path: Path, unused_tcp_port: int) -> None:
    scratch, secret, canary = tmp_path / "scratch", tmp_path / "secret", tmp_path / "canary"
    scratch.mkdir()
    secret.write_text("secret")
    local = tmp_path / "local"
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(local))
    listening.listen()
    places = (scratch, canary, secret, unused_tcp_port, local, REPOSITORY)
    command = [sys.executable, "-c", _PROGRAM, *map(str, places)]
    environment = {"PYTHONPATH": str(REPOSITORY), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60)
    listening.close()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("gaps") == []
    assert found.pop("scratch") is True
    assert not any(found.values()), found
    assert secret.read_text() == "secret"
    assert not canary.exists()
