"""``python requirements.py pyproject.toml EXTRA…``: the pinned requirements of the project, one a line.

So that an image installs them before it gets the code: a change of code then rebuilds no environment.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any


def requirements(pyproject: Path, extras: list[str]) -> list[str]:
    """Of the project itself, and of ``extras`` and those that they name. Raises KeyError for one that there is not."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(line for extra in extras for line in _extra(project, extra))]


def _extra(project: dict[str, Any], name: str) -> list[str]:
    lines: list[str] = project["optional-dependencies"][name]
    inner = [line.removeprefix("doctorai[").removesuffix("]") for line in lines if line.startswith("doctorai[")]
    plain = [line for line in lines if not line.startswith("doctorai[")]
    return [*plain, *(line for names in inner for one in names.split(",") for line in _extra(project, one))]


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(Path(sys.argv[1]), sys.argv[2:])) + "\n")
