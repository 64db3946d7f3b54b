"""Pictures of the dashboards without a Grafana."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from deploy.grafana.boards import boards, resolve
from deploy.grafana.render import __main__ as program
from deploy.grafana.render.canvas import LARGEST
from deploy.grafana.render.cells import merged
from deploy.grafana.render.colors import colored, mapped
from deploy.grafana.render.curves import broken
from deploy.grafana.render.source import Prometheus, Series
from deploy.grafana.render.units import written
from tests.support.made_up_metrics import made_up, now
from tests.support.prometheus import stored


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "words"),
    [
        (0.42, "s", None, "420 ms"),
        (0.00031, "s", None, "310 µs"),
        (90, "s", None, "1.5 min"),
        (0, "s", None, "0 s"),
        (0.9985, "percentunit", 2, "99.85 %"),
        (85, "percent", None, "85 %"),
        (3 * 2**30, "bytes", None, "3 GiB"),
        (1.25, "reqps", 1, "1.2 req/s"),
        (16700, "short", 0, "16.7 K"),
        (4000, "short", None, "4000"),
        (7, "short", None, "7"),
    ],
)
def test_a_number_with_its_unit(value: float, unit: str, decimals: int | None, words: str) -> None:
    assert written(value, unit, decimals) == words


def test_a_value_has_its_threshold_s_colour_or_its_word_s() -> None:
    steps = [{"value": None, "color": "green"}, {"value": 1, "color": "red"}]
    words = [{"type": "value", "options": {"0": {"text": "Down", "color": "red"}}}]
    config = {"thresholds": {"steps": steps}, "mappings": words}
    assert colored(0.5, config) != colored(1, config) == colored(0, config)
    assert mapped(0, config) == {"text": "Down", "color": "red"}
    assert mapped(1, config) is None


def test_a_legend_names_labels() -> None:
    series = Series({"__name__": "up", "job": "service", "service": "xray"}, [0], [1])
    assert series.named("{{job}} of {{ service }} {{other}}") == "service of xray"
    assert series.named("") == "service, xray"


def test_a_line_ends_where_points_are_missing() -> None:
    times, values = broken(Series({}, [10, 20, 50, 60], [1, 2, 3, 4]))
    assert times == [10, 20, 20, 50, 60]
    assert [value for value in values if value == value] == [1, 2, 3, 4]
    assert values[2] != values[2]
    assert broken(Series({}, [10], [1])) == ([10], [1])


def test_a_table_joins_its_queries_by_their_labels() -> None:
    def one(model: str, value: float) -> Series:
        return Series({"model": model}, [0], [value])

    rows = merged([[one("xray", 1), one("tumor", 2)], [one("tumor", 3)]], ["model"])
    assert rows == [{"model": "tumor", "Value #A": 2, "Value #B": 3}, {"model": "xray", "Value #A": 1}]


def test_a_variable_without_a_value_is_an_error() -> None:
    assert resolve("a{b=~'$model'}[${__range}]", {"model": "x", "__range": "5m"}) == "a{b=~'x'}[5m]"
    with pytest.raises(KeyError):
        resolve("a[$unknown]", {})


def test_what_is_no_number_is_left_out() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        found = [{"metric": {"a": "1"}, "value": [5, "NaN"]}, {"metric": {"a": "2"}, "value": [5, "0.5"]}]
        return httpx.Response(200, json={"data": {"resultType": "vector", "result": found}})

    with httpx.Client(base_url="http://prometheus", transport=httpx.MockTransport(answer)) as client:
        assert Prometheus(client, 0, 5, 1).instant("x") == [Series({"a": "2"}, [5.0], [0.5])]


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the program wrote, run against all that a system may tell."""
    (tmp_path / "prometheus").mkdir()
    end, out = now(), tmp_path / "out"
    with stored(tmp_path / "prometheus", made_up(end, 20)) as found:
        asked = ["render", "--prometheus", found.url, "--out", str(out), "--minutes", "15", "--at", str(end)]
        monkeypatch.setattr(sys, "argv", asked)
        program.main()
        yield out


@pytest.mark.slow
def test_each_dashboard_is_one_small_picture(drawn: Path) -> None:
    pictures = {path.stem: path for path in drawn.glob("*.png")}
    assert set(pictures) == {board.uid for board in boards()}
    for path in pictures.values():
        assert path.stat().st_size <= LARGEST
        with Image.open(path) as picture:
            colors = picture.getcolors()
        assert colors is not None
        assert len(colors) > 40, "cards and words only: no panel was drawn"


@pytest.mark.slow
def test_a_system_that_tells_nothing_is_drawn_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prometheus").mkdir()
    with stored(tmp_path / "prometheus") as found:
        monkeypatch.setattr(sys, "argv", ["render", "--prometheus", found.url, "--out", str(tmp_path / "out")])
        program.main()
    assert len(list((tmp_path / "out").glob("*.png"))) == len(boards())
