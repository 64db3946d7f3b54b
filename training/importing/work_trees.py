"""A model of numbers, behind the sandbox: read, asked, written as UBJSON."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.definition import FeatureExtractors
from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.imaging.intake import decode_image
from training.dataset import service_definition
from training.importing.errors import Refused
from training.importing.job import ANSWERS, INPUTS, Job, Report
from training.importing.trees import Trees, read_trees

_DRAWN = 64
_ALIASES = {"r": "red", "g": "green", "b": "blue", "s": "saturation", "sat": "saturation", "v": "brightness",
            "value": "brightness", "val": "brightness", "lightness": "brightness"}  # fmt: skip


def import_trees(job: Job, scratch: Path) -> Report:
    """Writes the weights, ``INPUTS`` (n, features) and the original's ``ANSWERS`` (n, classes). Raises Refused."""
    trees = read_trees(Path(job.file), pickled=job.kind == "pickle")
    if trees.classes != job.classes:
        raise Refused(f"the model tells {trees.classes} classes apart, there are {job.classes} labels")
    known = service_definition(job.service).features
    names = _names(trees, known)
    inputs = _inputs(job, scratch, names, known)
    answers = trees.answer(inputs)
    np.save(scratch / INPUTS, inputs)
    np.save(scratch / ANSWERS, answers)
    (scratch / "model.ubj").write_bytes(trees.weights())
    facts = {"format": "XGBoost", "objective": trees.objective, "rounds": trees.rounds}
    return Report(
        runtime="xgboost",
        weights="model.ubj",
        features=names,
        golden=tuple(answers[0].tolist()),
        numbers=tuple(inputs[-1].tolist()),
        golden_of_numbers=tuple(answers[-1].tolist()),
        facts=facts,
        notes=_notes(trees, names),
    )


def _names(trees: Trees, known: FeatureExtractors) -> tuple[str, ...]:
    """Which of the service's numbers the model takes. Raises Refused when none fit."""
    fits = [names for names in known if len(names) == trees.features]
    if not fits:
        counts = " or ".join(str(len(names)) for names in known) or "no"
        raise Refused(f"the model takes {trees.features} numbers, the service computes {counts}")
    for names in fits:
        taken = tuple(_plain(name) for name in trees.names)
        if set(taken) == set(names) and taken != names:
            raise Refused(f"the model takes its numbers in another order, {trees.names}, than the service, {names}")
    return fits[0]


def _plain(name: str) -> str:
    """``"Mean_Red"``, ``"R"`` → ``"red"``: how people call the five means."""
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word not in ("", "mean", "avg", "average")]
    return _ALIASES.get("_".join(words), "_".join(words))


def _notes(trees: Trees, names: tuple[str, ...]) -> tuple[str, ...]:
    if trees.names and tuple(map(_plain, trees.names)) != names:
        return (f"the model calls its numbers {', '.join(trees.names)}; they are taken for {', '.join(names)}",)
    return () if trees.names else (f"the model names no numbers; they are taken for {', '.join(names)}",)


def _inputs(job: Job, scratch: Path, names: tuple[str, ...], known: FeatureExtractors) -> NDArray[np.float32]:
    """The numbers of the sample pictures, the golden one first, then ones drawn from 0 to 1."""
    pictures = [decode_image((scratch / name).read_bytes(), max_pixels=DEFAULT_MAX_PIXELS) for name in job.samples]
    drawn = np.random.default_rng(0).random((_DRAWN, len(names)), dtype=np.float32)
    return np.concatenate([np.stack([known[names](picture) for picture in pictures]), drawn])
