"""What is on the disk, and the choice among it: beside the bundles, or in a folder of its own."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.bundle import BundleOf, open_bundle_as
from shared.catalogue import AnyManifest, Catalogue, activated
from shared.errors import BundleError, Conflict, NotFound
from shared.versions import SERVING, Canary, Serving, read_serving, write_serving
from tests.support.bundles import edit_manifest
from tests.support.toy import write_toy_bundle


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for version in ("1.0.0", "1.10.0", "1.9.0"):
        write_toy_bundle(tmp_path / "models", version=version)
    return tmp_path / "models"


@pytest.fixture
def toy(models: Path) -> Catalogue:
    return Catalogue(models, "toy")


@pytest.fixture
def apart(models: Path, tmp_path: Path) -> Catalogue:
    """The same with choices elsewhere."""
    (tmp_path / "serving").mkdir()
    return Catalogue(models, "toy", tmp_path / "serving")


def test_the_highest_is_served_when_nothing_is_chosen(toy: Catalogue, tmp_path: Path) -> None:
    assert toy.versions == ["1.10.0", "1.9.0", "1.0.0"]
    assert toy.serving() == Serving(active="1.10.0")
    assert Catalogue(tmp_path, "nobody").serving() is None


def test_activate_and_what_was_before(toy: Catalogue) -> None:
    assert toy.activate("1.0.0") == toy.serving() == Serving(active="1.0.0", previous="1.10.0")
    assert toy.activate("1.0.0") == Serving(active="1.0.0", previous="1.10.0")


def test_what_cannot_be_served_was_never_active(toy: Catalogue) -> None:
    (toy.models / "toy" / "1.10.0" / "model.tflite").write_bytes(b"cut short")
    assert toy.serving() == Serving(active="1.9.0")
    assert toy.activate("1.0.0") == Serving(active="1.0.0", previous="1.9.0")


def test_a_choice_that_arrives_late_replaces_no_later_one(toy: Catalogue) -> None:
    """Also where the later one chose again what was chosen before."""
    assert toy.revision == ""
    toy.activate("1.0.0", "")
    seen = toy.revision
    toy.activate("1.9.0", seen)
    toy.activate("1.0.0", toy.revision)
    with pytest.raises(Conflict, match="chosen meanwhile"):
        toy.activate("1.9.0", seen)
    assert toy.serving() == Serving(active="1.0.0", previous="1.9.0")
    assert toy.activate("1.0.0", seen) == toy.serving()  # sent again, it is done already


def test_too_late_is_not_at_all(toy: Catalogue) -> None:
    def late() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        toy.activate("1.0.0", may=late)
    assert toy.serving() == Serving(active="1.10.0")


def test_a_choice_elsewhere_has_revisions_of_its_own(apart: Catalogue) -> None:
    write_serving(apart.models, "toy", Serving(active="1.0.0"))
    beside = apart.revision
    apart.activate("1.9.0", beside)
    assert apart.revision not in ("", beside)


def test_who_chooses_at_the_same_time_waits(toy: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the second would write over a choice that it never read."""
    write = Catalogue.write

    def slowly(self: Catalogue, chosen: Serving) -> None:
        time.sleep(0.2)
        write(self, chosen)

    monkeypatch.setattr(Catalogue, "write", slowly)
    with ThreadPoolExecutor() as pool:
        list(pool.map(toy.activate, ["1.9.0", "1.0.0"]))
    chosen = toy.serving()
    assert chosen
    assert {chosen.active, chosen.previous} == {"1.9.0", "1.0.0"}


def test_who_asks_at_the_same_time_reads_no_file_twice(toy: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def slowly(kind: type[AnyManifest], root: Path) -> BundleOf[AnyManifest]:
        read.append(root.name)
        time.sleep(0.1)
        return open_bundle_as(kind, root)

    monkeypatch.setattr("shared.catalogue.open_bundle_as", slowly)
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: toy.states(), range(2))
    assert first == second
    assert sorted(read) == ["1.0.0", "1.10.0", "1.9.0"]


@pytest.mark.parametrize("version", ["2.0.0", "../1.0.0", "latest", ""])
def test_a_version_that_is_not_there(toy: Catalogue, version: str) -> None:
    with pytest.raises(NotFound, match=r"there are: 1\.10\.0, 1\.9\.0, 1\.0\.0"):
        toy.activate(version)
    assert read_serving(toy.models, "toy") is None


def test_files_that_are_not_whole_are_refused_and_told(toy: Catalogue) -> None:
    before = toy.states()
    assert {state.whole for state in before} == {True}
    assert before[0].created == datetime(2026, 11, 24, tzinfo=UTC)
    weights = toy.models / "toy" / "1.9.0" / "model.tflite"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:100])
    with pytest.raises(Conflict, match=r"toy/1\.9\.0 cannot be served: model\.tflite does not match"):
        toy.activate("1.9.0")
    assert read_serving(toy.models, "toy") is None
    assert [state.whole for state in toy.states()] == [True, False, True]
    assert "model.tflite does not match" in (toy.states()[1].problem or "")
    weights.write_bytes(whole)
    assert {state.whole for state in toy.states()} == {True}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24T12:00:00Z", datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("in spring", None),
    ],
)
def test_when_it_was_made(toy: Catalogue, said: str, told: datetime | None) -> None:
    edit_manifest(toy.models / "toy" / "1.0.0", lambda values: values.update(created=said))
    assert toy.states()[-1].created == told


def test_a_choice_that_cannot_be_read_is_chosen_anew(toy: Catalogue) -> None:
    (toy.models / "toy" / SERVING).write_text("{")
    with pytest.raises(BundleError, match=SERVING):
        toy.serving()
    assert toy.activate("1.0.0") == Serving(active="1.0.0", previous="1.10.0")
    assert toy.serving() == Serving(active="1.0.0", previous="1.10.0")


def test_a_canary_or_shadow_that_becomes_active_is_none_any_more() -> None:
    before = Serving(active="1.0.0", canary=Canary(version="1.1.0", share=0.5), shadow="1.2.0")
    assert activated(before, "1.1.0") == Serving(active="1.1.0", previous="1.0.0", shadow="1.2.0")
    assert activated(before, "1.2.0") == Serving(active="1.2.0", previous="1.0.0", canary=before.canary)
    assert activated(before, "1.0.0") == before


def test_choices_elsewhere_leave_the_bundles_alone(apart: Catalogue) -> None:
    assert apart.choices
    apart.activate("1.0.0")
    assert (apart.choices / "toy" / SERVING).is_file()
    assert not (apart.models / "toy" / SERVING).exists()
    assert apart.serving() == Serving(active="1.0.0", previous="1.10.0")


def test_a_choice_beside_the_bundles_counts_until_there_is_another(apart: Catalogue) -> None:
    write_serving(apart.models, "toy", Serving(active="1.9.0"))
    assert apart.serving() == Serving(active="1.9.0")
    apart.activate("1.0.0")
    assert apart.serving() == Serving(active="1.0.0", previous="1.9.0")
    assert read_serving(apart.models, "toy") == Serving(active="1.9.0")


def test_where_it_can_be_written(apart: Catalogue, toy: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    assert apart.choices
    assert apart.writable
    apart.activate("1.0.0")
    assert apart.writable
    assert toy.writable
    assert not Catalogue(apart.models, "toy", apart.choices / "not" / "there").writable
    monkeypatch.setattr("os.access", lambda *_: False)
    assert not toy.writable
