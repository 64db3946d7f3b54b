"""What runs each night: the make targets that the examples name, and the command lines that those make."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.support.docker import need_compose

EXAMPLES = REPOSITORY / "deploy" / "backup"


def made(*words: str) -> str:
    done = subprocess.run(["make", "--silent", "-n", *words], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["crontab", "doctorai-backup.service"])
def test_the_examples_name_what_there_is(name: str) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    targets = re.findall(r"make --silent (\w+)", text)
    assert targets
    for target in targets:
        assert f" {target} " in made(target)


def test_a_restore_names_its_files() -> None:
    said = made("restore", "ARCHIVE=backups/a.tar.gz.age", "IDENTITY=key", "ARGS=--dry-run")
    assert f'-v "{REPOSITORY}/key:/identity:ro"' in said
    assert said.strip().endswith('restore "/backups/a.tar.gz.age" --dry-run')
    assert "usage" in subprocess.run(["make", "restore"], cwd=REPOSITORY, capture_output=True, text=True).stdout


def test_other_files_of_compose_are_kept() -> None:
    said = made("backup", "COMPOSE_FILE=docker-compose.yml:deploy/compose.tls.yml")
    assert "-f docker-compose.yml -f deploy/compose.tls.yml -f deploy/compose.backup.yml" in said


def test_other_files_that_env_names_are_kept(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TAG=1\nCOMPOSE_FILE=docker-compose.yml:deploy/compose.tls.yml\n", encoding="utf-8")
    command = ["make", "--dry-run", "-f", str(REPOSITORY / "Makefile"), "backup"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "-f docker-compose.yml -f deploy/compose.tls.yml -f deploy/compose.backup.yml" in said


def test_nothing_of_it_is_started_by_up() -> None:
    need_compose()
    files = ["-f", "docker-compose.yml", "-f", "deploy/compose.backup.yml"]
    done = subprocess.run(
        ["docker", "compose", *files, "config", "--services"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not {"backup", "backup-folder", "restore"} & set(done.stdout.split())
