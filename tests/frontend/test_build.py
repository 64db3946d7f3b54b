"""`make setup` builds the page where it can; where it cannot, it says why in a line, and goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

TARGET = "frontend/dist/index.html"
NODE = '#!/bin/sh\ncat "$(dirname "$0")/version"\n'
# what it is told lies beside it
NPM = """\
#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/calls"
if [ -e "$here/$1.fails" ]; then cat "$here/$1.fails" >&2; exit 1; fi
case "$1" in
  ci) mkdir -p node_modules && touch node_modules/.package-lock.json ;;
  run) mkdir -p "$5/assets" && cp index.html "$5/" && cp index.html "$5/assets/$(cat "$here/asset")" ;;
esac
"""


class Place:
    """A checkout with the Makefile and what a page is made of; only what it needs is in its PATH."""

    def __init__(self, folder: Path) -> None:
        self.root, self.tools = folder / "root", folder / "tools"
        (self.root / "frontend").mkdir(parents=True)
        self.tools.mkdir()
        shutil.copy(REPOSITORY / "Makefile", self.root)
        shutil.copy(REPOSITORY / "frontend" / "build.sh", self.root / "frontend")
        for name in ("index.html", "package-lock.json"):
            self.write(name)
        for name in ("index.html", "package-lock.json", "build.sh"):
            self.age(f"frontend/{name}", 120)
        for name in (
            "make",
            "sh",
            "cat",
            "find",
            "grep",
            "tail",
            "dirname",
            "mkdir",
            "touch",
            "cp",
            "mv",
            "rm",
            "sed",
            "git",
        ):
            (self.tools / name).symlink_to(shutil.which(name) or f"/bin/{name}")
        (self.tools / "version").write_text("20.19.0")
        (self.tools / "asset").write_text("one.js")
        for name, text in (("node", NODE), ("npm", NPM)):
            (self.tools / name).write_text(text)
            (self.tools / name).chmod(0o755)

    def make(self, *options: str) -> str:
        """What it says. It ends well."""
        command = [str(self.tools / "make"), *options, TARGET]
        bare = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        done = subprocess.run(
            command, cwd=self.root, env=bare | {"PATH": str(self.tools)}, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        return done.stdout

    def write(self, name: str) -> None:
        """A source that holds its name."""
        source = self.root / "frontend" / name
        source.parent.mkdir(exist_ok=True)
        source.write_text(name)

    def age(self, name: str, seconds: float) -> None:
        """``name`` was last written that long ago."""
        then = time.time() - seconds
        os.utime(self.root / name, (then, then))

    @property
    def calls(self) -> list[str]:
        """What npm was told."""
        log = self.tools / "calls"
        return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_it_is_built_once_and_again_when_a_source_is_newer(place: Place) -> None:
    assert place.make() == "building the page …\n"
    assert (place.root / TARGET).read_text() == "index.html"
    assert "up to date" in place.make()
    assert place.calls == ["ci", "run"]
    place.age(TARGET, 60)
    place.write("src/App.test.tsx")
    place.write("src/App.tsx")
    place.age("frontend/src/App.tsx", 120)
    assert "up to date" in place.make()
    place.age("frontend/src/App.tsx", 30)
    assert place.make() == "building the page …\n"
    assert place.calls == ["ci", "run", "run"]


def test_a_real_node_is_found_to_be_new_enough(place: Place) -> None:
    node = shutil.which("node")
    version = subprocess.check_output([node, "--version"], text=True)[1:].split(".") if node else ["0", "0"]
    if not node or (int(version[0]), int(version[1])) < (20, 19):
        pytest.skip("Node 20.19 or newer is not on this machine")
    (place.tools / "node").unlink()
    (place.tools / "node").symlink_to(node)
    assert place.make() == "building the page …\n"


@pytest.mark.parametrize("version", ["20.19.0", "20.100.0", "22.0.0"])
def test_a_node_that_is_new_enough_builds(place: Place, version: str) -> None:
    (place.tools / "version").write_text(version)
    assert place.make() == "building the page …\n"


def test_a_page_that_is_open_finds_the_files_of_the_former_build(place: Place) -> None:
    def build(asset: str) -> set[str]:
        (place.tools / "asset").write_text(asset)
        place.make("--always-make")
        return {path.name for path in (place.root / "frontend/dist/assets").iterdir()}

    assert build("one.js") == {"one.js"}
    assert build("two.js") == {"one.js", "two.js"}
    assert build("three.js") == {"two.js", "three.js"}
    assert sorted(path.name for path in (place.root / "frontend").iterdir() if path.name.startswith("dist")) == ["dist"]


def test_a_dry_run_builds_nothing(place: Place) -> None:
    assert place.make("--dry-run") == "sh frontend/build.sh\n"
    assert place.calls == []


@pytest.mark.parametrize(("tool", "version"), [("node", None), ("node", "18.20.1"), ("node", "20.18.3"), ("npm", None)])
def test_without_node_it_says_so(place: Place, tool: str, version: str | None) -> None:
    if version:
        (place.tools / "version").write_text(version)
    else:
        (place.tools / tool).unlink()
    needed = "npm" if tool == "npm" else "Node 20.19 or newer"
    assert place.make() == f"the page was not built: {needed} is needed\n"
    assert not (place.root / TARGET).exists()
    assert place.calls == []


@pytest.mark.parametrize(
    ("step", "said", "told"),
    [
        (
            "ci",
            "npm warn old\nnpm error code ENOTFOUND\nnpm error syscall getaddrinfo",
            "npm ci: npm error code ENOTFOUND",
        ),
        ("run", "transforming\nno such plugin", "npm run build: no such plugin"),
    ],
)
def test_what_npm_fails_with_is_told(place: Place, step: str, said: str, told: str) -> None:
    (place.tools / f"{step}.fails").write_text(said)
    assert place.make() == f"building the page …\nthe page was not built: {told}\n"
    assert not (place.root / TARGET).exists()


def test_a_page_that_is_there_stays_when_the_next_is_not_built(place: Place) -> None:
    place.make()
    (place.root / TARGET).write_text("the former one")
    place.age(TARGET, 180)
    (place.tools / "run.fails").write_text("no such plugin")
    assert "was not built" in place.make()
    (place.tools / "node").unlink()
    assert "was not built" in place.make()
    assert (place.root / TARGET).read_text() == "the former one"
