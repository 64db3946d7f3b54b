"""What every kind of network file is read as: a function from pictures to numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shared.backends.base import two_classes
from shared.inference.probabilities import softmax
from training.importing.errors import Refused
from training.importing.job import Pixels

Form = Literal["logits", "softmax", "sigmoid"]
Floats = NDArray[np.float32]
Head = Callable[[Any], dict[str, Any]]
DEFAULT_SIDE = 224


@dataclass(frozen=True)
class Network:
    """``answer`` takes pictures of ``shape`` (height, width, channels) as the file's author meant them, and gives
    (n, outputs) in ``form``; None where the file does not say. ``batch`` is how many it takes at once; None for any.

    ``head`` gives logits and what explains them, where the network's end allows it. ``keep`` holds the weights'
    variables. ``pixels`` are the values that the network wants, where its layers tell.
    """

    answer: Callable[[Any], Any]
    shape: tuple[int, int, int]
    keep: list[Any]
    form: Form | None = None
    batch: int | None = None
    head: Head | None = None
    pixels: Pixels | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def check_shape(shape: tuple[Any, ...], side: int | None) -> tuple[int, int, int]:
    """(batch, height, width, channels) → (height, width, channels), ``side`` where the file leaves it open.

    Raises Refused for what is no picture, and for another ``side`` than the file has.
    """
    if len(shape) != 4 or shape[3] not in (1, 3):
        raise Refused(f"the model takes {shape[1:]}; pictures, (height, width, 3) or (height, width, 1), are wanted")
    height, width = (have if have and have > 0 else side or DEFAULT_SIDE for have in shape[1:3])
    if side and (height, width) != (side, side):
        raise Refused(f"the model takes pictures of {height} × {width}; --size {side} does not fit")
    return int(height), int(width), int(shape[3])


def check_batch(batch: int | None) -> int | None:
    """Raises Refused for a network that takes several pictures at once, and never one."""
    if batch is None or batch in (1, -1):
        return None if batch == -1 else batch
    raise Refused(f"the model takes {batch} pictures at once, no more and no less; save it for any number")


def check_outputs(shape: tuple[Any, ...], labels: int) -> None:
    """Raises Refused when the file answers for another number of classes than there are labels."""
    if len(shape) != 2 or not shape[1]:
        raise Refused(f"the model gives {shape[1:]}; one number for each class is wanted")
    if (2 if shape[1] == 1 else shape[1]) != labels:
        raise Refused(f"the model tells {shape[1]} classes apart, there are {labels} labels; name them with --labels")


def form_of(answers: Floats) -> Form:
    """What (n, outputs) are, by their look. Raises Refused for shares that do not sum to 1, and for one number that
    may be a share as well as a logit.
    """
    if not np.isfinite(answers).all():
        raise Refused("the model gives numbers that are not finite")
    if answers.min() < 0 or answers.max() > 1:
        return "logits"
    if answers.shape[1] == 1:
        raise Refused("the model gives one number from 0 to 1, a share or a logit; say --output sigmoid, or logits")
    if np.abs(answers.sum(axis=1) - 1).max() > 1e-3:
        raise Refused("the model gives shares that do not sum to 1: more than one class may be true; or say --output")
    return "softmax"


def probabilities(answers: Floats, form: Form) -> NDArray[np.float64]:
    """(n, outputs) in ``form`` → (n, classes); one output is the second class. Raises Refused for other numbers."""
    rows = np.asarray(answers, dtype=np.float64)
    if not np.isfinite(rows).all() or (form != "logits" and (rows.min() < 0 or rows.max() > 1 + 1e-6)):
        raise Refused(f"the model's numbers are no {form}")
    if form == "softmax":
        return np.asarray(rows / rows.sum(axis=1, keepdims=True))
    if form == "sigmoid" and rows.shape[1] > 1:
        raise Refused("the model lets more than one class be true: a sigmoid for each; we serve one class of several")
    if form == "sigmoid":
        return np.concatenate([1 - rows, rows], axis=1)
    return np.stack([softmax(row, None) for row in two_classes(answers)])
