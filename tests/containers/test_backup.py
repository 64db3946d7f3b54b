"""A backup of a running system, the destruction of all its volumes, a restore: everything is as it was."""

from __future__ import annotations

import gzip
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pyrage
import pytest

from tests.containers.conftest import Compose, picture, project
from tests.support.processes import eventually_sync

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
FILES = ("docker-compose.yml", "deploy/compose.backup.yml")
VOLUMES = ("models", "redis", "audit", "secrets", "secrets-gateway", "secrets-redis")
PASSWORD = "a clinician's long password"
SAME = ("result", "probabilities", "prediction_set", "model_version", "decision")


@dataclass
class Place:
    """A system, the folder of its archives, and the key that opens them."""

    compose: Compose
    archives: Path
    identity: Path
    recipient: str
    before: dict[str, Any] = field(default_factory=dict)

    def backup(self, *words: str) -> Path:
        said = self.compose("run", "--rm", "backup", "backup", "--to", "/backups", *words)
        return self.archives / Path(said.strip().splitlines()[-1]).name

    def restore(self, *words: str) -> str:
        return self.compose("run", "--rm", "--no-deps", "-v", f"{self.identity}:/identity:ro", "restore", *words)

    @contextmanager
    def started(self) -> Iterator[httpx.Client]:
        self.compose("up", "-d", "--wait", "--wait-timeout", "120", "gateway", "redis", "tumor")
        with httpx.Client(base_url=self.compose.url, timeout=30) as client:
            eventually_sync(lambda: client.get("/api/health").json()["models"]["tumor"], timeout_s=30)
            yield client

    def size(self, volume: str) -> int:
        """How many files it has; 0 for one that there is not."""
        name = f"{self.compose.environment['COMPOSE_PROJECT_NAME']}_{volume}"
        image = f"doctorai/cli:{self.compose.environment['TAG']}"
        words = ["--rm", "--network", "none", "--user", "0", "-v", f"{name}:/volume:ro,nocopy", "--entrypoint", "find"]
        command = ["docker", "run", *words, image, "/volume", "-type", "f"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return len(done.stdout.split())


@pytest.fixture(scope="module")
def place(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    identity = pyrage.x25519.Identity.generate()
    folder = tmp_path_factory.mktemp("backup")
    (folder / "identity").write_text(f"{identity}\n")
    (folder / "identity").chmod(0o444)
    with project(20, *FILES) as compose:
        compose.environment["BACKUP_PATH"] = str(folder / "archives")
        compose("build", "gateway", "tumor", "secrets", timeout_s=1800)
        yield Place(compose, folder / "archives", folder / "identity", str(identity.to_public()))
        compose("--profile", "backup", "down", "--volumes", "--timeout", "5")


@pytest.fixture(scope="module")
def archives(place: Place) -> tuple[Path, Path, Path]:
    """A full one with secrets, an incremental one on it, a full one in plain; then everything is destroyed."""
    with place.started() as client:
        _use(place, client)
        running = threading.Event()
        load = threading.Thread(target=_load, args=(client, running))
        load.start()
        try:
            full = place.backup("--with-secrets", "--recipient", place.recipient)
            incremental = place.backup("--with-secrets", "--recipient", place.recipient, "--on", "latest")
            plain = place.backup()
        finally:
            running.set()
            load.join()
    place.compose("down", "--volumes", "--timeout", "10")
    return full, incremental, plain


def test_an_archive_is_private_and_small_where_nothing_changed(archives: tuple[Path, Path, Path]) -> None:
    full, incremental, plain = archives
    for path in archives:
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.stat().st_uid == 10001
    assert incremental.stat().st_size < full.stat().st_size / 10
    assert b"secrets/" not in gzip.decompress(plain.read_bytes())


def test_a_tampered_archive_is_refused_before_anything_is_touched(
    place: Place, archives: tuple[Path, Path, Path]
) -> None:
    for path in archives[0], archives[2]:
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        try:
            with pytest.raises(AssertionError, match=path.name):
                place.restore(f"/backups/{path.name}", "--identity", "/identity", "--other-key")
        finally:
            path.write_bytes(whole)
    assert [place.size(volume) for volume in VOLUMES] == [0] * len(VOLUMES)


def test_without_the_secret_key_it_says_so(place: Place, archives: tuple[Path, Path, Path]) -> None:
    with pytest.raises(AssertionError, match="here is none"):
        place.restore(f"/backups/{archives[2].name}")


def test_a_restore_brings_everything_back(place: Place, archives: tuple[Path, Path, Path]) -> None:
    word = f"/backups/{archives[1].name}"
    place.restore(word, "--identity", "/identity", "--dry-run")
    assert place.size("redis") == 0
    place.restore(word, "--identity", "/identity")
    with place.started() as client:
        _is_as_before(place, client)
        with pytest.raises(AssertionError, match="Redis answers at redis"):
            place.restore(word, "--identity", "/identity")
        _is_as_before(place, client)
    place.compose("stop")
    with pytest.raises(AssertionError, match="/redis is in use"):
        place.restore(word, "--identity", "/identity")


def test_what_a_container_of_it_may(place: Place) -> None:
    services = json.loads(place.compose("--profile", "backup", "config", "--format", "json"))["services"]
    found = {name: service for name, service in services.items() if "backup" in service.get("profiles", ())}
    assert set(found) == {"backup", "backup-folder", "restore"}
    for service in found.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert "ports" not in service
    assert not found["backup"].get("cap_add")
    assert all(volume.get("read_only") for volume in found["backup"]["volumes"] if volume["target"] != "/backups")


def _use(place: Place, client: httpx.Client) -> None:
    """An account, its session, a key and a prediction, to be compared with afterwards."""
    password = place.compose.admin_password()
    admin = _sign_in(client, "admin", password)
    body = {"username": "clara", "password": PASSWORD, "role": "clinician"}
    assert client.post("/api/users", json=body, headers=admin["headers"]).status_code == 201
    wanted = {"name": "pacs", "role": "clinician"}
    key = client.post("/api/keys", json=wanted, headers=admin["headers"]).json()["key"]
    clara = _sign_in(client, "clara", PASSWORD)
    place.before |= {"refresh": clara["refresh_token"], "key": key, "prediction": _predict(client, clara["headers"])}


def _is_as_before(place: Place, client: httpx.Client) -> None:
    clara = _sign_in(client, "clara", PASSWORD)
    if token := place.before.pop("refresh", None):
        assert client.post("/api/token/refresh", data={"refresh_token": token}).status_code == 200
    answer = _predict(client, {"Authorization": f"Bearer {place.before['key']}"})
    assert answer == _predict(client, clara["headers"]) == place.before["prediction"]
    said = place.compose(
        "run", "--rm", "--no-deps", "--entrypoint", "python", "backup",
        "-m", "cli", "audit", "verify", "--folder", "/logs/audit",
    )  # fmt: skip
    assert "no problems" in said
    assert "has no permissions" in _as_backup(place, "GET", "doctorai:accounts")
    assert "has no permissions" in _as_backup(place, "FLUSHALL")


def _as_backup(place: Place, *words: str) -> str:
    """What Redis says to the user that takes snapshots."""
    program = 'import os, redis, sys; print(redis.Redis(host="redis", username="backup", '
    program += 'password=open(os.environ["REDIS_PASSWORD_FILE"]).read()).execute_command(*sys.argv[1:]))'
    with pytest.raises(AssertionError) as caught:
        place.compose("run", "--rm", "--no-deps", "--entrypoint", "python", "backup", "-c", program, *words)
    return str(caught.value)


def _sign_in(client: httpx.Client, name: str, password: str) -> dict[str, Any]:
    answer = client.post("/api/token", data={"username": name, "password": password})
    assert answer.status_code == 200, answer.text
    body = dict(answer.json())
    return {**body, "headers": {"Authorization": f"Bearer {body['access_token']}"}}


def _predict(client: httpx.Client, headers: dict[str, str]) -> dict[str, Any]:
    """What is the same of each answer; of a picture that no cache knows."""
    data = picture() + time.time_ns().to_bytes(8, "big")
    answer = client.post("/api/predict/tumor", files={"file": ("a.png", data, "image/png")}, headers=headers)
    assert answer.status_code == 200, answer.text
    return {name: value for name, value in answer.json().items() if name in SAME}


def _load(client: httpx.Client, ends: threading.Event) -> None:
    headers = _sign_in(client, "clara", PASSWORD)["headers"]
    while not ends.wait(0.25):  # within the limit of one user
        _predict(client, headers)
