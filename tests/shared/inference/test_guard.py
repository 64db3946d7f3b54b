"""The gate's arithmetic, and that what is no gate is refused before it serves."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from shared.errors import BundleError
from shared.inference.guard import Guard, GuardArrays, Outlier, directions, score
from shared.manifest import Guard as GuardSpec
from shared.manifest import ImageInput, Limit

RNG = np.random.default_rng(3)
BANK = np.abs(RNG.normal(0, 1, (20, 8))).astype(np.float32) + np.eye(1, 8, dtype=np.float32) * 9
ARRAYS = GuardArrays(
    center=np.zeros(8, np.float32),
    scale=np.ones(8, np.float32),
    modality=np.array([-1, 0, 0, 0, 0, 0, 0, 1], np.float32),
    modality_bias=np.zeros((), np.float32),
    bank=directions(BANK),
)
SPEC = GuardSpec(
    file="gate.npz",
    network="gate.tflite",
    input=ImageInput(height=4, width=4),
    neighbours=3,
    doubt=0.1,
    modality=Limit(threshold=0.0, scale=0.5),
    distance=Limit(threshold=0.2, scale=0.02),
    true_positive_rate=0.98,
    fitted_on="val",
    samples=20,
)
SURE, UNSURE = np.array([1.0, 0.0]), np.array([0.5, 0.5])


def judged(features: np.ndarray, probabilities: np.ndarray = SURE) -> Outlier:
    guard = Guard(ARRAYS, lambda batch: {"features": features[None].astype(np.float32)}, SPEC)
    return guard(Image.new("RGB", (4, 4)), probabilities)


def test_one_of_its_own_passes() -> None:
    assert not judged(BANK[0]).refused


def test_another_kind_is_refused_by_what_was_taught() -> None:
    near = SPEC.model_copy(update={"distance": Limit(threshold=5.0, scale=1.0)})
    guard = Guard(ARRAYS, lambda batch: {"features": np.eye(8, dtype=np.float32)[7:] * 9}, near)
    told = guard(Image.new("RGB", (4, 4)), SURE)
    assert told.refused
    assert told.stage == "modality"


def test_what_nobody_thought_of_is_refused_by_its_distance() -> None:
    told = judged(np.eye(8)[3] * 9 + np.eye(8)[0])
    assert told.refused
    assert told.stage == "distance"


def test_doubt_counts_against_a_picture() -> None:
    assert judged(BANK[0], UNSURE).score >= judged(BANK[0], SURE).score


def test_distance_is_to_the_nth_neighbour() -> None:
    likeness = np.sort((directions(BANK[:1]) @ ARRAYS.bank.T)[0])
    assert ARRAYS.distance(BANK[:1], 3)[0] == pytest.approx(1 - likeness[-3], abs=1e-6)


@pytest.mark.parametrize(("raw", "wanted"), [(0.2, 0.5), (1e9, 1.0), (-1e9, 0.0)])
def test_scores_stay_between_0_and_1(raw: float, wanted: float) -> None:
    assert score(raw, SPEC.distance) == pytest.approx(wanted)


def test_arrays_survive_being_kept() -> None:
    again = GuardArrays.load(ARRAYS.save())
    assert np.allclose(again.bank, ARRAYS.bank, atol=1e-3)


def _npz(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


WHOLE = {name: getattr(ARRAYS, name) for name in ("center", "scale", "modality", "modality_bias", "bank")}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a zip",
        ARRAYS.save()[:200],
        _npz(center=np.zeros(8)),
        _npz(**WHOLE | {"scale": np.zeros(8)}),
        _npz(**WHOLE | {"bank": np.zeros((3, 7))}),
        _npz(**WHOLE | {"modality": np.full(8, np.nan)}),
        _npz(**WHOLE | {"center": np.array([{"a": 1}] * 8, dtype=object)}),
    ],
)
def test_what_is_no_gate_is_refused(data: bytes) -> None:
    with pytest.raises(BundleError, match="gate"):
        GuardArrays.load(data)
