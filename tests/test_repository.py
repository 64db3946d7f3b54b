"""What must hold of the whole repository."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from cli.plan import ROOT, known_services

_CODE = {".py", ".sh", ".toml", ".yml", ".yaml", ".css", ".ts", ".tsx", ".html"}
_LONGEST = 400
_GENERATED = {
    ROOT / "frontend" / "src" / "api" / "schema.ts",
    ROOT / "deploy" / "kubernetes" / "components" / "monitoring" / "prometheus-rules.yaml",
}
_LARGEST_BUNDLE = 20_000_000
# a path of somebody's machine, or a package index's host (written apart, so that this file does not name it)
_FOREIGN = re.compile("(?<![\\w.])/(?:home|Users|work)/|py" + r"pi\.|files\.python" + r"hosted|download\.py" + "torch")


def tracked() -> list[Path]:
    """The files that git tracks or would."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def text(path: Path) -> str | None:
    data = path.read_bytes()
    return None if b"\0" in data else data.decode("utf-8", errors="replace")


def test_no_file_is_over_400_lines() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): len((text(path) or "").splitlines())
        for path in tracked()
        if path.suffix in _CODE and path not in _GENERATED
    }
    assert {name: lines for name, lines in long.items() if lines > _LONGEST} == {}


def test_nothing_names_a_machine_or_a_package_index() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): match[0]
        for path in tracked()
        if path != Path(__file__).resolve() and (words := text(path)) and (match := _FOREIGN.search(words))
    }
    assert found == {}


def test_no_photograph_is_committed() -> None:
    pictures = [path for path in tracked() if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
    assert [path for path in pictures if path.name != "golden.png" and "docs" not in path.parts] == []


def test_a_bundle_is_small() -> None:
    for path in (ROOT / "models").glob("*/*"):
        assert sum(file.stat().st_size for file in path.rglob("*")) <= _LARGEST_BUNDLE, path


def test_every_pin_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(pin for pins in project["optional-dependencies"].values() for pin in pins)]
    locked = {_normal(line) for line in (ROOT / "constraints.txt").read_text().splitlines()}
    for pin in wanted:
        if not pin.startswith("doctorai["):
            assert "==" in pin, f"{pin} is not pinned"
            assert _normal(pin) in locked, f"{pin} is not in constraints.txt: run `make lock`"


def test_the_documentation_links_to_what_is_there() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/*/README.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_the_readme_names_tests_that_are_there() -> None:
    for page in ("README.md", "SECURITY.md"):
        for target in re.findall(r"`(tests/[^`]+)`", (ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / target).exists(), f"{page} names {target}"


def test_every_service_ships_its_bundle_and_its_card() -> None:
    for name in known_services():
        assert list((ROOT / "models" / name).glob("*/manifest.json")), name
        assert (ROOT / "services" / name / "README.md").is_file(), name


def _normal(pin: str) -> str:
    return re.sub(r"\[[^]]*\]", "", pin.strip()).lower().replace("_", "-")
