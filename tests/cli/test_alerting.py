"""Whom Alertmanager tells, made of the environment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.alerting import main
from tests.conftest import REPOSITORY
from tests.support.programs import run_program

ROUTES = REPOSITORY / "deploy" / "alertmanager" / "alertmanager.yml"
EMAIL = {
    "ALERT_EMAIL_TO": "night@clinic.example",
    "ALERT_EMAIL_FROM": "doctorai@clinic.example",
    "ALERT_SMTP_SERVER": "mail.clinic.example:587",
}
SIGN_IN = {"ALERT_SMTP_USERNAME": "doctorai", "ALERT_SMTP_PASSWORD": "the mail's own"}


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, **given: str) -> dict[str, dict[str, Any]]:
    """Receiver → what it sends by; amtool, where there is one, agrees with the file."""
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert main([str(ROUTES), str(folder)]) == 0
    if not list(folder.glob("*_url")) or amtool_reads_url_files():
        run_program("amtool", "check-config", str(folder / "alertmanager.yml"), needed=False)
    receivers = yaml.safe_load((folder / "alertmanager.yml").read_text(encoding="utf-8"))["receivers"]
    return {receiver.pop("name"): receiver for receiver in receivers}


def amtool_reads_url_files() -> bool:
    """Those since 0.26 do."""
    version = re.search(r"version 0\.(\d+)", run_program("amtool", "--version", needed=False))
    return version is not None and int(version[1]) >= 26


def test_nobody_is_told_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = written(tmp_path, monkeypatch, ALERT_WEBHOOK_URL="")
    assert found == {"critical": {}, "warning": {}, "info": {}, "watchdog": {}}
    assert [path.name for path in tmp_path.iterdir()] == ["alertmanager.yml"]


def test_a_webhook_is_told_and_is_no_part_of_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://hooks.clinic.example/a-token"
    found = written(tmp_path, monkeypatch, ALERT_WEBHOOK_URL=url)
    assert found["critical"] == found["warning"]
    (hook,) = found["critical"]["webhook_configs"]
    assert Path(hook["url_file"]).read_text(encoding="utf-8") == url
    assert found["info"] == found["watchdog"] == {}
    assert "a-token" not in (tmp_path / "alertmanager.yml").read_text(encoding="utf-8")


def test_the_dead_mans_switch_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = written(tmp_path, monkeypatch, ALERT_WATCHDOG_URL="https://switch.example/x")
    assert found["watchdog"]["webhook_configs"][0]["send_resolved"] is False
    assert found["critical"] == {}


def test_email_with_a_password_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = written(tmp_path, monkeypatch, **EMAIL, **SIGN_IN)
    (mail,) = found["warning"]["email_configs"]
    assert (mail["to"], mail["smarthost"]) == ("night@clinic.example", "mail.clinic.example:587")
    assert Path(mail["auth_password_file"]).read_text(encoding="utf-8") == "the mail's own"
    assert "the mail's own" not in (tmp_path / "alertmanager.yml").read_text(encoding="utf-8")


def test_email_without_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (mail,) = written(tmp_path, monkeypatch, **EMAIL)["critical"]["email_configs"]
    assert "auth_username" not in mail


def test_secrets_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder := tmp_path / "alerting").mkdir()
    given = {"ALERT_SMTP_USERNAME": "doctorai", **EMAIL}
    for name in ("ALERT_WEBHOOK_URL", "ALERT_WATCHDOG_URL", "ALERT_SMTP_PASSWORD"):
        (tmp_path / name).write_text(f"https://of.example/{name}\n", encoding="utf-8")
        given |= {name: "", f"{name}_FILE": str(tmp_path / name)}
    found = written(folder, monkeypatch, **given)
    files = {
        "ALERT_WEBHOOK_URL": found["warning"]["webhook_configs"][0]["url_file"],
        "ALERT_WATCHDOG_URL": found["watchdog"]["webhook_configs"][0]["url_file"],
        "ALERT_SMTP_PASSWORD": found["critical"]["email_configs"][0]["auth_password_file"],
    }
    for name, file in files.items():
        assert Path(file).read_text(encoding="utf-8") == f"https://of.example/{name}"


def test_an_empty_file_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(tmp_path, monkeypatch, ALERT_WEBHOOK_URL_FILE="/dev/null")["critical"] == {}


def test_a_file_that_is_not_there_ends_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="ALERT_WEBHOOK_URL_FILE: No such file"):
        written(tmp_path, monkeypatch, ALERT_WEBHOOK_URL_FILE=str(tmp_path / "gone"))


def test_secrets_of_receivers_that_are_gone_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, monkeypatch, **EMAIL, **SIGN_IN, ALERT_WATCHDOG_URL="https://switch.example/x")
    assert {path.name for path in tmp_path.iterdir()} == {"alertmanager.yml", "smtp_password", "watchdog_url"}
    written(tmp_path, monkeypatch, **EMAIL, ALERT_SMTP_USERNAME="", ALERT_WATCHDOG_URL="https://switch.example/x")
    assert {path.name for path in tmp_path.iterdir()} == {"alertmanager.yml", "watchdog_url"}


def test_half_of_it_ends_with_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="ALERT_EMAIL_TO without ALERT_EMAIL_FROM, ALERT_SMTP_SERVER"):
        written(tmp_path, monkeypatch, ALERT_EMAIL_TO="night@clinic.example")
