"""What counts as the system's fault, and as an answer that could have been an abstention, is the same everywhere."""

from __future__ import annotations

import re

import pytest

from cli.figures import _FAULTS
from deploy.grafana.boards import boards
from deploy.grafana.source.promql import DECIDED, FAILED
from tests.support.rules import each_rule, read_rules

ABSTENTION = re.compile(r'outcome="abstained"[^)]*\)[^/]*/ \(sum[^{]*\{([^}]*)\}')
"""Of a share of abstentions: what its whole is of."""


def outcomes(matcher: str) -> set[str]:
    """That a query's ``outcome=~"…"`` names."""
    (found,) = re.findall(r'outcome=~"([^"]+)"', matcher)
    return set(found.split("|"))


def recorded(name: str) -> str:
    (rule,) = (rule for rule in each_rule(read_rules()) if rule.get("record") == name)
    return str(rule["expr"])


def test_the_systems_faults_are_the_same_to_all() -> None:
    faults = outcomes(recorded("model:model_request_errors:increase5m"))
    assert faults == outcomes(FAILED) == set(_FAULTS)


def test_an_abstention_is_a_share_of_the_same_answers_to_all() -> None:
    assert outcomes(recorded("model:model_answers:increase1h")) == outcomes(DECIDED)


@pytest.mark.parametrize("uid", ["doctorai-overview", "doctorai-model", "doctorai-business"])
def test_a_dashboard_tells_the_share_that_the_alert_compares(uid: str) -> None:
    (board,) = (board for board in boards() if board.uid == uid)
    wholes = [
        found for panel in board.panels for target in panel.targets for found in ABSTENTION.findall(target.expression)
    ]
    assert wholes
    assert all(outcomes(whole) == outcomes(DECIDED) for whole in wholes)
