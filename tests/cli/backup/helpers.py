"""A system on disk without its processes, to be backed up, destroyed, brought back and damaged."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from shared.embedded_redis import redis_command, redis_server
from tests.shared.audit.helpers import SECRET, FakeClock, event, open_store, problems, write_log
from tests.support.processes import free_port, wait_for_port

PASSWORD = "the-password-of-this-Redis"


class Place:
    """The folder of `doctorai up`, its bundles and its archives."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data, self.models, self.archives = root / "data", root / "models", root / "archives"
        self.audit, self.feedback = self.data / "logs" / "audit", self.data / "logs" / "feedback"
        self.port = free_port()
        self._redis: subprocess.Popen[bytes] | None = None

    def fill(self) -> None:
        """With something of everything."""
        write_log(self.audit)
        self.feedback.mkdir()
        (self.feedback / "feedback-2026-03-0123abcd.jsonl").write_text('{"verdict":"right"}\n')
        (self.data / "secret_key").write_text(SECRET)
        (self.data / "secret_key").chmod(0o600)
        bundle = self.models / "tumor" / "1.0.0"
        bundle.mkdir(parents=True)
        (bundle / "model.tflite").write_bytes(os.urandom(300_000))
        (bundle / "manifest.json").write_text('{"version": "1.0.0"}\n')
        (self.models / "tumor" / ".import-1.1.0").mkdir()
        (self.models / "tumor" / ".import-1.1.0" / "half").write_bytes(b"half")
        self.start()
        with self.client() as client:
            client.set("doctorai:account:1", '{"username": "clara"}')
            client.hset("doctorai:accounts", "clara", "1")
            client.set("doctorai:session:2", "session", ex=3600)
        self.stop()

    def start(self) -> None:
        """Its Redis, as `doctorai up` starts it, with the lock that says so held by this process's child."""
        executable = redis_server()
        assert executable
        command = redis_command(executable, port=self.port, folder=self.data, password=PASSWORD)
        program = "import fcntl,subprocess,sys; f=open(sys.argv[1],'w'); fcntl.flock(f, fcntl.LOCK_EX); "
        program += "sys.exit(subprocess.call(sys.argv[2:], pass_fds=[f.fileno()]))"
        self._redis = subprocess.Popen(
            [sys.executable, "-c", program, str(self.data / "lock"), *command], stdout=subprocess.DEVNULL
        )
        wait_for_port(self.port)

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, password=PASSWORD, decode_responses=True)

    def stop(self) -> None:
        if self._redis:
            with self.client() as client:
                client.shutdown()
            self._redis.wait()
            self._redis = None

    def keys(self) -> dict[str, str]:
        """What Redis holds when it is started on what is on the disk."""
        self.start()
        try:
            with self.client() as client:
                found = {key: str(client.type(key)) for key in client.keys("*")}
                return {key: self._value(client, key, kind) for key, kind in found.items()}
        finally:
            self.stop()

    def _value(self, client: redis.Redis, key: str, kind: str) -> str:
        value = client.hgetall(key) if kind == "hash" else client.get(key)
        return f"{value}{' until' if client.ttl(key) > 0 else ''}"

    def destroy(self) -> None:
        """All but the archives and the secret key, which is kept elsewhere."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.models, ignore_errors=True)
        self.data.mkdir()
        (self.data / "secret_key").write_text(SECRET)

    def tree(self) -> dict[str, bytes]:
        """Every file of the system, but for what only Redis's server and the locks write."""
        ignored = {"lock", "redis.conf", "dump.rdb"}
        found = (path for place in (self.data, self.models) for path in place.rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): path.read_bytes() for path in found if path.name not in ignored}

    def backup(self, *words: str, code: int = 0) -> Path:
        result = self.run("backup", "--to", str(self.archives), *words)
        assert result.exit_code == code, result.output
        return Path(result.stdout.strip().splitlines()[-1]) if code == 0 else self.archives

    def restore(self, *words: str | Path) -> Result:
        return self.run("restore", *map(str, words))

    def run(self, *words: str) -> Result:
        result = CliRunner().invoke(app, [*words, "--data", str(self.data)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def command(self, *words: str | Path) -> list[str]:
        """The same as a process of its own."""
        return [sys.executable, "-m", "cli.main", *map(str, words), "--data", str(self.data)]


def audit_problems(place: Place) -> list[str]:
    return problems(place.audit)


def append_events(folder: Path, count: int) -> None:
    """Goes on with a log, a batch for each."""
    clock = FakeClock()
    clock.forward(days=1)
    store = open_store(folder, clock)
    for number in range(count):
        store.write([event(clock, number)])
    store.settle()
    store.close()


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar if info.isfile()}  # type: ignore[union-attr]


Members = list[tuple[tarfile.TarInfo, bytes]]


def repacked(path: Path, change: Callable[[Members], Members]) -> None:
    """The archive once more, as somebody makes it who may write to its folder: with ``change`` made to its members."""
    with tarfile.open(path) as tar:
        found = [(info, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, data in change(found):
            tar.addfile(info, io.BytesIO(data))
        end = tar.offset
    path.write_bytes(gzip.compress(out.getvalue()[:end] + bytes(1024), 1))


def with_manifest(found: Members, change: Callable[[dict[str, Any]], None]) -> Members:
    """The members with a changed manifest, whose signature is as it was."""
    *others, (info, raw) = found
    document = json.loads(raw)
    change(document)
    data = json.dumps(document).encode()
    info.size = len(data)
    return [*others, (info, data)]
