"""The list of who may do what in Redis, where the passwords are given and may not be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.redis_users import main

GIVEN = ("redis_gateway_password", "redis_service_password")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    given, own = tmp_path / "given", tmp_path / "own"
    given.mkdir()
    own.mkdir()
    for name in GIVEN:
        (given / name).write_text(f"what {name} is\n", encoding="utf-8")
    return given, own


def run(folders: tuple[Path, Path]) -> str:
    assert main([str(folder) for folder in folders]) == 0
    return (folders[1] / "users.acl").read_text(encoding="utf-8")


def test_a_second_start_of_the_same_pod_changes_nothing(folders: tuple[Path, Path]) -> None:
    first = run(folders)
    assert run(folders) == first


def test_a_renewed_password_gets_into_the_list(folders: tuple[Path, Path]) -> None:
    first = run(folders).splitlines()
    (folders[0] / GIVEN[0]).write_text("a new one", encoding="utf-8")
    changed = [new for old, new in zip(first, run(folders).splitlines(), strict=True) if old != new]
    assert [line.split()[1] for line in changed] == ["gateway"]


def test_nothing_is_written_where_they_are_given(folders: tuple[Path, Path]) -> None:
    run(folders)
    assert sorted(path.name for path in folders[0].iterdir()) == sorted(GIVEN)
    assert not set(GIVEN) & {path.name for path in folders[1].iterdir()}
    assert {path.stat().st_mode & 0o777 for path in folders[1].iterdir()} == {0o444}


@pytest.mark.parametrize(("content", "told"), [(None, "is missing"), (" \n", "is empty")])
def test_without_a_password_no_list_is_made(folders: tuple[Path, Path], content: str | None, told: str) -> None:
    (folders[0] / GIVEN[1]).unlink()
    if content is not None:
        (folders[0] / GIVEN[1]).write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit, match=f"redis_service_password: {told}"):
        run(folders)
    assert not (folders[1] / "users.acl").exists()
