"""`make new-service NAME=retina` gives a service that passes the contract tests, in a copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.plan import ROOT
from cli.scaffold import scaffold

_COPIED = ("cli", "gateway", "services", "shared", "models", "tests", "training")
_FILES = ("Makefile", "pyproject.toml", "constraints.txt", "README.md", "LICENSE")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in _COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    for name in _FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.integration
def test_a_new_service_passes_the_contract_tests(copy: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)

    recipe = run("make", "--dry-run", "new-service", "NAME=retina").stdout
    assert '-m cli.scaffold "retina"' in recipe
    made = run(sys.executable, "-m", "cli.scaffold", "retina")
    assert made.returncode == 0, made.stderr
    assert "services/retina/definition.py" in made.stdout
    tested = run(sys.executable, "-m", "pytest", "-q", "tests/contract", "tests/services", "-k", "retina")
    assert tested.returncode == 0, tested.stdout
    assert "passed" in tested.stdout
    for check in (("ruff", "check", "services/retina"), ("ruff", "format", "--check", "services/retina")):
        assert run(sys.executable, "-m", *check).returncode == 0
    known = run(sys.executable, "-c", "from cli.plan import known_services; print(known_services())")
    assert "retina" in known.stdout, "`make run` starts it, with no change anywhere else"
    again = run(sys.executable, "-m", "cli.scaffold", "retina")
    assert again.returncode == 2
    assert "is there already" in again.stderr


@pytest.mark.parametrize("name", ["", "Retina", "9lives", "a", "re tina", "../x", "class", "ret-ina"])
def test_a_bad_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="wanted"):
        scaffold(name, tmp_path)
    assert not list(tmp_path.iterdir())
