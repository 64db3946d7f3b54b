"""``python trim.py SITE_PACKAGES``: takes what inference never loads out of an image's packages.

Every path is of the pinned versions; tests/containers asks each service what it can do. A path that is no longer there
ends the build: a new version of a package has to be looked at again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

UNUSED = {
    "ai_edge_litert": ["libLiteRtWebGpuAccelerator.so", "tools", "vendors"],
    # of what a trace is made of: none of Google's own interfaces
    "google": ["api", "logging", "type"],
    "numpy": ["**/tests", "distutils"],
    "PIL": ["_avif.*.so"],
    # reads C, which cffi does where bindings are made
    "pycparser": ["*"],
    # only JPEG and PNG are decoded, no text is drawn by HarfBuzz
    "pillow.libs": ["libavif-*"],
    # XGBoost needs its sparse matrices and three functions of `special`
    "scipy": [
        "**/tests", "cluster", "constants", "datasets", "differentiate", "fft", "fftpack", "integrate", "interpolate",
        "io", "linalg", "misc", "ndimage", "odr", "optimize", "signal", "spatial", "stats",
    ],
    "scipy.libs": ["*"],
    # shared/sentry.py uses none
    "sentry_sdk": ["integrations/[a-ce-z]*", "integrations/django", "integrations/dramatiq.py"],
    # torch/testing/_internal/py312_intrinsics.py does not compile under 3.11
    "torch": ["include", "testing/_internal/py312_intrinsics.py"],
    "xgboost": ["spark", "testing"],
}  # fmt: skip
"""Package → patterns within it. A package that is not installed is passed over."""

WITH_SYMBOLS = ("ml_dtypes/*.so", "uvloop/*.so", "xgboost/lib/*.so", "cryptography/hazmat/bindings/*.so")
"""Libraries that come with debugging symbols, most of their size."""


def trim(site: Path) -> None:
    """Raises FileNotFoundError for a pattern that fits nothing in a package that is there."""
    for package, patterns in UNUSED.items():
        if (site / package).is_dir():
            for pattern in patterns:
                _remove(site / package, pattern)
    for pattern in WITH_SYMBOLS:
        for library in site.glob(pattern):
            subprocess.run(["strip", "--strip-unneeded", library], check=True)  # noqa: S603, S607 - in a build, on its own files


def _remove(package: Path, pattern: str) -> None:
    found = list(package.glob(pattern))
    if not found:
        raise FileNotFoundError(f"{package.name} has no {pattern}: look at it anew")
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
