"""Settings by the original system's names; a value that does not parse is told in one line that names it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from shared.imaging.formats import JPEG, PNG
from shared.service.settings import ServiceSettings
from shared.settings import CommonSettings, load_settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setenv("DOCTORAI_MODE", "local")


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> ServiceSettings:
    if "DOCTORAI_MODE" in variables or "DOCTORAI_MODE_FILE" in variables:
        monkeypatch.setenv("SERVICE_TOKEN", "t" * 32)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings(ServiceSettings)


@pytest.mark.parametrize("given", [{}, {"SERVICE_TOKEN": "short"}, {"SERVICE_TOKEN": ""}])
def test_a_production_start_without_the_gateways_secret_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    monkeypatch.delenv("DOCTORAI_MODE")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=r"^SERVICE_TOKEN: [^\n]*$"):
        load_settings(ServiceSettings)


ORIGINAL: dict[str, tuple[str, str, Any]] = {
    "LOG_LEVEL": ("debug", "log_level", "DEBUG"),
    "METRICS_ENABLED": ("false", "metrics_enabled", False),
    "METRICS_COLLECTION_ENABLED": ("false", "metrics_enabled", False),
    "MAX_IMAGE_SIZE": ("1048576", "max_image_size", 1_048_576),
    "SUPPORTED_FORMATS": ("jpg,png", "supported_formats", (JPEG, PNG)),
    "REDIS_URL": ("redis://redis:6379", "redis_url", "redis://redis:6379"),
    "REDIS_PASSWORD": ("hunter2", "redis_password", SecretStr("hunter2")),
    "REDIS_DB": ("3", "redis_db", 3),
    "REDIS_MAX_CONNECTIONS": ("50", "redis_max_connections", 50),
    "MODEL_PATH": ("/models", "model_path", Path("/models")),
}
OURS: dict[str, tuple[str, str, Any]] = {
    "REDIS_USERNAME": ("gateway", "redis_username", "gateway"),
    "REDIS_SENTINELS": ("a:1, b,[::1]:3", "redis_sentinels", (("a", 1), ("b", 26379), ("::1", 3))),
    "REDIS_SENTINEL_MASTER": ("clinic", "redis_sentinel_master", "clinic"),
    "REDIS_SENTINEL_USERNAME": ("client", "redis_sentinel_username", "client"),
    "REDIS_SENTINEL_PASSWORD": ("hunter3", "redis_sentinel_password", SecretStr("hunter3")),
    "HOST": ("127.0.0.1", "host", "127.0.0.1"),
    "PORT": ("9000", "port", 9000),
    "INFERENCE_WORKERS": ("2", "workers", 2),
    "SERVING_PATH": ("/serving", "serving_path", Path("/serving")),
    "MODEL_VERSION": ("1.2.3", "model_version", "1.2.3"),
    "MAX_QUEUE": ("7", "max_queue", 7),
    "WATCH_INTERVAL_S": ("0.5", "watch_interval_s", 0.5),
    "MAX_IMAGE_PIXELS": ("1000", "max_image_pixels", 1000),
    "REQUEST_TIMEOUT_S": ("5", "request_timeout_s", 5.0),
    "LINGER_SECONDS": ("0", "linger_seconds", 0.0),
    "DRAIN_SECONDS": ("3", "drain_seconds", 3.0),
    "INSTANCE_ID": ("xray-a", "instance_id", "xray-a"),
    "SERVICE_TOKEN": ("t" * 32, "service_token", SecretStr("t" * 32)),
    "DOCTORAI_MODE": ("production", "doctorai_mode", "production"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("http://jaeger:4318", "otel_exporter_otlp_endpoint", "http://jaeger:4318"),
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": ("https://a/v1/t", "otel_exporter_otlp_traces_endpoint", "https://a/v1/t"),
    "OTEL_EXPORTER_OTLP_HEADERS": ("key=a", "otel_exporter_otlp_headers", SecretStr("key=a")),
    "OTEL_RESOURCE_ATTRIBUTES": ("site=a", "otel_resource_attributes", "site=a"),
    "SENTRY_DSN": ("https://key@sentry.example/1", "sentry_dsn", SecretStr("https://key@sentry.example/1")),
    "ADVERTISE_ADDRESS": ("http://xray:8080", "advertise_address", "http://xray:8080"),
}
ALL = ORIGINAL | OURS


@pytest.mark.parametrize("name", ALL)
def test_each_variable_is_read(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    text, field, value = ALL[name]
    assert getattr(load_settings(ServiceSettings), field) != value or name == "SUPPORTED_FORMATS"
    assert getattr(load(monkeypatch, **{name: text}), field) == value


@pytest.mark.parametrize("name", ALL)
def test_each_may_be_a_file_and_the_file_wins(monkeypatch: pytest.MonkeyPatch, name: str, tmp_path: Path) -> None:
    text, field, value = ALL[name]
    path = tmp_path / "secret"
    path.write_text(text + "\n")
    other = {"REDIS_DB": "9", "REDIS_PASSWORD": "other", "INFERENCE_WORKERS": "9", "METRICS_ENABLED": "true"}
    given = {name: other[name]} if name in other else {}
    assert getattr(load(monkeypatch, **given, **{f"{name}_FILE": str(path)}), field) == value


def test_the_defaults_are_the_original_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert (settings.log_level, settings.metrics_enabled) == ("INFO", True)
    assert (settings.max_image_size, settings.supported_formats) == (10_485_760, (JPEG, PNG))
    assert (settings.redis_url, settings.redis_max_connections) == ("redis://localhost:6379", 20)


def test_every_setting_that_services_read_is_listed_here() -> None:
    assert {field for _, field, _ in ALL.values()} == set(ServiceSettings.model_fields)
    assert set(CommonSettings.model_fields) <= set(ServiceSettings.model_fields)


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, REDIS_PASSWORD="", REDIS_DB="", MAX_IMAGE_SIZE="", REDIS_PASSWORD_FILE="")
    assert (settings.redis_password, settings.redis_db, settings.max_image_size) == (None, None, 10_485_760)


WRONG = {
    "LOG_LEVEL": "loud",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318",
    "SENTRY_DSN": "sentry.example",
    "METRICS_ENABLED": "perhaps",
    "METRICS_COLLECTION_ENABLED": "perhaps",
    "MAX_IMAGE_SIZE": "10MB",
    "SUPPORTED_FORMATS": "jpg,gif",
    "REDIS_DB": "-1",
    "REDIS_SENTINELS": "sentinel-1:port",
    "REDIS_MAX_CONNECTIONS": "0",
    "MAX_IMAGE_PIXELS": "0",
    "PORT": "99999",
    "INFERENCE_WORKERS": "0",
    "MAX_QUEUE": "none",
    "WATCH_INTERVAL_S": "0",
    "REQUEST_TIMEOUT_S": "-1",
    "LINGER_SECONDS": "-1",
    "DRAIN_SECONDS": "soon",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_that_does_not_parse_ends_the_start_with_one_line(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        load(monkeypatch, **{name: WRONG[name]})
    line = str(stopped.value.code)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line


@pytest.mark.parametrize("value", [":26379", "a:1,,b:2", "user@a:1", "a:99999", "a/b", "redis://a:1", "a:1 b:2"])
def test_a_bad_list_of_sentinels_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with pytest.raises(SystemExit, match=r"^REDIS_SENTINELS: HOST:PORT is wanted"):
        load(monkeypatch, REDIS_SENTINELS=value)


@pytest.mark.parametrize("url", ["rediss://redis:6379", "unix:///run/redis.sock"])
def test_sentinels_and_tls_do_not_go_together(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(SystemExit, match=r"^REDIS_URL: redis:// is wanted"):
        load(monkeypatch, REDIS_SENTINELS="a:1", REDIS_URL=url)


def test_a_bad_format_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="SUPPORTED_FORMATS: knows jpg, jpeg and png, not gif"):
        load(monkeypatch, SUPPORTED_FORMATS="png, gif")
    with pytest.raises(SystemExit, match="not an empty list"):
        load(monkeypatch, SUPPORTED_FORMATS=" , ")


@pytest.mark.parametrize(("text", "formats"), [(" .png".strip(". "), (PNG,)), ("JPG, jpeg,PNG", (JPEG, PNG))])
def test_formats_are_taken_in_any_writing(monkeypatch: pytest.MonkeyPatch, text: str, formats: tuple[str, ...]) -> None:
    assert load(monkeypatch, SUPPORTED_FORMATS=text).supported_formats == formats


def test_a_file_that_cannot_be_read_ends_the_start_with_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path in (tmp_path / "none", tmp_path, binary):
        with pytest.raises(SystemExit, match=r"^REDIS_PASSWORD_FILE: cannot read .*$") as stopped:
            load(monkeypatch, REDIS_PASSWORD_FILE=str(path))
        assert "\n" not in str(stopped.value.code)


def test_a_secret_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hunter2" not in repr(load(monkeypatch, REDIS_PASSWORD="hunter2"))


def test_a_wrong_secret_file_does_not_tell_its_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("hunter2")
    with pytest.raises(SystemExit) as stopped:
        load(monkeypatch, REDIS_DB_FILE=str(path))
    assert str(stopped.value.code).startswith("REDIS_DB: ")
    assert "hunter2" not in str(stopped.value.code)
