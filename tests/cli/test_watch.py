"""A change of versions is watched until every instance has made it, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import watch
from shared.versions import Serving, read_serving
from tests.cli.conftest import Run
from tests.cli.fake_gateway import Answer, Asked, FakeGateway
from tests.support.toy import write_toy_bundle

Instances = list[dict[str, Any]]
OLD, NEW = "1.0.0", "1.1.0"
REFUSAL = f"version {NEW} is not served: this build has no torch runtime"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    for version in (OLD, NEW):
        write_toy_bundle(folder, service="tumor", model="tumor", version=version)
    monkeypatch.setenv("MODEL_PATH", str(folder))
    monkeypatch.setattr(watch, "_EVERY_S", 0.01)
    return folder


def instance(number: int, version: str | None = OLD, **changes: Any) -> dict[str, Any]:
    return {"id": f"tumor-{number}", "ready": True, "version": version, "reason": None, "notice": None, **changes}


def health(instances: Instances) -> Answer:
    return Answer(200, {"services": {"tumor": {"ready": True, "reason": None, "instances": instances}}})


def tells(gateway: FakeGateway, *looks: Instances) -> None:
    """What the gateway tells at each look; the last again and again."""
    told: Iterator[Instances] = iter(looks)
    latest: list[Instances] = []

    def answer(_: Asked) -> Answer:
        latest[:] = [next(told, *latest)]
        return health(latest[0])

    gateway.set("GET", "/api/health", answer)


def words(text: str) -> str:
    return " ".join(text.split())


def test_it_ends_when_the_last_instance_has_the_version(models: Path, gateway: FakeGateway, run: Run) -> None:
    tells(
        gateway,
        [instance(1), instance(2)],
        [instance(1, NEW), instance(2)],
        [instance(1, NEW), instance(2, NEW, ready=False, reason="the model is loading")],
        [instance(1, NEW), instance(2, NEW)],
    )
    result = run("models", "activate", "tumor", NEW)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"tumor: {NEW} is active at 2 of 2 instances" in result.stdout
    assert len(gateway.asked) == 4


def test_an_instance_that_refuses_is_told_with_its_notice(models: Path, gateway: FakeGateway, run: Run) -> None:
    tells(
        gateway,
        [instance(1), instance(2)],
        [instance(1, notice=REFUSAL), instance(2)],
        [instance(1, notice=REFUSAL), instance(2, NEW)],
    )
    result = run("models", "activate", "tumor", NEW)
    assert result.exit_code == 1
    assert f"tumor-1: {REFUSAL}" in words(result.stderr)
    assert f"tumor: {NEW} is active at 1 of 2 instances" in words(result.stderr)
    assert "tumor-2:" not in result.stderr
    assert read_serving(models, "tumor") == Serving(active=NEW)


def test_what_it_said_before_may_be_of_another_attempt(models: Path, gateway: FakeGateway, run: Run) -> None:
    stale = [instance(1, notice=REFUSAL)]
    tells(gateway, stale, stale, stale, [instance(1, NEW)])
    assert run("models", "activate", "tumor", NEW).exit_code == 0


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (instance(1), f"tumor-1: version {OLD} is active"),
        (instance(1, None, ready=False, reason="does not answer"), "tumor-1: does not answer"),
        (instance(1, notice="version 11.1.0 is not served: it is cut short"), "tumor-1: version 11.1.0 is not"),
    ],
)
def test_patience_ends(models: Path, gateway: FakeGateway, run: Run, seen: dict[str, Any], said: str) -> None:
    tells(gateway, [instance(1)], [seen])
    result = run("models", "activate", "tumor", NEW, "--timeout", "0.1")
    assert result.exit_code == 1
    assert said in words(result.stderr)
    assert f"{NEW} is active at 0 of 1 instances after 0.1 s" in words(result.stderr)


def test_rollback_waits_too(models: Path, gateway: FakeGateway, run: Run) -> None:
    tells(gateway, [instance(1, NEW)])
    run("models", "activate", "tumor", OLD, "--no-wait")
    assert gateway.asked == []
    tells(gateway, [instance(1, OLD)], [instance(1, OLD)], [instance(1, NEW)])
    assert f"{NEW} is active at 1 of 1" in run("models", "rollback", "tumor").stdout


@pytest.mark.parametrize("role", ["canary", "shadow"])
def test_what_is_served_beside_comes_and_goes(models: Path, gateway: FakeGateway, run: Run, role: str) -> None:
    with_it, without = [instance(1, NEW, beside={role: OLD})], [instance(1, NEW)]
    tells(gateway, without, without, with_it)
    assert f"tumor: {OLD} is the {role} at 1 of 1 instances" in run("models", role, "tumor", OLD).stdout
    tells(gateway, with_it, with_it, without)
    assert f"tumor: there is no {role} at 1 of 1 instances" in run("models", role, "tumor", "--off").stdout


def test_a_canary_that_is_refused(models: Path, gateway: FakeGateway, run: Run) -> None:
    notice = f"version {OLD} is not served: it does not take all that {NEW} takes"
    tells(gateway, [instance(1, NEW)], [instance(1, NEW, notice=notice)])
    result = run("models", "canary", "tumor", OLD)
    assert result.exit_code == 1
    assert notice in words(result.stderr)


def test_a_new_notice_of_something_else_is_told(models: Path, gateway: FakeGateway, run: Run) -> None:
    notice = f"version 1.2.0 is not served: it does not take all that {NEW} takes"
    tells(gateway, [instance(1)], [instance(1, NEW, notice=notice)])
    result = run("models", "activate", "tumor", NEW)
    assert result.exit_code == 0
    assert notice in words(result.stderr)


def nobody(gateway: FakeGateway) -> None:
    gateway.set("GET", "/api/health", health([]))


def stranger(gateway: FakeGateway) -> None:
    gateway.set("GET", "/api/health", Answer(200, {"services": {"tumor": {"instances": [{}]}}}))


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (nobody, "no instance of tumor is there"),
        (stranger, "in a form that this version does not read"),
        (FakeGateway.close, "does not answer"),
    ],
)
def test_the_file_is_written_where_nobody_can_be_watched(
    models: Path, run: Run, monkeypatch: pytest.MonkeyPatch, prepare: Callable[[FakeGateway], None], said: str
) -> None:
    gateway = FakeGateway()
    monkeypatch.setenv("DOCTORAI_URL", gateway.url)
    prepare(gateway)
    result = run("models", "activate", "tumor", OLD)
    if prepare is not FakeGateway.close:
        gateway.close()
    assert result.exit_code == 0
    assert read_serving(models, "tumor") == Serving(active=OLD, previous=NEW)
    assert len(result.stderr.splitlines()) == 1
    assert words(result.stderr).startswith("tumor: not watched:")
    assert said in words(result.stderr)


def test_a_gateway_that_goes_away_meanwhile_is_a_failure(models: Path, gateway: FakeGateway, run: Run) -> None:
    looks = iter([health([instance(1)])])
    gateway.set("GET", "/api/health", lambda _: next(looks, Answer(503, {"code": "OVERLOADED", "detail": "Later."})))
    result = run("models", "activate", "tumor", NEW)
    assert result.exit_code == 1
    assert "OVERLOADED: Later." in result.stderr
    assert read_serving(models, "tumor") == Serving(active=NEW)


def test_what_must_not_be_is_refused_before_anybody_is_asked(models: Path, gateway: FakeGateway, run: Run) -> None:
    assert run("models", "activate", "tumor", "9.9.9").exit_code == 1
    assert gateway.asked == []
