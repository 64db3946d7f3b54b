"""The page: what its own tools say of it, how large it is, and that it knows the API as it is."""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.support.node import FRONTEND, need_node

MOST_BYTES = 250_000
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def packages() -> None:
    """What the lock file names, installed."""
    need_node()
    _run("make", "frontend/node_modules/.package-lock.json", folder=REPOSITORY)


@pytest.fixture(scope="module")
def built(packages: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    _run("npx", "vite", "build", "--outDir", str(folder), "--emptyOutDir")
    return folder


@pytest.mark.parametrize("script", ["check", "test"])
def test_its_own_tools_are_content(packages: None, script: str) -> None:
    _run("npm", "run", script)


def test_its_types_are_those_of_the_api(packages: None, tmp_path: Path) -> None:
    _run("npx", "openapi-typescript", str(REPOSITORY / "docs" / "openapi.json"), "-o", str(tmp_path / "schema.ts"))
    fresh = (tmp_path / "schema.ts").read_text(encoding="utf-8")
    assert fresh == (FRONTEND / "src" / "api" / "schema.ts").read_text(encoding="utf-8"), "cd frontend && npm run types"


def test_it_is_light(built: Path) -> None:
    first = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', (built / "index.html").read_text(encoding="utf-8"))
    assert first
    assert sum(len(gzip.compress((built / name).read_bytes())) for name in first) <= MOST_BYTES


def test_it_loads_nothing_from_elsewhere(built: Path) -> None:
    for file in (built / "index.html", *built.rglob("*.css")):
        assert not re.search(r"""(?:src|href|url|import)[=( ]+["']?(?:https?:)?//""", file.read_text(encoding="utf-8"))


def test_the_lock_file_names_no_address() -> None:
    text = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert '"integrity"' in text


def _run(*command: str, folder: Path = FRONTEND) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=540)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
