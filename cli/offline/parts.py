"""What goes into an offline archive besides the images: source, models, wheels, and the loader itself."""

from __future__ import annotations

import io
import sys
import sysconfig
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.tools import Refusal, output

_LOADER = (
    "cli/__init__.py",
    "cli/tools.py",
    *(f"cli/offline/{name}.py" for name in ("__init__", "images", "layout", "load", "place", "reader")),
)
_MAIN = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("load: Python 3.11 or later is needed")
from cli.offline.load import run

run()
"""
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def source_files(root: Path) -> list[str]:
    """The files that git tracks, as they are now, but for the models. Raises Refusal without git's checkout."""
    if not (root / ".git").exists():
        raise Refusal(f"{root} is not a git checkout: only git knows what belongs to the source")
    names = output("git", "ls-files", "-z", cwd=root).split("\0")
    return sorted(name for name in names if name and not name.startswith("models/") and (root / name).exists())


def page_files(root: Path) -> list[str]:
    """The page, where it is built: the other machine needs no Node then."""
    built = root / "frontend" / "dist"
    if not (built / "index.html").is_file():
        return []
    return sorted(path.relative_to(root).as_posix() for path in built.rglob("*") if path.is_file())


def revision(root: Path) -> tuple[str, int]:
    """The commit, ``-dirty`` when files differ from it, and its time, in seconds since 1970."""
    commit, time = output("git", "log", "-1", "--format=%H %ct", cwd=root).split()
    changed = output("git", "status", "--porcelain", "--untracked-files=no", cwd=root).strip()
    return commit + ("-dirty" if changed else ""), int(time)


def version(root: Path) -> str:
    """Of the source tree."""
    found: str = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return found


def model_files(models: Path) -> list[str]:
    """All below ``models`` that is not hidden: bundles, and the original system's files."""
    found = (path.relative_to(models) for path in models.rglob("*") if not path.is_dir() or path.is_symlink())
    names = sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))
    if not names:
        raise Refusal(f"there is no model in {models}")
    return names


@contextmanager
def wheels(root: Path, extras: list[str], torch_index: str) -> Iterator[Path]:
    """A folder with all that ``make run`` installs, as wheels for this Python; gone afterwards."""
    lines = output(sys.executable, "deploy/docker/requirements.py", "pyproject.toml", *extras, cwd=root).split()
    # pip needs these, too: it installs the checkout itself, editable
    lines += tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    options = ["--quiet", "--disable-pip-version-check", "-c", "constraints.txt"]
    options += ["--extra-index-url", torch_index] if torch_index else []
    (root / "dist").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root / "dist", prefix=".wheels-") as folder:
        output(sys.executable, "-m", "pip", "wheel", *options, "-w", folder, *lines, cwd=root)
        yield Path(folder)


def python_tag() -> tuple[str, str]:
    """Which Python and which platform wheels that were fetched here are for."""
    return f"cp{sys.version_info.major}{sys.version_info.minor}", sysconfig.get_platform()


def loader(root: Path) -> bytes:
    """``load.pyz``: ``python3 load.pyz`` runs it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in _LOADER:
            packed.writestr(zipfile.ZipInfo(name, _EARLIEST), (root / name).read_bytes())
        packed.writestr(zipfile.ZipInfo("__main__.py", _EARLIEST), _MAIN)
    return buffer.getvalue()
