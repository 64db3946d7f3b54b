"""The gateway's settings, and a start that they forbid."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from cli.plan import ROOT
from gateway.settings import SERVICES, GatewaySettings
from shared.settings import load_settings
from tests.support.processes import free_port, wait_for_port

KEY, TOKEN = secrets.token_hex(32), secrets.token_hex(32)


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> GatewaySettings:
    """As in production, with the secrets that it needs, unless ``variables`` say otherwise."""
    for name in (
        "DOCTORAI_MODE",
        "RATE_LIMIT_USER",
        "RATE_LIMIT_IP",
        "RATE_LIMIT_SIGN_IN",
        "AUDIT_LOG_PATH",
        "FEEDBACK_PATH",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"SECRET_KEY": KEY, "SERVICE_TOKEN": TOKEN, **variables}.items():
        monkeypatch.setenv(name, value)
    return load_settings(GatewaySettings)


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    """The line that ends the start."""
    with pytest.raises(SystemExit) as stopped:
        load(monkeypatch, **variables)
    assert isinstance(stopped.value.code, str)
    assert "\n" not in stopped.value.code
    return stopped.value.code


GOOD: dict[str, tuple[str, Any]] = {
    "API_HOST": ("127.0.0.1", "127.0.0.1"),
    "API_PORT": ("9000", 9000),
    "WORKERS": ("4", 4),
    "EXPECTED_SERVICES": ("tumor, palm,", ("tumor", "palm")),
    "TRUSTED_PROXIES": ("10.0.0.1, 192.168.0.0/16,fd00::/8", ("10.0.0.1", "192.168.0.0/16", "fd00::/8")),
    "CORS_ORIGINS": ("https://a.example, https://b.example", ("https://a.example", "https://b.example")),
    "ACCESS_TOKEN_EXPIRE_MINUTES": ("15", 15),
    "REFRESH_TOKEN_EXPIRE_DAYS": ("1", 1),
    "ADMIN_USERNAME": ("root", "root"),
    "ADMIN_PASSWORD": ("twelve chars", SecretStr("twelve chars")),
    "OIDC_ROLE_CLAIM": ("realm_access.roles", "realm_access.roles"),
    "RATE_LIMIT_USER": ("5/second", "5/second"),
    "RATE_LIMIT_IP": ("100 per hour", "100 per hour"),
    "RATE_LIMIT_SIGN_IN": ("10/5 minutes", "10/5 minutes"),
    "METRICS_TOKEN": (TOKEN, SecretStr(TOKEN)),
    "AUDIT_LOG_RETENTION_DAYS": ("400", 400),
    "AUDIT_CHECK_INTERVAL_S": ("0", 0),
    "FEEDBACK_DAYS": ("0", 0),
    "FEEDBACK_PATH": ("somewhere/else", Path("somewhere/else")),
    "FEEDBACK_RETENTION_DAYS": ("30", 30),
    "SECRET_KEY": (TOKEN, SecretStr(TOKEN)),
    "SERVICE_URL_TEMPLATE": ("http://{host}:8080", "http://{host}:8080"),
    "EMERGENCY_NUMBER": ("*112# 0", "*112# 0"),
    "GRAFANA_URL": ("grafana.example", "grafana.example"),
    "ALERTMANAGER_URL": ("http://10.0.0.7:9093/alerts", "http://10.0.0.7:9093/alerts"),
    "RUNBOOKS_URL": ("https://git.example/runbooks", "https://git.example/runbooks"),
}
WRONG = {
    "API_PORT": ("70000", "-1", "http"),
    "EXPECTED_SERVICES": (",", "palm_disease", "tumor,heart"),
    "WORKERS": ("0", "-1", "65", "many", "1.5"),
    "SECRET_KEY": ("short", "k" * 31, "a" * 64, "ab" * 32, "your_secure_256_bit_key" * 2, "CHANGEME" * 8),
    "SERVICE_TOKEN": ("short", "t" * 31),
    "ACCESS_TOKEN_EXPIRE_MINUTES": ("0", "-5", "1441", "never"),
    "REFRESH_TOKEN_EXPIRE_DAYS": ("0", "91"),
    "ADMIN_USERNAME": ("two words", "x" * 65, "tab\t"),
    "ADMIN_PASSWORD": ("eleven char", "x" * 257, "admin"),
    "CORS_ORIGINS": ("*", "https://a.example,*", "null", "a.example", "https://a.example/", "file:///tmp"),
    "TRUSTED_PROXIES": ("*", "nginx", "10.0.0.1/8", "10.0.0.256", "10.0.0.0/33", "fd00::/129", "127.0.0.1:80"),
    "RATE_LIMIT_USER": ("many", "0/minute", "300", "/minute", "300/fortnight"),
    "RATE_LIMIT_IP": ("-1/minute", "1/", "x/minute"),
    "RATE_LIMIT_SIGN_IN": ("20 each", "twenty/minute"),
    "MAX_CONCURRENT_REQUESTS": ("0", "x"),
    "AUDIT_LOG_RETENTION_DAYS": ("0", "x"),
    "AUDIT_CHECK_INTERVAL_S": ("-1", "hourly"),
    "SERVICE_URL_TEMPLATE": ("http://{name}:8080", "http://{}:8080", "http://{service:8080"),
    "DOCTORAI_MODE": ("debug", "PRODUCTION"),
    "EMERGENCY_NUMBER": ("call us", "1", "1" * 21, "112<b>"),
    "PAGE_PATH": ("/nowhere", "/dev/null"),
}


@pytest.mark.parametrize("name", GOOD)
def test_each_variable_is_read_and_may_be_a_file(monkeypatch: pytest.MonkeyPatch, name: str, tmp_path: Path) -> None:
    text, value = GOOD[name]
    assert getattr(load(monkeypatch, **{name: text}), name.lower()) == value
    file = tmp_path / "value"
    file.write_text(f"{text}\n")
    monkeypatch.delenv(name)
    assert getattr(load(monkeypatch, **{f"{name}_FILE": str(file)}), name.lower()) == value


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_what_is_wrong_ends_the_start_with_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, tmp_path: Path
) -> None:
    line = refusal(monkeypatch, **{name: value})
    assert line.startswith(f"{name}: ")
    if name in ("SECRET_KEY", "SERVICE_TOKEN", "ADMIN_PASSWORD"):
        assert value not in line
        file = tmp_path / "value"
        file.write_text(value)
        assert value not in refusal(monkeypatch, **{f"{name}_FILE": str(file)})


@pytest.mark.parametrize("name", ["SECRET_KEY", "SERVICE_TOKEN"])
def test_production_has_no_default_secret(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert refusal(monkeypatch, **{name: ""}).startswith(f"{name}: is missing")
    assert getattr(load(monkeypatch, DOCTORAI_MODE="local", **{name: ""}), name.lower()) is None


def test_who_is_expected_is_of_this_release_or_has_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).expected == SERVICES
    assert load(monkeypatch, EXPECTED_SERVICES="").expected == SERVICES, "as compose passes on what is not set"
    assert load(monkeypatch, EXPECTED_SERVICES="palm").expected == {"palm": "palm_disease"}
    assert "heart" in refusal(monkeypatch, EXPECTED_SERVICES="palm,heart")
    addresses = {"SERVICE_ADDRESSES": '{"heart": ["http://heart:8080"], "tumor": []}'}
    chosen = load(monkeypatch, EXPECTED_SERVICES="palm,heart", **addresses)
    assert chosen.expected == {"palm": "palm_disease", "heart": "heart"}
    assert load(monkeypatch, EXPECTED_SERVICES="palm", **addresses).expected == chosen.expected


def test_several_workers_need_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would make its own, and not know the tokens of the others."""
    local = {"DOCTORAI_MODE": "local", "SECRET_KEY": ""}
    assert refusal(monkeypatch, WORKERS="2", **local).startswith("SECRET_KEY: is missing")
    assert load(monkeypatch, WORKERS="1", **local).workers == 1


def test_an_issuer_needs_an_audience(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = "https://issuer.example"
    assert refusal(monkeypatch, OIDC_ISSUER=issuer).startswith("OIDC_AUDIENCE: is missing")
    assert load(monkeypatch, OIDC_ISSUER=issuer, OIDC_AUDIENCE="doctorai").oidc_issuer == issuer


def test_an_issuer_is_asked_over_tls_but_on_a_machine_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {"OIDC_ISSUER": "http://issuer.example", "OIDC_AUDIENCE": "doctorai"}
    assert refusal(monkeypatch, **plain).startswith("OIDC_ISSUER: https")
    assert load(monkeypatch, DOCTORAI_MODE="local", **plain).oidc_issuer == "http://issuer.example"


def test_no_page_and_no_proxy_is_trusted_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert (settings.trusted_proxies, settings.secret_key_previous, settings.admin_password) == ((), (), None)
    assert settings.cors_origins == ("http://localhost:5173",)
    assert (settings.oidc_issuer, settings.metrics_token, settings.workers) == (None, None, 1)


def test_settings_print_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    password = "an administrator's own"
    shown = repr(load(monkeypatch, ADMIN_PASSWORD=password, METRICS_TOKEN=TOKEN + "m"))
    assert [secret for secret in (KEY, TOKEN, password) if secret in shown] == []


def start(module: str, **variables: str) -> subprocess.Popen[str]:
    """A process in production, which knows of ``variables`` and nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = {**kept, "REDIS_URL": "redis://127.0.0.1:1", **variables}
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


FORBIDDEN: list[tuple[str, dict[str, str], str]] = [
    ("gateway", {"SERVICE_TOKEN": TOKEN}, "SECRET_KEY"),
    ("gateway", {"SERVICE_TOKEN": TOKEN, "SECRET_KEY": ""}, "SECRET_KEY"),
    ("gateway", {"SERVICE_TOKEN": TOKEN, "SECRET_KEY": "your_secure_256_bit_key"}, "SECRET_KEY"),
    ("gateway", {"SERVICE_TOKEN": TOKEN, "SECRET_KEY": "your-secure-random-256-bit-key-here"}, "SECRET_KEY"),
    ("gateway", {"SERVICE_TOKEN": TOKEN, "SECRET_KEY": "a" * 64, "WORKERS": "4"}, "SECRET_KEY"),
    ("gateway", {"SECRET_KEY": KEY}, "SERVICE_TOKEN"),
    ("gateway", {"SECRET_KEY": KEY, "SERVICE_TOKEN": "short"}, "SERVICE_TOKEN"),
    ("gateway", {"SECRET_KEY_FILE": "/nowhere/at/all", "SERVICE_TOKEN": TOKEN}, "SECRET_KEY_FILE"),
    ("services.tumor", {}, "SERVICE_TOKEN"),
    ("services.tumor", {"SERVICE_TOKEN": "t" * 31}, "SERVICE_TOKEN"),
]


def test_a_process_does_not_start_without_its_secrets() -> None:
    started = [(start(module, **variables), name) for module, variables, name in FORBIDDEN]
    for process, name in started:
        out, err = process.communicate(timeout=120)
        assert process.returncode not in (0, None)
        assert (out, err.count("\n")) == ("", 1), err
        assert err.startswith(f"{name}: ")


def test_a_gateway_starts_with_secrets_from_files(tmp_path: Path) -> None:
    files = {"SECRET_KEY": KEY, "SERVICE_TOKEN": TOKEN, "ADMIN_PASSWORD": "an administrator's own"}
    for name, value in files.items():
        (tmp_path / name).write_text(f"{value}\n")
    port = free_port()
    given = {f"{name}_FILE": str(tmp_path / name) for name in files}
    others = {"API_HOST": "127.0.0.1", "API_PORT": str(port), "AUDIT_LOG_PATH": str(tmp_path / "audit")}
    process = start("gateway", **given, **others)
    try:
        wait_for_port(port, 60)
        assert httpx.get(f"http://127.0.0.1:{port}/livez").status_code == 200
        assert httpx.get(f"http://127.0.0.1:{port}/api/me").status_code == 401
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert [value for value in files.values() if value in out + err] == []


def test_feedback_lies_beside_the_audit_log(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch).feedback_folder == Path("logs/feedback")
    assert load(monkeypatch, AUDIT_LOG_PATH="/var/log/audit").feedback_folder == Path("/var/log/feedback")
    assert load(monkeypatch, FEEDBACK_PATH="elsewhere").feedback_folder == Path("elsewhere")


@pytest.mark.parametrize(
    ("given", "share"),
    [
        ({}, 0.1),
        ({"otel_traces_sampler_arg": 0.5}, 0.5),
        ({"otel_traces_sampler": "traceidratio", "otel_traces_sampler_arg": 0}, 0.0),
        ({"otel_traces_sampler": "always_on", "otel_traces_sampler_arg": 0.5}, 1.0),
        ({"otel_traces_sampler": "parentbased_always_off"}, 0.0),
    ],
)
def test_how_many_requests_are_traced(given: dict[str, Any], share: float) -> None:
    assert GatewaySettings(**given).traced_share == share
