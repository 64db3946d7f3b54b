"""What of Docker is on this machine; a test skips without it, and says so."""

from __future__ import annotations

import shutil
import subprocess

import pytest


def need_compose() -> None:
    """Compose v2, which reads files without an engine, too."""
    if shutil.which("docker") is None or not _works("compose", "version"):
        pytest.skip("Docker Compose v2 is not on this machine")


def need_engine() -> None:
    """An engine that answers, and Compose."""
    need_compose()
    if not _works("info"):
        pytest.skip("no Docker Engine answers")


def _works(*words: str) -> bool:
    return subprocess.run(["docker", *words], capture_output=True).returncode == 0
