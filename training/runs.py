"""One training run from a data folder to a bundle on disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training import metrics
from training.activations import Frozen, activations, cache
from training.calibrate import fit_conformal, fit_temperature, softmax, specificity_bias
from training.crossval import out_of_fold_logits, similarity_groups
from training.dataset import Split, load_split, normalise, service_definition
from training.determinism import THREADS
from training.export import convert
from training.fit import fit
from training.litert import run_litert
from training.network import Network, build
from training.recipes import Recipe
from training.store import Contents, write_bundle

Log = Callable[[str], None]
Logits = NDArray[np.float32]

_AGREEMENT = 0.02  # what float16 weights may move a probability by: the tolerance of a bundle's own golden check


@dataclass(frozen=True)
class Fitted:
    """A trained network and held-out logits to calibrate it on; ``fitted_on`` names the pictures behind them."""

    network: Network
    logits: Logits
    y: NDArray[np.int64]
    fitted_on: str
    facts: dict[str, Any] = field(default_factory=dict)


def train(recipe: Recipe, data: Path, out: Path, log: Log = print) -> Path:
    """Trains, calibrates, exports and checks a model; the folder of the bundle it wrote.

    Raises FileNotFoundError when a class has no pictures, RuntimeError when LiteRT disagrees with Keras.
    """
    started = time.monotonic()
    service = service_definition(recipe.model)
    splits = {name: load_split(data, name, service, recipe.input) for name in ("train", "val")}
    log(f"{recipe.model}: {len(splits['train'].y)} train, {len(splits['val'].y)} val pictures")
    fitted = (_fit_with_folds if recipe.folds else _fit_once)(recipe, splits["train"], splits["val"], log)
    bias = _decision_bias(recipe, fitted)
    weights = convert(fitted.network, bias)
    check_agreement(fitted.network, weights, bias, normalise(splits["val"].pixels[::4], recipe.input))
    folder = write_bundle(out, service, _calibrated(recipe, weights, fitted, bias, log))
    log(f"wrote {folder} in {time.monotonic() - started:.0f} s")
    return folder


def check_agreement(network: Network, weights: bytes, bias: Logits, pictures: NDArray[np.float32]) -> None:
    """Raises RuntimeError when a probability of the LiteRT file is not that of the Keras network."""
    expected = np.concatenate([network.logits(network.frozen(x[None], training=False).numpy()) for x in pictures])
    found = run_litert(weights, pictures)["logits"]
    gap = float(np.abs(softmax(found) - softmax(expected + bias)).max())
    if gap > _AGREEMENT:
        raise RuntimeError(f"LiteRT and Keras differ by {gap:.3f} in a probability")


def _fit_once(recipe: Recipe, train_split: Split, val_split: Split, log: Log) -> Fitted:
    """Train on ``train``, calibrate on ``val``."""
    network = build(recipe, int(train_split.y.max()) + 1)
    frozen = Frozen(network, recipe.input)
    held_out = activations(frozen, val_split.pixels, THREADS)
    cached = cache(frozen, train_split, recipe, THREADS)
    log(f"cached {cached.shape[0]} copies, {cached.nbytes / 1e9:.2f} GB")
    fit(network, cached, train_split.y, recipe, log)
    return Fitted(network, network.logits(held_out), val_split.y, "val")


def _fit_with_folds(recipe: Recipe, train_split: Split, val_split: Split, log: Log) -> Fitted:
    """For a small set: train on ``train`` and ``val``, calibrate on what each fold said of pictures it never saw."""
    both = train_split.join(val_split)
    network = build(recipe, int(both.y.max()) + 1)
    cached = cache(Frozen(network, recipe.input), both, recipe, THREADS)
    groups = similarity_groups(network.features(cached[0]))
    log(f"{len(both.y)} pictures in {groups.max() + 1} groups, the largest of {np.bincount(groups).max()}")
    logits = out_of_fold_logits(cached, both.y, groups, recipe, log)
    network = build(recipe, int(both.y.max()) + 1)
    fit(network, cached, both.y, recipe, log)
    facts = {"cross_validation": {"folds": recipe.folds, "groups": int(groups.max()) + 1}}
    return Fitted(network, logits, both.y, "cross_validation", facts)


def _decision_bias(recipe: Recipe, fitted: Fitted) -> Logits:
    """(k,) to add to the logits: zero, or what keeps ``recipe.sensitivity`` of class 1 with the fewest false alarms."""
    bias = np.zeros(fitted.logits.shape[1], np.float32)
    if recipe.sensitivity:
        shift = specificity_bias(fitted.logits, fitted.y, recipe.sensitivity)
        bias[:] = (shift / 2, -shift / 2)
    return bias


def _calibrated(recipe: Recipe, weights: bytes, fitted: Fitted, bias: Logits, log: Log) -> Contents:
    logits = fitted.logits + bias
    calibration = fit_temperature(logits, fitted.y, fitted.fitted_on)
    probabilities = softmax(logits, calibration.temperature)
    conformal = fit_conformal(probabilities, fitted.y, fitted_on=fitted.fitted_on)
    report = metrics.evaluate(fitted.y, probabilities, tuple(service_definition(recipe.model).classes))
    log(f"{fitted.fitted_on}: accuracy {report.accuracy}, AUROC {report.auroc}, T {calibration.temperature}")
    facts = fitted.facts | {"decision_bias": [round(float(b), 4) for b in bias]}
    return Contents(recipe, weights, calibration, conformal, {fitted.fitted_on: report.to_dict()}, facts)
