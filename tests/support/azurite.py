"""Azurite, the emulator of Azure Storage from npm: installed once into a folder, run on a free port, in memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import free_port

PACKAGE = "azurite@3.37.0"
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Published by Microsoft, the same in every emulator."""


def connection_string(port: int, *, host: str = "127.0.0.1", key: str = KEY) -> str:
    endpoint = f"http://{host}:{port}/{ACCOUNT}"
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};BlobEndpoint={endpoint};"


def installed(cache: Path) -> Path:
    """The program of the blob service; the test skips where it cannot be had."""
    home = cache / PACKAGE.replace("@", "-")
    program = home / "node_modules" / ".bin" / "azurite-blob"
    if not program.exists():
        if shutil.which("npm") is None:
            pytest.skip("npm is not on this machine, so Azurite cannot be had")
        _install(cache, home)
    return program


def _install(cache: Path, home: Path) -> None:
    with tempfile.TemporaryDirectory(dir=cache) as fresh:
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", fresh, PACKAGE]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not get {PACKAGE} within 300 s")
        if done.returncode:
            pytest.skip(f"npm cannot get {PACKAGE}: {done.stderr.strip()[-200:]}")
        try:
            os.rename(fresh, home)
        except OSError:
            assert home.exists()  # by another run of the tests
            return
        Path(fresh).mkdir()  # for the cleaning


@contextmanager
def azurite(cache: Path, *, host: str = "127.0.0.1") -> Iterator[int]:
    """The port of a blob service that forgets everything."""
    port = free_port()
    command = [installed(cache), "--blobHost", host, "--blobPort", str(port), "--inMemoryPersistence", "--silent"]
    command += ["--disableTelemetry", "--skipApiVersionCheck"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if "successfully listens" in line:
                break
        else:
            pytest.fail(f"Azurite ended: {said[-5:]}")
        yield port
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
