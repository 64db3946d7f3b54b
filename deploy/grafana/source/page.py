"""A dashboard: its rows, and what all have: the data source's variable, the links, the annotations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    ConstantVariable,
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import AnnotationQuery as Annotation
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    RowPanel,
    VariableOption,
)

from deploy.grafana.source.frame import SOURCE, Panel
from deploy.grafana.source.promql import FIRING

TAG = "doctorai"
RUNBOOKS = "/public/runbooks"
"""Where Grafana serves ``docs/runbooks``: deploy/compose.monitoring.yml puts them there."""
_NEW_VERSION = "count by (component, version) (doctorai_build_info) unless count by (component, version) ({})"
_NEW_MODEL = "count by (model, version, role) (inference_model_info) unless count by (model, version, role) ({})"


@dataclass(frozen=True)
class Page:
    """``name`` makes the uid ``doctorai-NAME``; ``rows`` are titles and their panels."""

    name: str
    title: str
    text: str
    rows: Sequence[tuple[str, Sequence[Panel]]]
    variables: Sequence[QueryVariable] = ()
    time: str = "now-1h"
    refresh: str = "30s"
    links: Sequence[DashboardLink] = field(default=())

    @property
    def uid(self) -> str:
        return f"{TAG}-{self.name}"

    def json(self) -> str:
        """As Grafana is provisioned with it."""
        plain = json.loads(json.dumps(self._dashboard().build(), cls=JSONEncoder), object_hook=_shown)
        return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"

    def _dashboard(self) -> Dashboard:
        board = Dashboard(f"DoctorAI / {self.title}").uid(self.uid).description(self.text).tags([TAG])
        board.readonly().tooltip(DashboardCursorSync.CROSSHAIR).time(self.time, "now").refresh(self.refresh)
        board.timezone("browser").variables([_source(), *self.variables, _runbooks()])
        board.links([_others(), *self.links]).annotations(_annotations())
        for title, panels in self.rows:
            board.with_row(Row(title))
            for panel in panels:
                board.with_panel(panel)
        return _numbered(board)


def _shown(part: dict[str, Any]) -> dict[str, Any]:
    """Links and annotations above the panels: the builders would put them into a menu that nobody opens."""
    return {key: value for key, value in part.items() if (key, value) != ("placement", "inControlsMenu")}


def _numbered(board: Dashboard) -> Dashboard:
    """Numbers that do not change with the day, for links to one panel."""
    for number, panel in enumerate(board.build().panels or [], start=1):
        panel.id_val = number
        if isinstance(panel, RowPanel):
            panel.collapsed = False
    return board


def _source() -> DatasourceVariable:
    current = VariableOption(selected=True, text="Prometheus", value="prometheus")
    return DatasourceVariable("datasource").label("Data source").type("prometheus").current(current)


def _runbooks() -> ConstantVariable:
    return ConstantVariable("runbooks").label("Address of docs/runbooks").value(RUNBOOKS)


def _others() -> DashboardLink:
    others = DashboardLink("Dashboards").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return others.as_dropdown(False).keep_time(True).include_vars(False)


def _annotations() -> list[Builder[Annotation]]:
    return [
        _annotation("Versions", "blue", _NEW_VERSION.format("doctorai_build_info offset 2m"))
        .title_format("{{component}} {{version}} started")
        .tag_keys("component,version"),
        _annotation("Models", "purple", _NEW_MODEL.format("inference_model_info offset 2m"))
        .title_format("{{model}} {{version}} loaded as {{role}}")
        .tag_keys("model,version,role"),
        _annotation("Alerts", "red", FIRING)
        .title_format("{{alertname}} fires")
        .text_format("{{severity}} {{model}} {{service}} {{instance}}")
        .tag_keys("alertname,severity"),
    ]


def _annotation(name: str, color: str, expression: str) -> AnnotationQuery:
    return AnnotationQuery().name(name).icon_color(color).expr(expression).step("60s").datasource(SOURCE).enable(True)
