"""What is in an image, read from the image itself."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.sbom.packages import Package, apk_packages, dpkg_packages
from cli.tools import Refusal, output, raw_output

_PYTHON = "/venv/bin/python"
_INVENTORY = Path(__file__).with_name("inventory.py")


@dataclass(frozen=True)
class Content:
    """``id``: SHA-256 of the image's configuration, in hexadecimal. ``python``: what ``inventory`` says."""

    name: str
    id: str
    labels: dict[str, str] = field(default_factory=dict)
    packages: list[Package] = field(default_factory=list)
    python: dict[str, Any] | None = None


def read_image(name: str) -> Content:
    """Raises Refusal for an image that is not on this machine."""
    found = json.loads(output("docker", "image", "inspect", name))[0]
    labels = found["Config"].get("Labels") or {}
    with _container(name) as container:
        packages = _packages(container)
        has_python = _file(container, "/venv/pyvenv.cfg") is not None
    command = ("docker", "run", "--rm", "-i", "--network", "none", "--entrypoint", _PYTHON, name)
    python = read_python(*command) if has_python else None
    return Content(name, found["Id"].removeprefix("sha256:"), labels, packages, python)


def read_python(*command: str) -> dict[str, Any]:
    """What the Python that ``command`` starts can import."""
    found: dict[str, Any] = json.loads(output(*command, "-I", "-", given=_INVENTORY.read_text(encoding="utf-8")))
    return found


def _packages(container: str) -> list[Package]:
    release = _file(container, "/etc/os-release") or _file(container, "/usr/lib/os-release") or ""
    if (status := _file(container, "/var/lib/dpkg/status")) is not None:
        return dpkg_packages(status, release)
    for place in ("/lib/apk/db/installed", "/usr/lib/apk/db/installed"):
        if (installed := _file(container, place)) is not None:
            return apk_packages(installed, release)
    return []


@contextmanager
def _container(image: str) -> Iterator[str]:
    """One that never starts."""
    container = output("docker", "create", "--network", "none", image, "none").strip()
    try:
        yield container
    finally:
        output("docker", "rm", "--volumes", container)


def _file(container: str, path: str) -> str | None:
    """None where there is none."""
    try:
        data = raw_output("docker", "cp", "--follow-link", f"{container}:{path}", "-")
    except Refusal as error:
        if "Could not find the file" in str(error):
            return None
        raise
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        file = tar.extractfile(tar.getmembers()[0])
        return file.read().decode("utf-8", errors="replace") if file else None
