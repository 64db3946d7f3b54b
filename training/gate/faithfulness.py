"""Whether a heat map shows what the model used: insertion and deletion (Petsiuk et al. 2018) against a random map.

The picture is taken apart cell by cell of the map, the hottest first, each cell replaced by a blurred copy of the
picture; and put together again in the same order. ``deletion`` is the mean probability of the explained class while
it goes (low is good), ``insertion`` while it comes back (high is good).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shared.bundle import Bundle
from shared.imaging.tensor import image_tensor
from shared.inference.explain import class_map
from shared.manifest import ImageInput, Signature
from training.calibrate import softmax
from training.gate.gallery import Uploads, seen
from training.litert import LiteRT
from training.metrics import mean_of

_PICTURES = 48
_STEPS = 10
_BLUR = 14  # pixels at 224: no finding is left
_SEED = 8
Pixels = NDArray[np.uint8]


def faithfulness(bundle: Bundle, signature: Signature, uploads: Uploads) -> dict[str, Any]:
    """Means with 95 % intervals; empty for a model without maps."""
    spec = signature.input
    if not isinstance(spec, ImageInput):
        return {}
    run, rng = LiteRT(bundle.read(signature.file)), np.random.default_rng(_SEED)
    if "cam" not in run.outputs:
        return {}
    temperature = signature.calibration.temperature if signature.calibration else 1.0
    step = max(1, len(uploads.files) // _PICTURES)
    rows = [_scores(run, spec, temperature, np.asarray(seen(data)), rng) for data in uploads.files[::step]]
    table = np.array(rows)  # (pictures, maps, deletion and insertion)
    gain = table[:, 0] - table[:, 1]
    return {
        "pictures": len(table),
        "deletion": {"map": mean_of(table[:, 0, 0]), "random": mean_of(table[:, 1, 0]), "gain": mean_of(-gain[:, 0])},
        "insertion": {"map": mean_of(table[:, 0, 1]), "random": mean_of(table[:, 1, 1]), "gain": mean_of(gain[:, 1])},
    }


def _scores(
    run: LiteRT, spec: ImageInput, temperature: float, pixels: Pixels, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Deletion and insertion of the heat map, and of a random one."""
    whole = run(_tensor(pixels, spec))
    best = int(whole["logits"][0].argmax())
    heat = class_map(whole["cam"][0], best)
    blurred = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(_BLUR)))

    def probability(mixed: Pixels) -> float:
        return float(softmax(run(_tensor(mixed, spec))["logits"], temperature)[0, best])

    found = []
    for order in (np.argsort(-heat, axis=None), rng.permutation(heat.size)):
        masks = [
            _mask(order[: round(heat.size * part / _STEPS)], heat.shape, pixels.shape) for part in range(_STEPS + 1)
        ]
        deletion = np.mean([probability(np.where(mask, blurred, pixels)) for mask in masks])
        insertion = np.mean([probability(np.where(mask, pixels, blurred)) for mask in masks])
        found.append((float(deletion), float(insertion)))
    return found


def _mask(cells: NDArray[np.int64], grid: tuple[int, ...], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(h, w, 1): the pixels of the cells."""
    chosen = np.zeros(grid, np.uint8)
    chosen.flat[cells] = 1
    grown = Image.fromarray(chosen).resize((shape[1], shape[0]), Image.Resampling.NEAREST)
    return np.asarray(grown, dtype=np.bool_)[..., None]


def _tensor(pixels: Pixels, spec: ImageInput) -> NDArray[np.float32]:
    return image_tensor(Image.fromarray(pixels), spec)[None]
