"""The operating system's packages in an image, from the files that dpkg and apk keep: no program of the image runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIELD = re.compile(r"^([A-Za-z-]+):[ \t]*(.*)$")


@dataclass(frozen=True)
class Package:
    """``kind``: ``deb`` or ``apk``. ``release``: e.g. ``debian-12``."""

    kind: str
    distribution: str
    release: str
    name: str
    version: str
    architecture: str
    licence: str | None = None

    @property
    def qualifiers(self) -> dict[str, str]:
        return {"arch": self.architecture, "distro": self.release}


def dpkg_packages(status: str, os_release: str) -> list[Package]:
    """Those that are installed; dpkg also remembers others."""
    name, release = _release(os_release)
    return [
        Package("deb", name, release, found["Package"], found["Version"], found.get("Architecture", "all"))
        for found in map(_fields, status.split("\n\n"))
        if found.get("Status", "").endswith(" installed") and {"Package", "Version"} <= found.keys()
    ]


def apk_packages(installed: str, os_release: str) -> list[Package]:
    """All of the list."""
    name, release = _release(os_release)
    return [
        Package("apk", name, release, found["P"], found["V"], found.get("A", "noarch"), found.get("L"))
        for found in map(_fields, installed.split("\n\n"))
        if {"P", "V"} <= found.keys()
    ]


def _fields(paragraph: str) -> dict[str, str]:
    """The first line of each; what goes on over more lines is not needed here."""
    matches = (_FIELD.match(line) for line in paragraph.splitlines())
    return {match[1]: match[2].strip() for match in matches if match}


def _release(os_release: str) -> tuple[str, str]:
    lines = (line.partition("=") for line in os_release.splitlines())
    found = {key: value.strip("\"'") for key, _, value in lines}
    name = found.get("ID", "linux")
    return name, "-".join(filter(None, (name, found.get("VERSION_ID"))))
