"""Every kind of file gives the bundle that its author meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shared.backends import open_backend
from shared.manifest import ImageInput
from tests.training.importing.conftest import Import
from training.importing.errors import Refused


@pytest.mark.parametrize(
    ("service", "file", "form"),
    [
        ("tumor", "pooled.keras", "softmax"),
        ("tumor", "logits.keras", "logits"),
        ("xray", "sigmoid.keras", "sigmoid"),
        ("tumor", "grey.h5", "softmax"),
        ("tumor", "saved", "softmax"),
        ("tumor", "saved-fixed", "softmax"),
        ("tumor", "softmax.tflite", "softmax"),
        ("tumor", "logits.tflite", "logits"),
        ("xray", "sigmoid.tflite", "sigmoid"),
    ],
)
def test_it_answers_as_the_original(originals: Path, importing: Import, service: str, file: str, form: str) -> None:
    done = importing(service, originals / file)
    assert done.report.facts["output"] == form
    assert max(row.difference for row in done.rows) <= 1e-3
    assert np.std([row.original for row in done.rows]) > 0.01
    assert done.bundle.manifest.runtime == "litert"
    assert done.bundle.manifest.provenance["imported"]["file"] == file


@pytest.mark.parametrize("file", ["pooled.h5", "sequential.h5", "rescales.keras"])
def test_a_pooled_head_gives_heat_maps(originals: Path, importing: Import, file: str) -> None:
    """The maps' mean differs from the logits by the same for every picture: by the biases of the units that are on."""
    bundle = importing("tumor", originals / file).bundle
    spec = bundle.manifest.signatures["image"].input
    assert isinstance(spec, ImageInput)
    run = open_backend(bundle).runner("image")
    full = 1.0 if file != "rescales.keras" else 255.0
    outputs = run(full * np.random.default_rng(1).random((1, 32, 32, 3), dtype=np.float32))
    assert outputs["cam"].shape == (1, 8, 8, 4)
    # no bias was trained: what the places add up to is the logit
    np.testing.assert_allclose(outputs["cam"].mean(axis=(1, 2)), outputs["logits"], atol=1e-3)


@pytest.mark.parametrize(
    "file", ["rescales.keras", "nested.h5", "nested.keras", "preprocessed.h5", "preprocessed.keras"]
)
def test_a_network_that_scales_by_itself_gets_whole_values(originals: Path, importing: Import, file: str) -> None:
    done = importing("tumor", originals / file)
    assert done.report.pixels == "0-255"
    spec = done.bundle.manifest.signatures["image"].input
    assert isinstance(spec, ImageInput)
    assert spec.std == (1.0, 1.0, 1.0)


def test_one_that_normalises_must_be_explained(originals: Path, importing: Import) -> None:
    with pytest.raises(Refused, match="say --pixels"):
        importing("tumor", originals / "normalises.keras")
    assert importing("tumor", originals / "normalises.keras", pixels="0-255").report.pixels == "0-255"


def test_what_is_taken_for_granted_is_told(originals: Path, importing: Import) -> None:
    done = importing("tumor", originals / "pooled.keras")
    assert done.report.pixels == "0-1"
    assert "pixels from 0 to 1 are assumed" in done.report.notes[0]
    assert importing("tumor", originals / "pooled.keras", pixels="0-1").report.notes == ()


def test_caffe_turns_the_colours_round(originals: Path, importing: Import) -> None:
    done = importing("tumor", originals / "pooled.keras", pixels="caffe")
    assert max(row.difference for row in done.rows) <= 1e-3
    run = open_backend(done.bundle).runner("image")
    plain = open_backend(importing("tumor", originals / "pooled.keras").bundle).runner("image")
    picture = np.random.default_rng(2).random((1, 32, 32, 3), dtype=np.float32)
    np.testing.assert_allclose(run(picture)["logits"], plain(picture[..., ::-1].copy())["logits"], atol=1e-4)


def test_a_small_logit_is_no_share(originals: Path, importing: Import) -> None:
    done = importing("xray", originals / "logit.keras")
    assert done.report.facts["output"] == "logits"
    assert 0.5 < done.rows[0].original < 0.6


def test_one_number_of_a_graph_must_be_explained(originals: Path, importing: Import) -> None:
    with pytest.raises(Refused, match="say --output"):
        importing("xray", originals / "saved-sigmoid")
    assert importing("xray", originals / "saved-sigmoid", output="sigmoid").report.facts["output"] == "sigmoid"


def test_mixed_precision_is_tensorflows(originals: Path, importing: Import) -> None:
    """LiteRT computes in single precision only."""
    done = importing("tumor", originals / "mixed.keras")
    assert done.bundle.manifest.runtime == "tensorflow"
    assert done.largest_difference <= 1e-3


def test_a_tflite_file_of_any_size(originals: Path, importing: Import) -> None:
    done = importing("tumor", originals / "dynamic.tflite", side=48)
    assert done.report.size == (48, 48)


def test_the_author_may_say_how_pixels_were_scaled(originals: Path, importing: Import) -> None:
    spec = importing("tumor", originals / "pooled.keras", pixels="-1-1").bundle.manifest.signatures["image"].input
    assert isinstance(spec, ImageInput)
    assert (spec.mean[0], spec.std[0]) == (127.5, 127.5)


def test_half_precision_is_half_the_size(originals: Path, importing: Import) -> None:
    done = importing("tumor", originals / "Tumor.h5", half=True)
    size = done.bundle.manifest.files["model.tflite"].bytes
    assert size < 0.6 * (originals / "Tumor.h5").stat().st_size
    assert max(row.difference for row in done.rows) <= 2e-2


def test_tensorflow_serves_what_litert_cannot(originals: Path, importing: Import) -> None:
    done = importing("tumor", originals / "saved-other")
    assert done.bundle.manifest.runtime == "tensorflow"
    assert any("LiteRT cannot run it, TensorFlow will" in note for note in done.report.notes)
    assert max(row.difference for row in done.rows) <= 1e-3


@pytest.mark.parametrize(
    ("service", "file", "rest", "reason"),
    [
        ("xray", "pooled.keras", {}, "the model tells 4 classes apart, there are 2 labels"),
        ("tumor", "many.keras", {}, "more than one class be true"),
        ("tumor", "pooled.keras", {"side": 64}, "the model takes pictures of 32 × 32; --size 64 does not fit"),
        ("tumor", "weights.h5", {}, "weights.h5 holds weights without their model"),
    ],
)
def test_what_does_not_fit(
    originals: Path, importing: Import, models: Path, service: str, file: str, rest: dict[str, int], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        importing(service, originals / file, **rest)
    assert list(models.iterdir()) == []
