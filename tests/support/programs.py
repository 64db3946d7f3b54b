"""Programs that are on some machines only: Prometheus, its tools, and their like."""

from __future__ import annotations

import shutil
import subprocess

import pytest

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
}
"""Program → the Debian package that has it; .ci/run installs them."""


def need_program(name: str) -> str:
    """Its path. The test skips without it, and says where it is to be had."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine (Debian: {PACKAGES[name]})")
    return found


def run_program(name: str, *words: str, needed: bool = True) -> str:
    """What it prints; it must end well. Without it the test skips, or, where it is not ``needed``, goes on."""
    if not needed and shutil.which(name) is None:
        return ""
    need_program(name)
    done = subprocess.run([name, *words], capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout
