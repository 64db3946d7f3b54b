"""What is taken out of an image's packages, and that a new version of one is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.programs import load_program

trim = load_program("trim").trim


@pytest.fixture
def site(tmp_path: Path) -> Path:
    there = ("__init__.py", "tests/a.py", "lib/tests/b.py", "lib/c.py", "distutils/d.py")
    for file in (f"numpy/{name}" for name in there):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    return tmp_path


def test_what_is_not_used_goes(site: Path) -> None:
    trim(site)
    assert sorted(str(path.relative_to(site)) for path in site.rglob("*.py")) == ["numpy/__init__.py", "numpy/lib/c.py"]


def test_a_package_that_changed_is_noticed(site: Path) -> None:
    (site / "torch" / "include").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match="py312_intrinsics"):
        trim(site)
