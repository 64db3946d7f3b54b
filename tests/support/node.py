"""Node, which builds the page; a test skips where it, or what npm brings, cannot be had."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

FRONTEND = REPOSITORY / "frontend"


def need_node(folder: Path = FRONTEND) -> None:
    """Skips without Node 20, or where npm reaches no registry and ``folder`` has no packages yet."""
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node else ""
    if not re.match(r"v(2\d|[3-9]\d)\.", version) or shutil.which("npm") is None:
        pytest.skip("Node 20 or newer with npm is not on this machine")
    done = subprocess.run(["npm", "ping"], cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode != 0 and not (folder / "node_modules").is_dir():
        pytest.skip("npm reaches no registry")
