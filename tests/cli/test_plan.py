"""What `doctorai up` would start."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from cli.plan import Plan, free_ports, known_services, make_plan, parse_scale


def test_every_service_is_found() -> None:
    assert {"lung_colon", "monkeypox", "tumor", "xray", "palm"} <= set(known_services())


def test_scale_is_read() -> None:
    assert parse_scale(["xray=2", "tumor=0"]) == {"xray": 2, "tumor": 0}


@pytest.mark.parametrize("word", ["heart=2", "xray", "xray=", "xray=two", "xray=-1", "xray=65"])
def test_bad_scale_says_what_is_wrong(word: str) -> None:
    with pytest.raises(ValueError, match=r"no service|SERVICE=N"):
        parse_scale([word])


def test_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("API_PORT", "8123")
    plan = make_plan({"xray": 2, "tumor": 0}, tmp_path)
    assert plan.wanted()["xray"] == 2
    assert "tumor" not in plan.wanted()
    assert plan.url == "http://127.0.0.1:8123"
    assert [program.name for program in plan.services if program.service == "xray"] == ["xray-1", "xray-2"]
    ports = [program.environment["PORT"] for program in plan.services]
    assert len(set(ports)) == len(ports)
    addresses = json.loads(plan.gateway.environment["SERVICE_ADDRESSES"])
    assert len(addresses["xray"]) == 2
    assert len(addresses["chatbot"]) == 1


def test_what_is_not_started_is_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPECTED_SERVICES", raising=False)
    everything = set(known_services())
    assert expected(make_plan({}, tmp_path)) == everything
    assert expected(make_plan({"palm": 0, "xray": 2}, tmp_path)) == everything - {"palm"}
    nothing = make_plan(dict.fromkeys(everything, 0), tmp_path)
    assert "EXPECTED_SERVICES" not in nothing.gateway.environment
    monkeypatch.setenv("EXPECTED_SERVICES", "xray,tumor")
    assert expected(make_plan({"palm": 0}, tmp_path)) == {"xray", "tumor"}


def expected(plan: Plan) -> set[str]:
    return set(plan.gateway.environment["EXPECTED_SERVICES"].split(","))


def test_a_page_that_is_built_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAGE_PATH", raising=False)
    monkeypatch.setattr("cli.plan.PAGE", tmp_path / "dist")
    none = make_plan({}, tmp_path)
    assert not none.has_page
    assert "PAGE_PATH" not in none.gateway.environment
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "index.html").write_text("the page")
    built = make_plan({}, tmp_path)
    assert built.has_page
    assert built.gateway.environment["PAGE_PATH"] == str(tmp_path / "dist")
    monkeypatch.setenv("PAGE_PATH", "/elsewhere")
    assert make_plan({}, tmp_path).gateway.environment["PAGE_PATH"] == "/elsewhere"


def test_the_embedded_redis_has_a_password_that_no_process_list_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    plan = make_plan({}, tmp_path)
    config = tmp_path / "redis.conf"
    password = plan.services[0].environment["REDIS_URL"].split("@")[0].removeprefix("redis://default:")
    assert len(password) >= 32
    assert plan.redis is not None
    assert password not in " ".join(plan.redis.command)
    assert f"requirepass {password}" in config.read_text()
    assert stat.S_IMODE(config.stat().st_mode) == 0o600


def test_sentinels_that_are_there_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("REDIS_SENTINELS", "sentinel-1,sentinel-2")
    plan = make_plan({}, tmp_path)
    assert plan.redis is None
    assert plan.gateway.environment["REDIS_URL"] == "redis://localhost:6379"


def test_a_redis_that_is_there_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://example:6379")
    plan = make_plan({}, tmp_path)
    assert plan.redis is None
    assert plan.services[0].environment["REDIS_URL"] == "redis://example:6379"


def test_free_ports_differ() -> None:
    assert len(set(free_ports(20))) == 20
