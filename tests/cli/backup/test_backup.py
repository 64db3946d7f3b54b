"""``doctorai backup``: what is in an archive, what it leaves to others, how it ends when it cannot be written."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest

from cli.backup import naming
from cli.backup.folder import retire
from cli.plan import ROOT
from tests.cli.backup.helpers import Place, append_events, audit_problems, members

PASSPHRASE = "four words and a number 7"


def test_what_is_in_it(place: Place) -> None:
    path = place.backup()
    found = members(path)
    assert set(found) == {
        "redis/dump.rdb", "audit/audit-1.head", "audit/audit-1.lock", "audit/audit-1-2026-03-01.jsonl",
        "audit/audit-1-2026-03-02.jsonl", "feedback/feedback-2026-03-0123abcd.jsonl",
        "models/tumor/1.0.0/model.tflite", "models/tumor/1.0.0/manifest.json", "manifest.json",
    }  # fmt: skip
    manifest = json.loads(found["manifest.json"])
    assert {entry["name"] for entry in manifest["files"]} == set(found) - {"manifest.json"}
    assert (manifest["format"], manifest["kind"], manifest["redis"]) == (1, "full", "6.2.14")
    assert path.stat().st_mode & 0o777 == 0o600
    assert not [one for one in place.archives.iterdir() if one.name.endswith(".part")]


def test_a_running_system_is_asked(place: Place) -> None:
    place.start()
    with place.client() as client:
        client.set("doctorai:account:3", "only in memory so far")
    assert b"only in memory so far" in members(place.backup())["redis/dump.rdb"]


def test_settings_are_kept_without_secrets(place: Place) -> None:
    Path(".env").write_text("API_PORT=8000\nADMIN_PASSWORD=hush\nREDIS_URL=redis://:hush@a\n# a word\n")
    path = place.backup()
    assert members(path)["config/env"] == b"API_PORT=8000\n# a word\n"
    assert place.restore(path, "--print-config").stdout == "API_PORT=8000\n# a word\n"


def test_half_a_line_is_left_out(place: Place) -> None:
    day = place.audit / "audit-1-2026-03-02.jsonl"
    whole = day.read_bytes()
    day.write_bytes(whole + b'{"event":{"act')
    assert members(place.backup())[f"audit/{day.name}"] == whole


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda place: (place.data / "secret_key").unlink(), "no key: set SECRET_KEY"),
        (lambda place: (place.models / "tumor" / "a\nb").touch(), "rename it"),
        (lambda place: (place.models / "tumor" / ("a" * 200)).touch(), "too long"),
        (lambda place: (place.models / "other").symlink_to(place.models / "tumor"), "is a link"),
        (lambda place: (place.data / "appendonly.aof").write_bytes(b"*nonsense"), "Redis cannot be started"),
        (lambda place: place.archives.touch(), "exists"),
    ],
)
def test_what_cannot_be_backed_up(place: Place, prepare: Any, says: str) -> None:
    prepare(place)
    result = place.run("backup", "--to", str(place.archives))
    assert result.exit_code == 1
    assert says in result.stderr
    assert not naming.archives(place.archives)


def test_no_system(place: Place) -> None:
    place.data = place.root / "nowhere"
    (place.root / "nowhere").parent.mkdir(exist_ok=True)
    assert place.run("backup", "--to", str(place.archives)).exit_code == 1


def test_one_at_a_time(place: Place) -> None:
    place.archives.mkdir()
    with (place.archives / ".doctorai-backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another backup" in place.run("backup", "--to", str(place.archives)).stderr


class TestIncremental:
    def test_it_holds_what_changed(self, place: Place) -> None:
        full = place.backup()
        append_events(place.audit, 2)
        (place.models / "tumor" / "1.0.0" / "manifest.json").write_text('{"version": "1.0.1"}\n')
        second = place.backup("--on", "latest")
        assert set(members(second)) == {
            "redis/dump.rdb", "audit/audit-1.head", "audit/audit-1-2026-03-02.jsonl",
            "models/tumor/1.0.0/manifest.json", "manifest.json",
        }  # fmt: skip
        third = place.backup("--on", second.name)
        before = place.tree()
        place.destroy()
        result = place.restore(third)
        assert result.exit_code == 0, result.output
        assert {name: data for name, data in place.tree().items() if "aof" not in name} == {
            name: data for name, data in before.items() if "aof" not in name and ".import" not in name
        }
        assert json.loads(members(third)["manifest.json"])["chain"] == [
            naming.named(second).id, naming.named(full).id,  # type: ignore[union-attr]
        ]  # fmt: skip

    def test_a_catalog_that_was_changed_is_not_believed(self, place: Place) -> None:
        path = place.backup()
        catalog = naming.catalog_of(path)
        document = json.loads(catalog.read_text())
        document["files"][0]["sha256"] = "0" * 64
        catalog.write_text(json.dumps(document))
        assert "was changed" in place.run("backup", "--to", str(place.archives), "--on", "latest").stderr
        catalog.unlink()
        assert "make a full backup" in place.run("backup", "--to", str(place.archives), "--on", "latest").stderr

    def test_on_nothing(self, place: Place) -> None:
        assert "there is no archive latest" in place.run("backup", "--to", str(place.archives), "--on", "latest").stderr


class TestEncryption:
    def test_secrets_are_never_in_plain(self, place: Place) -> None:
        result = place.run("backup", "--to", str(place.archives), "--with-secrets")
        assert result.exit_code == 1
        assert "never left in plain" in result.stderr

    def test_to_a_public_key(self, place: Place) -> None:
        identity = pyrage.x25519.Identity.generate()
        Path("key").write_text(f"# created by a test\n{identity}\n")
        Path("public").write_text(f"{identity.to_public()}\n")
        path = place.backup("--with-secrets", "--recipient", "public")
        assert path.name.endswith(".tar.gz.age")
        assert path.read_bytes().startswith(b"age-encryption.org/v1\n")
        assert b"secret_key" not in naming.catalog_of(path).read_bytes()
        self._comes_back(place, path, "--identity", "key")
        Path("other").write_text(f"{pyrage.x25519.Identity.generate()}\n")
        assert "age: " in place.restore(path, "--identity", "other").stderr
        assert "name the private key" in place.restore(path).stderr

    def test_with_a_passphrase(self, place: Place) -> None:
        Path("word").write_text(f"{PASSPHRASE}\n")
        path = place.backup("--with-secrets", "--passphrase-file", "word")
        assert path.name.endswith(".tar.gz.pass")
        self._comes_back(place, path, "--passphrase-file", "word")
        Path("word").write_text("another passphrase")
        assert "not the one" in place.restore(path, "--passphrase-file", "word").stderr
        assert "encrypted with a passphrase" in place.restore(path).stderr

    def test_an_incremental_one_needs_only_the_public_key(self, place: Place) -> None:
        identity = pyrage.x25519.Identity.generate()
        Path("key").write_text(str(identity))
        words = ("--recipient", str(identity.to_public()))
        place.backup(*words)
        path = place.backup(*words, "--on", "latest")
        assert path.stat().st_size < 100_000
        self._comes_back(place, path, "--identity", "key")

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["--recipient", "age1nonsense"], "neither a file nor a public key"),
            (["--passphrase-file", "short"], "at least 12 characters"),
            (["--passphrase-file", "nowhere"], "cannot read nowhere"),
            (["--recipient", "empty"], "holds no key"),
        ],
    )
    def test_what_is_no_key(self, place: Place, words: list[str], says: str) -> None:
        Path("short").write_text("short")
        Path("empty").write_text("# nothing\n")
        assert says in place.run("backup", "--to", str(place.archives), *words).stderr

    def _comes_back(self, place: Place, path: Path, *words: str) -> None:
        place.destroy()
        result = place.restore(path, *words)
        assert result.exit_code == 0, result.output
        assert audit_problems(place) == []
        assert place.keys()["doctorai:accounts"] == "{'clara': '1'}"


class TestRetention:
    def test_what_stays(self, place: Place) -> None:
        """Days before now, and on what: an old full one on which a young one rests, and one on which none does."""
        place.archives.mkdir()
        made = [
            self._make(place, number, days, base)
            for number, (days, base) in enumerate([(50, None), (45, 0), (40, None), (39, 2), (20, 3), (35, None)])
        ]
        (place.archives / "doctorai-notes.tar.gz").touch()
        (place.archives / "other.tar.gz").touch()
        new = place.backup("--keep-days", "30")
        assert {one.path for one in naming.archives(place.archives)} == {made[2], made[3], made[4], new}
        assert not naming.catalog_of(made[0]).exists()
        assert (place.archives / "other.tar.gz").exists()
        assert (place.archives / "doctorai-notes.tar.gz").exists()

    def test_the_last_full_one_stays_whatever_its_age(self, place: Place) -> None:
        old = place.backup()
        aged = old.rename(old.with_name(old.name.replace(old.name[9:17], "20200101")))
        assert retire(place.archives, 1, datetime.now(UTC)) == []
        assert aged.exists()

    def _make(self, place: Place, number: int, days: int, base: int | None) -> Path:
        time = datetime.now(UTC) - timedelta(days=days)
        path = place.archives / naming.name(time, f"{number:016x}", None if base is None else f"{base:016x}", "")
        path.touch()
        naming.catalog_of(path).touch()
        return path


class TestUnderLoad:
    def test_it_is_of_one_moment(self, place: Place) -> None:
        """Two keys that are only ever changed together are equal, and the audit log's chain is whole."""
        place.start()
        ends = threading.Event()
        writers = [
            threading.Thread(target=self._pairs, args=(place, ends)),
            threading.Thread(target=self._log, args=(place, ends)),
        ]
        for writer in writers:
            writer.start()
        try:
            paths = [place.backup(*(["--on", "latest"] if number else [])) for number in range(4)]
        finally:
            ends.set()
            for writer in writers:
                writer.join()
        place.stop()
        lines = []
        for path in paths:
            place.destroy()
            result = place.restore(path)
            assert result.exit_code == 0, result.output
            assert audit_problems(place) == []
            found = place.keys()
            assert found["first"] == found["second"]
            lines.append(sum(len(day.read_bytes().splitlines()) for day in place.audit.glob("*.jsonl")))
        assert lines == sorted(lines)
        assert lines[0] < lines[-1], "nothing was written meanwhile"

    def _pairs(self, place: Place, ends: threading.Event) -> None:
        with place.client() as client:
            for number in range(1_000_000):
                if ends.is_set():
                    return
                with client.pipeline(transaction=True) as both:
                    both.set("first", number).set("second", number).execute()

    def _log(self, place: Place, ends: threading.Event) -> None:
        while not ends.is_set():
            append_events(place.audit, 5)


class TestFailure:
    @pytest.mark.parametrize("encrypted", [False, True])
    def test_a_full_disk_leaves_nothing(self, place: Place, encrypted: bool) -> None:
        words = ["--recipient", str(pyrage.x25519.Identity.generate().to_public())] if encrypted else []

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        command = place.command("backup", "--to", place.archives, *words)
        done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, env=self._environment(place))
        assert done.returncode == 1, done.stderr
        assert "File too large" in done.stderr
        assert [path.name for path in place.archives.iterdir()] == [".doctorai-backup.lock"]

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
    def test_killed_at_any_moment(self, place: Place, number: signal.Signals) -> None:
        for step in range(12):
            command = place.command("backup", "--to", place.archives)
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=self._environment(place))
            self._wait_for_part(place, process)
            time.sleep(step * 0.002)
            process.send_signal(number)
            process.wait()
            if number == signal.SIGTERM:
                assert not list(place.archives.glob(".*.part"))
        path = place.backup()
        assert not naming.leftovers(place.archives)
        for archive in naming.archives(place.archives):
            result = place.restore(archive.path, "--dry-run")
            assert "every checksum matches" in result.stderr, (archive, result.output)
        assert place.archives / path.name in [archive.path for archive in naming.archives(place.archives)]

    def _wait_for_part(self, place: Place, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None and not list(place.archives.glob(".*.part")):
            time.sleep(0.001)

    def _environment(self, place: Place) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT), "MODEL_PATH": str(place.models)}
