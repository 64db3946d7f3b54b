"""The secrets of a system of containers: made once, kept, and nobody's to write; who may do what in Redis."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cli.redis_acl import SENTINELS, SERVERS
from cli.secrets import GATEWAY, LISTS, REDIS, SHARED, main

FOLDERS = {"shared": SHARED, "gateway": GATEWAY, "redis": REDIS}


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    return [str(tmp_path / name) for name in FOLDERS]


def secret(folders: list[str], name: str) -> Path:
    return next(Path(folder) / name for folder, names in zip(folders, FOLDERS.values(), strict=True) if name in names)


def test_they_are_made_once(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(folders) == 0
    for folder, names in zip(folders, FOLDERS.values(), strict=True):
        lists = set(LISTS) if names == REDIS else set()
        assert {path.name for path in Path(folder).iterdir()} == set(names) | lists
    first = {path: path.read_text() for name in (*SHARED, *GATEWAY, *REDIS) for path in [secret(folders, name)]}
    assert len(set(first.values())) == len(first)
    assert min(map(len, first.values())) >= 32
    assert not any(value in capsys.readouterr().out for value in first.values())
    assert main(folders) == 0
    assert {path: path.read_text() for path in first} == first


def test_an_operators_own_stays(folders: list[str]) -> None:
    own, former = secret(folders, "secret_key"), Path(folders[0]) / "redis_password"
    own.write_text("x" * 40)
    former.write_text("what all shared before")
    main(folders)
    assert own.read_text() == "x" * 40
    assert former.read_text() == "what all shared before"


def test_one_of_the_environment_is_taken(folders: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 40)
    main(folders)
    assert secret(folders, "secret_key").read_text() == "k" * 40
    assert secret(folders, "admin_password").read_text() != "k" * 40


def test_one_that_is_in_use_is_not_lost(
    folders: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(folders)
    made = secret(folders, "secret_key").read_text()
    monkeypatch.setenv("SECRET_KEY", "k" * 40)
    main(folders)
    assert secret(folders, "secret_key").read_text() == made
    assert "is kept" in capsys.readouterr().out


def test_nobody_writes_them(folders: list[str]) -> None:
    main(folders)
    assert {path.stat().st_mode & 0o777 for folder in folders for path in Path(folder).iterdir()} == {0o444}


def test_the_lists_have_digests_and_no_password(folders: list[str]) -> None:
    main(folders)
    for file, users in LISTS.items():
        text = (Path(folders[2]) / file).read_text()
        for name, user in users.items():
            password = secret(folders, user.secret).read_text()
            digest = hashlib.sha256(password.encode()).hexdigest()
            assert f"\nuser {name} on #{digest} " in text
            assert password not in text
        assert text.startswith("user default reset ")


def test_an_operators_own_password_gets_into_the_lists_as_it_is_read(folders: list[str]) -> None:
    main(folders)
    own = secret(folders, "redis_gateway_password")
    own.chmod(0o644)
    own.write_text("a clinic's own \n")
    main(folders)
    assert hashlib.sha256(b"a clinic's own").hexdigest() in (Path(folders[2]) / "users.acl").read_text()


def test_an_empty_one_ends_it_with_its_name(folders: list[str]) -> None:
    secret(folders, "redis_service_password").write_text(" \n")
    with pytest.raises(SystemExit, match=r"redis_service_password: is empty"):
        main(folders)


def test_each_user_has_a_password_of_its_own_where_it_belongs() -> None:
    assert len({user.secret for user in SERVERS.values()}) == len(SERVERS)
    assert len({user.secret for user in SENTINELS.values()}) == len(SENTINELS)
    assert SERVERS["service"].secret in SHARED
    assert SERVERS["gateway"].secret in GATEWAY
    others = {user.secret for users in (SERVERS, SENTINELS) for user in users.values()}
    assert others - {*SHARED, *GATEWAY} == set(REDIS)
