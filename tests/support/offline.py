"""A small DoctorAI for the offline archive's tests: a git repository with one wheel, one model and one image."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import REPOSITORY

COPIED = ("cli/__init__.py", "cli/tools.py", "cli/offline", "deploy/docker/requirements.py")
PYPROJECT = """\
[build-system]
requires = ["toybuild==1.0"]
[project]
name = "doctorai"
version = "7.8.9"
dependencies = ["toylib==1.0"]
[project.optional-dependencies]
run = ["toyextra==1.0"]
"""
COMPOSE = "services:\n  gateway:\n    image: ${REGISTRY:-doctorai}/gateway:${TAG:-latest}\n    build: .\n"
# What the tests need of Docker; what it is told to load or to save lies in files beside it.
DOCKER = """\
#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/calls"
case "$1 $2" in
  "compose --project-directory") echo '{"services": {"asked": {"environment": {"REGISTRY": "", "TAG": "t1"}}}}' ;;
  "compose config") echo '{"services": {"gateway": {"image": "doctorai/gateway:t1", "build": {}}}}' ;;
  "image inspect") echo linux/amd64 ;;
  "version --format") if [ -e "$here/down" ]; then echo "Cannot connect" >&2; exit 1; fi; echo linux/amd64 ;;
  "save doctorai/gateway:t1") if [ -e "$here/hang" ]; then exec sleep 60; fi; cat "$here/images" ;;
  "load --quiet") if [ -e "$here/full" ]; then echo "no space left on device" >&2; exit 1; fi; cat > "$here/loaded" ;;
  *) echo "not known: $*" >&2; exit 9 ;;
esac
"""
IMAGES = b"layers" * 50_000


@dataclass(frozen=True)
class Toy:
    """``root``: the repository; ``tools``: the folder with its docker."""

    root: Path
    tools: Path

    @property
    def archive(self) -> Path:
        return self.root / "dist" / "doctorai-7.8.9-offline.tar"

    @property
    def environment(self) -> dict[str, str]:
        given = {
            name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "COMPOSE_", "MODEL_"))
        }
        path = f"{self.tools}:{os.environ['PATH']}"
        wheels = {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.root.parent / "wheels"),
            "PIP_CONFIG_FILE": os.devnull,
        }
        return given | wheels | {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    @property
    def calls(self) -> str:
        log = self.tools / "calls"
        return log.read_text(encoding="utf-8") if log.exists() else ""

    def run(self, *command: str, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.root, env=self.environment, capture_output=True, text=True, preexec_fn=limit, timeout=120
        )


def write_toy(folder: Path) -> Toy:
    """Committed, with a file that git ignores and one that it does not know."""
    root, tools = folder / "toy", folder / "tools"
    for name in COPIED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, root / name)
    _write(root / "pyproject.toml", PYPROJECT)
    _write(root / "constraints.txt", "toylib==1.0\ntoyextra==1.0\n")
    _write(root / "docker-compose.yml", COMPOSE)
    _write(root / "run.sh", "#!/bin/sh\n").chmod(0o755)
    _write(root / "models/tumor/1.0.0/model.tflite", "weights")
    _write(root / "frontend/index.html", "what the page is built of")
    _write(root / ".gitignore", "dist/\n__pycache__/\n")
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@t.invalid")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "toy")):
        subprocess.run([*git, *words], cwd=root, check=True, capture_output=True)
    _write(root / ".env", "SECRET=mine\n")
    _write(root / "models/tumor/2.0.0/model.tflite", "own weights")
    _write(root / "frontend/dist/index.html", "the page")
    _write(root / "frontend/dist/assets/index-1a2b.js", "its script")
    for name in ("toylib", "toyextra", "toybuild"):
        _wheel(folder / "wheels", name)
    _write(tools / "docker", DOCKER).chmod(0o755)
    (tools / "images").write_bytes(IMAGES)
    return Toy(root, tools)


def members(archive: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    """Each with its content."""
    with tarfile.open(archive) as tar:
        return [(info, _content(tar, info)) for info in tar]


def repack(archive: Path, found: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    """Writes it anew; the sums are the caller's business."""
    with tarfile.open(archive, "w", format=tarfile.GNU_FORMAT) as tar:
        for info, data in found:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return archive


def tree(folder: Path) -> dict[str, str]:
    """Every file below ``folder``, with its permissions and content."""
    return {
        path.relative_to(folder).as_posix(): f"{stat.S_IMODE(path.stat().st_mode):o} {path.read_bytes()!r}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(info)
    return file.read() if file else b""


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _wheel(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    place = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "answer = 42\n")
        wheel.writestr(f"{place}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{place}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{place}/RECORD", "")
