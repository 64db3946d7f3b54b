"""The dashboards: as the source makes them, whole, and with queries that a real Prometheus answers."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from deploy.grafana.boards import FOLDER, Board, Panel, boards
from deploy.grafana.source.dashboards import files
from tests.conftest import REPOSITORY
from tests.support.dashboards import EMPTY, Query, queries
from tests.support.expositions import documented
from tests.support.made_up_metrics import made_up, now
from tests.support.prometheus import Prometheus, stored
from tests.support.promql import families_in, series_in

BOARDS = boards()
PANELS = [(board, panel) for board in BOARDS for panel in board.panels if panel.kind != "row"]
NAMES = [f"{board.uid}/{panel.title}" for board, panel in PANELS]
EVERY_PANEL = pytest.mark.parametrize(("board", "panel"), PANELS, ids=NAMES)
UIDS = {f"doctorai-{name}" for name in ("overview", "model", "gateway", "business", "capacity", "slo")}
NOT_OURS = re.compile(r"(redis|process|prometheus|probe)_\w+|up|ALERTS")
RUNBOOKS = REPOSITORY / "docs" / "runbooks"
RULES = REPOSITORY / "deploy" / "prometheus" / "rules"
PAGE = REPOSITORY / "docs" / "metrics.md"


def test_the_files_are_what_the_source_makes() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert there == files(), "run `make dashboards`"


def test_the_dashboards_are_these() -> None:
    assert {board.uid for board in BOARDS} == UIDS
    assert len({board.title for board in BOARDS}) == len(UIDS)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_a_title_is_there_once(board: Board) -> None:
    titles = Counter(panel.title for panel in board.panels if panel.kind != "row")
    assert [title for title, count in titles.items() if count > 1] == []
    ids = [panel.json["id"] for panel in board.panels]
    assert len(set(ids)) == len(ids)


@EVERY_PANEL
def test_a_panel_is_whole(board: Board, panel: Panel) -> None:
    assert re.fullmatch(r"[A-Z0-9].{15,}\.", panel.json["description"]), "a sentence says what it shows"
    assert panel.json["fieldConfig"]["defaults"]["unit"]
    assert panel.targets
    assert all(target.expression for target in panel.targets)
    assert all(one["datasource"]["uid"] == "${datasource}" for one in panel.json["targets"])


@EVERY_PANEL
def test_a_latency_histogram_shows_its_traces(board: Board, panel: Panel) -> None:
    for target in panel.json["targets"]:
        over_time = target.get("range") and panel.kind in ("timeseries", "heatmap")
        if over_time and re.search(r"duration_seconds_bucket", target["expr"]):
            assert target["exemplar"] is True


@EVERY_PANEL
def test_counters_are_read_as_rates(board: Board, panel: Panel) -> None:
    """A counter begins anew with its process; and several processes count."""
    for target in panel.targets:
        for counter in re.finditer(r"\w+_(?:total|bucket|count|sum)\b(?:\{[^}]*\})?(.)", target.expression):
            assert counter[1] == "[", target.expression
        if re.search(r"\b(rate|increase)\(", target.expression):
            assert re.search(r"\bsum\b", target.expression), target.expression


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_nothing_lies_on_another(board: Board) -> None:
    for one, other in itertools.combinations([panel.json["gridPos"] for panel in board.panels], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)
    assert all(panel.json["gridPos"]["x"] + panel.json["gridPos"]["w"] <= 24 for panel in board.panels)


def test_every_row_is_filled() -> None:
    for board in BOARDS:
        widths: Counter[int] = Counter()
        for panel in board.panels:
            widths[panel.json["gridPos"]["y"]] += panel.json["gridPos"]["w"]
        assert set(widths.values()) == {24}, board.uid


def test_links_lead_to_dashboards_and_runbooks_that_are_there() -> None:
    urls = _urls([board.json for board in BOARDS])
    assert {uid for url in urls for uid in re.findall(r"/d/([\w-]+)", url)} <= UIDS
    books = {name for url in urls for name in re.findall(r"^\$\{runbooks\}/(\w+)\.md$", url)}
    assert books
    assert {url for url in urls if not re.match(r"/d/|\$\{runbooks\}/", url)} == set()
    assert {name for name in books if not (RUNBOOKS / f"{name}.md").is_file()} == set()


def test_a_model_of_the_overview_leads_to_its_dashboard() -> None:
    overview = next(board for board in BOARDS if board.uid == "doctorai-overview")
    for title in ("Models", "Requests by model", "Response time by model, p95", "Availability"):
        panel = next(panel for panel in overview.panels if panel.title == title and panel.kind != "row")
        assert any("/d/doctorai-model?var-model=${" in url for url in _urls(panel.json)), title


@pytest.mark.parametrize("uid", ["doctorai-overview", "doctorai-gateway"])
@pytest.mark.parametrize("title", ["Requests", "Response time, p95"])
def test_probes_and_polls_hide_no_slow_request(uid: str, title: str) -> None:
    """What counts is what the objectives count: the routes that users ask."""
    (panel,) = (panel for board, panel in PANELS if (board.uid, panel.title) == (uid, title))
    (routes,) = set(re.findall(r'route!~"[^"]+"', (RULES / "slo.yml").read_text("utf-8")))
    assert f"{{{routes}}}" in panel.targets[0].expression


def test_every_metric_is_documented() -> None:
    told = documented(PAGE, "Every process", "Gateway", "Services").keys()
    read = set().union(*(families_in(query.expr) for query in queries()))
    assert {name for name in read - told if not NOT_OURS.fullmatch(name)} == set()


def test_what_is_recorded_is_recorded_by_a_rule() -> None:
    rules = "\n".join(path.read_text("utf-8") for path in RULES.glob("*.yml"))
    read = set().union(*(series_in(query.expr) for query in queries()))
    assert {name for name in read if ":" in name and f"record: {name}\n" not in rules} == set()


def test_what_may_be_empty_is_a_panel_of_a_dashboard() -> None:
    assert EMPTY
    assert set(EMPTY) <= {(board.uid, panel.title) for board, panel in PANELS}
    assert ("doctorai-capacity", "GPU use") in EMPTY
    assert ("doctorai-overview", "Models available") not in EMPTY


def test_grafana_is_given_them() -> None:
    provisioning = FOLDER.parents[1]
    provider = yaml.safe_load((provisioning / "dashboards" / "doctorai.yml").read_text())["providers"][0]
    assert provider["folder"] == "DoctorAI"
    assert provider["allowUiUpdates"] is False
    assert Path("/etc/grafana/provisioning") / FOLDER.relative_to(provisioning) == Path(provider["options"]["path"])
    paths = (provisioning / "datasources").glob("*.yml")
    sources = {one["uid"]: one for path in paths for one in yaml.safe_load(path.read_text())["datasources"]}
    traces = sources["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert [(one["name"], one["datasourceUid"]) for one in traces] == [("trace_id", "jaeger")]
    assert "jaeger" in sources


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that holds all that a system may tell."""
    with stored(tmp_path_factory.mktemp("prometheus"), made_up(now(), 20)) as found:
        yield found


def silent(found: Prometheus, asked: list[Query]) -> list[str]:
    """Those that find nothing; what is drawn over the panels only tells of what happened."""
    at = now()
    return [str(query) for query in asked if "annotation" not in query.panel and not found.query(query.expr, at)]


def test_every_query_finds_data_where_all_is_there(made: Prometheus) -> None:
    """So that none reads a name or a label that nobody writes."""
    assert silent(made, queries(span="10m")) == []


def test_every_query_finds_data_of_one_model(made: Prometheus) -> None:
    asked = [query for query in queries("palm_disease", "palm") if query.dashboard == "doctorai-model"]
    assert silent(made, asked) == []


def test_every_query_is_answered_where_nothing_is_there(tmp_path: Path) -> None:
    with stored(tmp_path) as empty:
        for query in queries():
            empty.query(query.expr)


def _urls(part: object) -> set[str]:
    if isinstance(part, list):
        return set().union(*(_urls(one) for one in part))
    if isinstance(part, dict):
        own = {part["url"]} if isinstance(part.get("url"), str) else set()
        return own.union(*(_urls(one) for one in part.values()))
    return set()
