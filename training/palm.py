"""Trains and packs ``palm_disease``: two small XGBoost models, on the features of a photo and on its five means.

Parameters are chosen by cross-validation over the people of train + val. The test split is only scored.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import xgboost
from numpy.typing import NDArray

from services.palm.definition import SERVICE
from services.palm.features import FEATURE_NAMES, MEAN_NAMES, extract, five_means
from shared.bundle import write_manifest
from shared.imaging.intake import decode_image
from shared.manifest import Calibration, Conformal, FeaturesInput, FileEntry, Golden, Manifest, Signature, TabularInput
from training import palm_card, palm_text
from training.calibrate import coverage, fit_conformal, fit_temperature, softmax
from training.metrics import auroc
from training.metrics import evaluate as score
from training.palm_data import CONTROL, People, load_people
from training.palm_model import Params, choose, fit, logits, margins, nested, out_of_fold
from training.palm_picture import hand_png

VERSION = "1.0.0"
SEED = 7
REPEATS = 5
SENSITIVITIES = (0.8, 0.9)
FITTED_ON = "train+val, out of fold"
FILES = {"image": "model.ubj", "means": "means.ubj"}
LABELS = tuple(SERVICE.classes)
evaluate = palm_card.evaluate


@dataclass(frozen=True)
class Trained:
    """One signature's model with what belongs to it."""

    booster: xgboost.Booster
    params: Params
    calibration: Calibration
    conformal: Conformal
    metrics: dict[str, Any]


def train(data: Path, out: Path, *, repeats: int = REPEATS) -> Path:
    """Writes the bundle ``out/palm/1.0.0`` and returns its folder.

    ``data`` is the ``hand_hb`` folder or the root above it; ``repeats`` of the cross-validation.
    """
    people, test = load_people(data, "train").join(load_people(data, "val")), load_people(data, "test")
    print(f"{SERVICE.service}: {len(people.y)} people to train on, {len(test.y)} to test")
    trained = {name: _train_one(people, test, name, repeats) for name in FILES}
    root = out / SERVICE.service / VERSION
    root.mkdir(parents=True, exist_ok=True)
    (root / "golden.png").write_bytes(hand_png())
    for name, model in trained.items():
        (root / FILES[name]).write_bytes(bytes(model.booster.save_raw("ubj")))
    control = {"cross_validation": _cross_validation(people, CONTROL, repeats)}
    write_manifest(root, _manifest(root, trained, people, test, control))
    return root


def _train_one(people: People, test: People, name: str, repeats: int) -> Trained:
    """Chooses and fits on train + val; calibrates on out-of-fold margins; scores test last."""
    x, y = people.inputs[name], people.y
    params = choose(x, y, SEED, repeats)
    held = logits(out_of_fold(x, y, params, SEED))
    calibration = fit_temperature(held, y, FITTED_ON)
    conformal = fit_conformal(softmax(held, calibration.temperature), y, fitted_on=FITTED_ON)
    booster = fit(x, y, params, SEED)
    found = softmax(logits(margins(booster, test.inputs[name])), calibration.temperature)
    covered, size = coverage(found, test.y, conformal)
    metrics = {
        "cross_validation": _cross_validation(people, name, repeats),
        "operating_points": operating_points(softmax(held, calibration.temperature)[:, 1], y),
        "test": score(test.y, found, LABELS).to_dict(),
        "test_prediction_sets": {"coverage": round(covered, 4), "mean_size": round(size, 4)},
    }
    return Trained(booster, params, calibration, conformal, metrics)


def _cross_validation(people: People, name: str, repeats: int) -> dict[str, Any]:
    """Nested: the repeat with the median AUROC in full, and the AUROC of each repeat."""
    runs = [softmax(logits(nested(people.inputs[name], people.y, SEED + repeat))) for repeat in range(repeats)]
    areas = [auroc(people.y, run) for run in runs]
    print(f"{name}: AUROC by nested cross-validation {', '.join(f'{area:.3f}' for area in areas)}")
    median = int(np.argsort(areas)[(repeats - 1) // 2])
    return {**score(people.y, runs[median], LABELS).to_dict(), "auroc_by_repeat": [round(area, 4) for area in areas]}


def operating_points(probability: NDArray[np.float64], y: NDArray[np.int64]) -> list[dict[str, float]]:
    """Where to call anaemia for a wanted sensitivity: the probability, and the specificity that it leaves."""
    points = []
    for wanted in SENSITIVITIES:
        cut = float(np.quantile(probability[y == 1], 1 - wanted, method="lower"))
        specificity = float((probability[y == 0] < cut).mean())
        points.append({"sensitivity": wanted, "probability": round(cut, 4), "specificity": round(specificity, 4)})
    return points


def _manifest(
    root: Path, trained: dict[str, Trained], people: People, test: People, control: dict[str, Any]
) -> Manifest:
    return Manifest(
        model=SERVICE.model,
        version=VERSION,
        created=datetime.now(UTC).date().isoformat(),
        runtime="xgboost",
        labels=LABELS,
        signatures={name: _signature(name, model, root) for name, model in trained.items()},
        default_signature="image",
        files={path: FileEntry.of((root / path).read_bytes()) for path in (*FILES.values(), "golden.png")},
        metrics={name: model.metrics for name, model in trained.items()} | {CONTROL: control},
        provenance=_provenance(trained, people, test),
    )


def _signature(name: str, model: Trained, root: Path) -> Signature:
    picture = decode_image((root / "golden.png").read_bytes())
    numbers = extract(picture) if name == "image" else np.array(five_means(picture), dtype=np.float32)
    found = softmax(logits(margins(model.booster, numbers[None])), model.calibration.temperature)[0]
    return Signature(
        file=FILES[name],
        input=FeaturesInput(names=FEATURE_NAMES) if name == "image" else TabularInput(names=MEAN_NAMES),
        calibration=model.calibration,
        conformal=model.conformal,
        golden=Golden(
            input="golden.png" if name == "image" else tuple(round(float(value), 6) for value in numbers),
            probabilities=tuple(round(float(value), 6) for value in found),
        ),
    )


def _provenance(trained: dict[str, Trained], people: People, test: People) -> dict[str, Any]:
    return {
        "data": {"source": palm_text.SOURCE, "licence": palm_text.LICENCE, "split": palm_text.SPLIT},
        "licence": "MIT",
        "people": {"train+val": len(people.y), "test": len(test.y), "anemia in train+val": int(people.y.sum())},
        "fitted on": "train+val; test is only scored, see the model card on 12 of its people",
        "parameters": {name: model.params.to_dict() for name, model in trained.items()},
        "seed": SEED,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "pillow": PIL.__version__,
            "xgboost": xgboost.__version__,
        },
        "command": palm_text.TRAIN,
    }
