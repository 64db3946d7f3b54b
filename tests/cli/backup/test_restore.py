"""``doctorai restore``: what comes back, what it refuses to replace, and what a crash in the middle of it leaves."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.backup.exchange import STAGE
from cli.plan import ROOT
from tests.cli.backup.helpers import Place, append_events, audit_problems, members


def environment(place: Place) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "MODEL_PATH": str(place.models)}


def change(place: Place, *, audit: bool = True) -> None:
    """The system goes on after the backup."""
    if audit:
        append_events(place.audit, 2)
    (place.models / "tumor" / "1.1.0").mkdir()
    (place.models / "tumor" / "1.1.0" / "manifest.json").write_text("{}")
    place.start()
    with place.client() as client:
        client.set("doctorai:account:9", "later")
    place.stop()


def test_everything_comes_back(place: Place, archive: Path) -> None:
    before, keys = place.tree(), place.keys()
    place.destroy()
    result = place.restore(archive)
    assert result.exit_code == 0, result.output
    assert audit_problems(place) == []
    after = place.tree()
    assert {name: after[name] for name in after if "aof" not in name} == {
        name: before[name] for name in before if "aof" not in name and ".import" not in name
    }
    assert place.keys() == keys
    assert keys["doctorai:session:2"] == "session until"
    assert (place.data / "secret_key").stat().st_mode & 0o077 == 0o044, "it was not in the archive"
    assert (place.audit / "audit-1.head").stat().st_mode & 0o777 == 0o600
    assert not list(place.root.rglob(STAGE))


def test_choices_that_lie_elsewhere_are_those_of_the_archive_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = place.root / "choices"
    monkeypatch.setenv("SERVING_PATH", str(choices))
    (choices / "tumor").mkdir(parents=True)
    here, beside = choices / "tumor" / "serving.json", place.models / "tumor" / "serving.json"
    beside.write_text('{"active": "0.9.0"}')
    here.write_text('{"active": "1.0.0"}')
    archive = place.backup("--config", str(place.root / "none"))
    assert members(archive)["models/tumor/serving.json"] == b'{"active": "1.0.0"}'
    here.write_text('{"active": "1.1.0"}')
    assert place.restore(archive, "--force").exit_code == 0
    assert not here.exists()
    assert choices.is_dir()
    assert beside.read_text() == '{"active": "1.0.0"}'


def test_a_folder_means_its_latest(place: Place, archive: Path) -> None:
    place.destroy()
    assert place.restore(archive.parent).exit_code == 0


def test_dry_run_touches_nothing(place: Place, archive: Path) -> None:
    change(place)
    before = place.tree()
    result = place.restore(archive, "--dry-run")
    assert result.exit_code == 0
    assert "it would want --force" in result.stderr
    assert place.tree() == before
    place.destroy()
    before = place.tree()
    result = place.restore(archive, "--dry-run")
    assert "nothing is in the way" in result.stderr
    assert place.tree() == before


def test_a_system_in_use_is_replaced_only_by_force(place: Place, archive: Path) -> None:
    change(place)
    before = place.tree()
    result = place.restore(archive)
    assert result.exit_code == 1
    assert f"{place.audit} is in use" in result.stderr
    assert place.tree() == before
    assert place.restore(archive, "--force").exit_code == 0
    assert not (place.models / "tumor" / "1.1.0").exists()
    assert not {"doctorai:account:9"} & place.keys().keys()
    assert audit_problems(place) == []


def test_a_system_that_runs_is_not_touched(place: Place, archive: Path) -> None:
    place.destroy()
    place.start()
    result = place.restore(archive)
    assert result.exit_code == 1
    assert "`doctorai up` runs" in result.stderr
    assert not place.models.exists()


def test_a_gateway_that_writes_is_seen(place: Place, archive: Path) -> None:
    program = "import fcntl,sys; f=open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    command = [sys.executable, "-c", program, str(place.audit / "audit-1.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as gateway:
        assert gateway.stdout
        gateway.stdout.readline()
        change(place, audit=False)
        assert "a gateway writes" in place.restore(archive).stderr
        gateway.communicate(b"\n")


def test_the_secret_key_is_missed(place: Place, archive: Path) -> None:
    place.destroy()
    (place.data / "secret_key").unlink()
    result = place.restore(archive)
    assert result.exit_code == 1
    assert "here is none" in result.stderr
    (place.data / "secret_key").write_text("another key of another system....")
    result = place.restore(archive)
    assert "--other-key" in result.stderr
    assert not place.models.exists()
    result = place.restore(archive, "--other-key")
    assert result.exit_code == 0
    assert "everybody signs in anew" in result.stderr


def test_a_former_key_is_known(place: Place, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    former = (place.data / "secret_key").read_text()
    place.destroy()
    (place.data / "secret_key").write_text("a new key of the same system.....")
    monkeypatch.setenv("SECRET_KEY_PREVIOUS", f"older, {former}")
    assert place.restore(archive).exit_code == 0


def test_a_newer_redis_is_not_read_by_an_older(place: Place, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.destroy()
    older = place.root / "redis-server"
    older.write_text("#!/bin/sh\necho Redis server v=5.0.7 sha=0\n")
    older.chmod(0o755)
    monkeypatch.setattr("cli.backup.targets.redis_server", lambda: str(older))
    result = place.restore(archive)
    assert result.exit_code == 1
    assert "snapshot is of Redis 6.2.14" in result.stderr
    assert not place.models.exists()


def test_a_redis_of_somebody_elses(place: Place, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.destroy()
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert "REDIS_DATA_PATH" in place.restore(archive).stderr
    monkeypatch.setenv("REDIS_DATA_PATH", str(place.root / "theirs"))
    assert place.restore(archive).exit_code == 0
    assert (place.root / "theirs" / "appendonly.aof").read_bytes().startswith(b"REDIS")


def test_a_replica_would_lose_it(place: Place, archive: Path) -> None:
    place.destroy()
    (place.data / "redis.conf").write_text("port 6379\nreplicaof redis-replica-2 6379\n")
    result = place.restore(archive, "--force")
    assert result.exit_code == 1
    assert "is a replica" in result.stderr
    assert not place.models.exists()


def test_a_damaged_audit_log_is_restored_and_told(place: Place) -> None:
    day = place.audit / "audit-1-2026-03-01.jsonl"
    day.write_text(day.read_text().replace('"request_id":"r2"', '"request_id":"r9"'))
    archive = place.backup()
    place.destroy()
    result = place.restore(archive)
    assert result.exit_code == 0
    assert "has 1 problems" in result.stderr


def test_a_full_disk_keeps_what_was_there(place: Place, archive: Path) -> None:
    change(place)
    before = place.tree()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    command = place.command("restore", archive, "--force")
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, env=environment(place))
    assert done.returncode == 1
    assert "what was there is kept" in done.stderr
    assert place.tree() == before
    assert not list(place.root.rglob(STAGE))


def test_killed_at_every_step_it_is_old_or_new(place: Place, archive: Path) -> None:
    change(place)
    old = place.tree()
    place.restore(archive, "--force")
    new = place.tree()
    seen = []
    for step in range(300):
        _put_back(place, old)
        if not _killed(place, archive, step):
            break
        if list(place.root.rglob(STAGE)):
            assert "was interrupted" in place.restore(archive, "--force").stderr
        result = place.run("restore", "--undo")
        assert result.exit_code == 0, result.output
        assert not list(place.root.rglob(STAGE))
        tree = place.tree()
        assert tree in (old, new), f"step {step}"
        seen.append(tree == new)
    else:
        pytest.fail("it never came to its end")
    assert place.tree() == new
    assert seen == sorted(seen), "once it counts, it counts"
    assert {True, False} == set(seen)


def test_an_undo_may_be_killed_as_well(place: Place, archive: Path) -> None:
    change(place)
    old = place.tree()
    place.restore(archive, "--force")
    new = place.tree()
    undos = 0
    for step in range(2, 300, 7):
        for inner in range(0, 300, 4):
            _put_back(place, old)
            if not _killed(place, archive, step):
                assert undos > 10
                return
            if not _killed(place, Path("--undo"), inner):
                break
            undos += 1
            assert place.run("restore", "--undo").exit_code == 0
            assert place.tree() in (old, new), f"steps {step}, {inner}"
    pytest.fail("it never came to its end")


def test_up_does_not_start_on_half_a_restore(place: Place) -> None:
    (place.data / STAGE).mkdir()
    result = place.run("up")
    assert result.exit_code == 1
    assert "was interrupted" in " ".join(result.stderr.split())


def test_which_archive(place: Place) -> None:
    assert "which archive?" in place.restore().stderr
    assert "no archive of" in place.restore(place.root / "nowhere.tar.gz").stderr


def _killed(place: Place, archive: Path, step: int) -> bool:
    """A restore in another process, killed before it changes a name for the ``step``-th time; False when it ended."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)
    left = iter(range(step))

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*words: Any, **named: Any) -> Any:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*words, **named)

        return run

    try:
        for owner, name in ((Path, "rename"), (Path, "mkdir"), (os, "unlink"), (os, "rmdir")):
            setattr(owner, name, counted(getattr(owner, name)))
        place.restore(archive, "--force")
    finally:
        os._exit(0)


def _put_back(place: Place, tree: dict[str, bytes]) -> None:
    place.destroy()
    for name, data in tree.items():
        path = place.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
