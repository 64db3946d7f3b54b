"""Prometheus's rules as Kubernetes has them: the same, but for those of what is not there."""

from __future__ import annotations

from pathlib import Path

import yaml

from deploy.kubernetes.rules import ELSEWHERE, TARGET, text
from tests.support.programs import run_program
from tests.support.rules import each_rule, read_rules


def test_the_file_is_what_the_rules_make() -> None:
    assert TARGET.read_text(encoding="utf-8") == text(), "run `make dashboards`"


def test_no_other_rule_is_left_out(tmp_path: Path) -> None:
    spec = yaml.safe_load(text())["spec"]
    files = read_rules()
    left = [group for content in files.values() for group in content["groups"] if group["name"] in ELSEWHERE]
    assert len(left) == len(ELSEWHERE)
    assert len(list(each_rule({"": spec}))) == len(list(each_rule(files))) - sum(len(group["rules"]) for group in left)
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    run_program("promtool", "check", "rules", str(tmp_path / "rules.yml"))
