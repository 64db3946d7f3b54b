"""Alertmanager's routes and inhibition, and the probe's configuration, by their own tools."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.conftest import REPOSITORY
from tests.support.programs import run_program
from tests.support.rules import each_rule, read_rules

CONFIG = REPOSITORY / "deploy" / "alertmanager" / "alertmanager.yml"
BLACKBOX = REPOSITORY / "deploy" / "blackbox" / "blackbox.yml"
NAMES = {rule["alert"] for rule in each_rule(read_rules()) if "alert" in rule}


def config() -> dict[str, Any]:
    return dict(yaml.safe_load(CONFIG.read_text(encoding="utf-8")))


def test_amtool_has_nothing_to_say() -> None:
    assert "4 receivers" in run_program("amtool", "check-config", str(CONFIG))


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=ModelUnavailable", "severity=critical", "model=tumor"), "critical"),
        (("alertname=HighMemoryUsage", "severity=warning"), "warning"),
        (("alertname=Other", "severity=info"), "info"),
        (("alertname=Watchdog", "severity=info"), "watchdog"),
        (("alertname=OfSomebodyElse",), "warning"),
    ],
)
def test_each_severity_has_its_receiver(labels: tuple[str, ...], receiver: str) -> None:
    said = run_program("amtool", "config", "routes", "test", f"--config.file={CONFIG}", *labels)
    assert said.strip() == receiver


def test_nothing_is_sent_and_nothing_is_secret() -> None:
    assert all(receiver.keys() == {"name"} for receiver in config()["receivers"])
    assert "://" not in CONFIG.read_text(encoding="utf-8")


def hidden(source: dict[str, str], target: dict[str, str]) -> bool:
    """Whether ``source``, firing, inhibits ``target``, as Alertmanager's documentation has it."""
    return any(
        _matches(rule["source_matchers"], source)
        and _matches(rule["target_matchers"], target)
        and all(source.get(label, "") == target.get(label, "") for label in rule.get("equal", []))
        for rule in config()["inhibit_rules"]
    )


def _matches(matchers: list[str], labels: dict[str, str]) -> bool:
    for matcher in matchers:
        label, operator, value = re.fullmatch(r'(\w+) (=~|=) "?([^"]+)"?', matcher).groups()  # type: ignore[union-attr]
        found = labels.get(label, "")
        if not (re.fullmatch(value, found) if operator == "=~" else value == found):
            return False
    return True


def alert(name: str, severity: str = "warning", **labels: str) -> dict[str, str]:
    assert name in NAMES
    return {"alertname": name, "severity": severity, **labels}


DOWN = alert("GatewayDown", "critical", job="gateway")
TUMOR = alert("ModelUnavailable", "critical", model="tumor")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (DOWN, TUMOR),
        (DOWN, alert("AvailabilityBudgetBurn", "critical")),
        (DOWN, alert("InstanceDown", job="gateway", instance="g:8000")),
        (DOWN, alert("InstancesLost", job="gateway")),
        (
            alert("InstanceDown", job="service", service="xray", instance="x:8080"),
            alert("InstancesLost", job="service", service="xray"),
        ),
        (TUMOR, alert("ModelErrorRatio", model="tumor")),
        (TUMOR, alert("LatencyBudgetBurn", "critical", model="tumor")),
        (alert("LatencyBudgetBurn", "critical", model="tumor"), alert("LatencyBudgetBurn", model="tumor")),
        (
            alert("CertificateExpiring", "critical", instance="tls:8443"),
            alert("CertificateExpiring", instance="tls:8443"),
        ),
        (alert("RedisDown", "critical", job="redis"), alert("RedisUnreachable", "critical", instance="g:8000")),
        (alert("AuditNotWritten", "critical", instance="g"), alert("AuditLagging", instance="g")),
        (
            alert("DiskAlmostFull", "critical", instance="g", volume="audit"),
            alert("DiskFilling", instance="g", volume="audit"),
        ),
    ],
)
def test_a_cause_hides_what_follows(source: dict[str, str], target: dict[str, str]) -> None:
    assert hidden(source, target)
    assert not hidden(target, source)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (TUMOR, alert("ModelErrorRatio", model="xray")),
        (TUMOR, alert("AvailabilityBudgetBurn", "critical")),
        (DOWN, alert("InstanceDown", job="service", instance="t:8080")),
        (
            alert("InstanceDown", job="service", service="xray", instance="x:8080"),
            alert("InstancesLost", job="service", service="palm"),
        ),
        (DOWN, alert("AuditChainBroken", "critical", instance="g")),
        (DOWN, alert("RedisDown", "critical", job="redis")),
        (alert("LatencyBudgetBurn", "critical", model="tumor"), alert("LatencyBudgetBurn", model="xray")),
    ],
)
def test_what_is_something_else_is_told(source: dict[str, str], target: dict[str, str]) -> None:
    assert not hidden(source, target)


def test_every_name_in_it_is_an_alert() -> None:
    said = re.findall(r'alertname =~? "?([^"\]\n]+)', CONFIG.read_text(encoding="utf-8"))
    assert said
    for word in "|".join(said).split("|"):
        assert any(re.fullmatch(word, name) for name in NAMES), word


def test_the_probe_reads_its_configuration() -> None:
    run_program("prometheus-blackbox-exporter", "--config.check", f"--config.file={BLACKBOX}")
