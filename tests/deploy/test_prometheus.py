"""Prometheus's configuration and rules, by its own tools; every alert is tested, described, and has a runbook."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.source.scales import AUDIT_CHECK
from tests.conftest import REPOSITORY
from tests.support.expositions import documented
from tests.support.programs import run_program
from tests.support.promql import families_in, series_in
from tests.support.rules import RULES, each_rule, read_rules

TESTS = sorted((REPOSITORY / "tests" / "deploy" / "prometheus").glob("*.yml"))
RUNBOOKS = REPOSITORY / "docs" / "runbooks"
ALERTING = REPOSITORY / "docs" / "alerting.md"
METRICS = REPOSITORY / "docs" / "metrics.md"
DASHBOARDS = {f"doctorai-{name}" for name in ("overview", "model", "gateway", "business", "capacity", "slo")}
OF_OTHERS = {
    "up",
    *("process_start_time_seconds", "process_cpu_seconds_total"),
    *("redis_up", "redis_memory_used_bytes", "redis_memory_max_bytes"),
    *("probe_success", "probe_ssl_earliest_cert_expiry"),
    "prometheus_config_last_reload_successful",
    "prometheus_rule_evaluation_failures_total",
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "prometheus_target_scrapes_sample_out_of_bounds_total",
    "prometheus_target_scrapes_sample_out_of_order_total",
    "prometheus_target_scrapes_exceeded_sample_limit_total",
    "prometheus_target_scrape_pool_exceeded_label_limits_total",
    "prometheus_notifications_alertmanagers_discovered",
    "prometheus_notifications_dropped_total",
    "alertmanager_notifications_failed_total",
}
"""What Prometheus, Alertmanager, the exporters and the client library call theirs."""
ALERTS = [rule for rule in each_rule(read_rules()) if "alert" in rule]
NAMES = sorted({rule["alert"] for rule in ALERTS})


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    """With the token where a test can write: promtool looks for the file."""
    (tmp_path / "metrics_token").write_text("x", encoding="utf-8")
    shutil.copytree(RULES, tmp_path / "rules")
    text = (RULES.parent / "prometheus.yml").read_text(encoding="utf-8")
    (tmp_path / "prometheus.yml").write_text(text.replace("/secrets-metrics", str(tmp_path)), encoding="utf-8")
    said = run_program("promtool", "check", "config", str(tmp_path / "prometheus.yml"))
    assert said.count("rules found") == len(list(RULES.glob("*.yml")))


@pytest.mark.parametrize("file", TESTS, ids=lambda path: path.stem)
def test_alerts_fire_and_stay_quiet(file: Path) -> None:
    run_program("promtool", "test", "rules", str(file))


def covered() -> dict[tuple[str, str], set[bool]]:
    """(alert, severity) → whether a test has it firing (True), quiet (False)."""
    found: dict[tuple[str, str], set[bool]] = {}
    for file in TESTS:
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]:
            assert case["input_series"], case["name"]
            for asked in case["promql_expr_test"]:
                (alert,) = re.findall(r'alertname="(\w+)", severity="(\w+)"', asked["expr"])
                found.setdefault(alert, set()).add(bool(asked["exp_samples"]))
    return found


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_every_alert_has_a_test_firing_and_one_quiet(rule: dict[str, Any]) -> None:
    severity = rule["labels"]["severity"]
    # what always fires is quiet nowhere
    wanted = {True} if rule["alert"] == "Watchdog" else {True, False}
    assert covered().get((rule["alert"], severity), set()) >= wanted


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_every_alert_says_what_and_where(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    told = rule["annotations"]
    assert told.keys() == {"summary", "description", "runbook_url", "dashboard"}
    assert all(told.values())
    assert told["runbook_url"] == f"{{{{ $externalLabels.runbooks }}}}/{rule['alert']}.md"
    uid = re.fullmatch(
        r"\{\{ \$externalLabels\.grafana \}\}/d/([a-z-]+)(?:\?var-model=\{\{ \$labels\.model \}\})?", told["dashboard"]
    )
    assert uid is not None
    assert uid[1] in DASHBOARDS


def test_every_alert_has_a_runbook_and_each_runbook_an_alert() -> None:
    assert sorted(path.stem for path in RUNBOOKS.glob("*.md") if path.stem != "README") == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_is_whole(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {name}\n")
    for part in ("**Means.**", "**Impact.**", "## Look at", "## Do", "## False alarm"):
        assert part in text, part


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_keeps_the_overlays_of_env(name: str) -> None:
    """With `-f` Compose reads no COMPOSE_FILE: what is in use would be started anew without its overlays."""
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if "compose -f" in line and " --no-deps " not in line] == []


def logged() -> list[str]:
    """What the log may hold of each kind: every event of ours, and the access log's lines of what goes wrong."""
    sources = [path for part in ("gateway", "services", "shared") for path in (REPOSITORY / part).rglob("*.py")]
    events = [found for path in sources for found in re.findall(r'_log\.\w+\(\s*"(\w+)"', path.read_text("utf-8"))]
    failed = [{"route": "/api/token", "status": 401}, {"status": 500}, {"status": 503}]
    return [json.dumps({"event": event}) for event in events] + [json.dumps(line) for line in failed]


@pytest.mark.parametrize("name", NAMES)
def test_a_runbook_looks_for_what_is_logged(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    for command in re.findall(r"`docker compose logs [^`]*\| (grep [^`]+)`", text):
        found = subprocess.run(
            shlex.split(command), input="\n".join(logged()), capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, command


def test_the_page_lists_every_alert() -> None:
    listed = re.findall(r"^\| \[(\w+)\]\(runbooks/\w+\.md\)", ALERTING.read_text(encoding="utf-8"), re.M)
    assert sorted(listed) == NAMES


def test_the_dashboard_turns_yellow_where_the_alert_of_a_stale_check_fires() -> None:
    (rule,) = (rule for rule in ALERTS if rule["alert"] == "AuditCheckStale")
    assert set(re.findall(r"> (\d+) \* (\d+)", rule["expr"])) == {("3", "3600")}
    assert AUDIT_CHECK[0][0] == 3 * 3600


def test_a_recorded_name_says_its_level_and_its_operation() -> None:
    recorded = [rule["record"] for rule in each_rule(read_rules()) if "record" in rule]
    assert len(set(recorded)) == len(recorded)
    assert [name for name in recorded if not re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z0-9_]+", name)] == []


def test_every_recorded_name_that_is_read_is_recorded() -> None:
    rules = list(each_rule(read_rules()))
    read = {name for rule in rules for name in series_in(rule["expr"]) if ":" in name}
    assert read - {rule.get("record") for rule in rules} == set()


def test_every_metric_is_one_that_there_is() -> None:
    known = documented(METRICS, "Every process", "Gateway", "Services").keys() | OF_OTHERS
    assert {name for rule in each_rule(read_rules()) for name in families_in(rule["expr"])} - known == set()
