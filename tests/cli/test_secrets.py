"""The secrets of a system of containers: made once, kept, and nobody's to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.secrets import GATEWAY, SHARED, main


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    for name in ("shared", "gateway"):
        (tmp_path / name).mkdir()
    return [str(tmp_path / name) for name in ("shared", "gateway")]


def test_they_are_made_once(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(folders) == 0
    shared, gateway = map(Path, folders)
    assert {path.name for path in shared.iterdir()} == set(SHARED)
    assert {path.name for path in gateway.iterdir()} == set(GATEWAY)
    first = {path: path.read_text() for folder in (shared, gateway) for path in folder.iterdir()}
    assert len(set(first.values())) == 4
    assert min(map(len, first.values())) >= 32
    assert not any(value in capsys.readouterr().out for value in first.values())
    assert main(folders) == 0
    assert {path: path.read_text() for path in first} == first


def test_an_operators_own_stays(folders: list[str]) -> None:
    own = Path(folders[1]) / "secret_key"
    own.write_text("x" * 40)
    main(folders)
    assert own.read_text() == "x" * 40


def test_nobody_writes_them(folders: list[str]) -> None:
    main(folders)
    assert {path.stat().st_mode & 0o777 for folder in folders for path in Path(folder).iterdir()} == {0o444}
