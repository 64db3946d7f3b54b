"""What the images' labels say is what they were built from."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from shared.version import VERSION
from tests.conftest import REPOSITORY

DOCKERFILES = sorted((REPOSITORY / "deploy" / "docker").glob("*.Dockerfile"))


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=REPOSITORY, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return done.stdout.strip()


def test_one_version() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.name)
def test_version_and_revision_are_labels(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.search(r"^ARG VERSION=(.*)$", text, re.M)[1] == VERSION  # type: ignore[index]
    assert 'org.opencontainers.image.version="${VERSION}"' in text
    assert 'org.opencontainers.image.revision="${REVISION}"' in text


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.name)
def test_the_base_image_is_a_build_argument(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", text, re.M))
    for base in re.findall(r"^FROM (\S+)", text, re.M):
        assert base.startswith("${") or base in stages, base


def test_make_images_tells_both() -> None:
    commit, changed = git("rev-parse", "HEAD"), git("status", "--porcelain", "--untracked-files=no")
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    done = subprocess.run(
        ["make", "--dry-run", "images"], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    words = done.stdout.split()
    assert f"VERSION={VERSION}" in words
    assert f"REVISION={commit}{'-dirty' if changed else ''}" in words
    assert f"SOURCE_DATE_EPOCH={git('log', '-1', '--format=%ct')}" in words
