"""What a Python can import, as JSON. Runs inside the image, from standard input, with nothing but the standard library.

pip is not in the images; what it wrote beside each package is.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import site
import sys
from importlib.metadata import Distribution, distributions
from typing import Any


def inventory() -> dict[str, Any]:
    """The interpreter and its packages; those of the base image's Python, which a venv hides, among them."""
    here = list(distributions())
    base = list(distributions(path=site.getsitepackages([sys.base_prefix]))) if sys.base_prefix != sys.prefix else []
    found = [_facts(one, "venv") for one in here] + [_facts(one, "base") for one in base]
    unique = {(one["name"].lower(), one["version"]): one for one in reversed(found)}
    return {
        "python": {"name": platform.python_implementation(), "version": platform.python_version()},
        "packages": sorted(unique.values(), key=lambda one: (one["name"].lower(), one["version"])),
    }


def _facts(one: Distribution, place: str) -> dict[str, Any]:
    about = one.metadata
    record = one.read_text("RECORD")
    origin = json.loads(one.read_text("direct_url.json") or "{}")
    return {
        "name": about["Name"],
        "version": one.version,
        "place": place,
        "licence": about["License-Expression"] or about["License"],
        "expression": about["License-Expression"] is not None,
        "classifiers": [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")],
        "summary": about["Summary"],
        "requires": [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in one.requires or [] if "extra ==" not in line],
        "record": hashlib.sha256(record.encode()).hexdigest() if record else None,
        "sha256": origin.get("archive_info", {}).get("hashes", {}).get("sha256"),
    }


if __name__ == "__main__":
    json.dump(inventory(), sys.stdout)
