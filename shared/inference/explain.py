"""Why the model says what it says, from what it has computed anyway: no gradients, no second pass.

Class activation maps (Zhou et al. 2016): with a global-average-pooling head the logit of a class is the mean of its
map, so the map says what each part of the picture added to it. SHAP values (Lundberg & Lee 2017) of trees are exact
(TreeSHAP), and XGBoost's own.
"""

from __future__ import annotations

import base64
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from shared.backends import Outputs, Runner
from shared.contract import Explanation
from shared.imaging.overlay import heat_overlay
from shared.imaging.tensor import field_of_view
from shared.inference.prepare import Prepared
from shared.manifest import ImageInput, Signature


@runtime_checkable
class Explainer(Protocol):
    """A runner that can also say what each number adds."""

    def contributions(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """(f,) → (k, f + 1): what each number adds to the logits, and last what they are without any."""
        ...


def explain(
    runner: Runner, outputs: Outputs, prepared: Prepared, signature: Signature, labels: tuple[str, ...], best: int
) -> Explanation | None:
    """Of one picture's ``outputs`` (no batch axis), for class ``best``; None where the model cannot say."""
    if prepared.size and "cam" in outputs and isinstance(signature.input, ImageInput):
        shown = field_of_view(prepared.size, signature.input)
        png = heat_overlay(class_map(outputs["cam"], best), prepared.size, shown)
        return Explanation(method="cam", target=labels[best], image_png_base64=base64.b64encode(png).decode())
    if isinstance(runner, Explainer) and not isinstance(signature.input, ImageInput):
        return _shap(runner, prepared, signature, labels, best)
    return None


def class_map(cam: NDArray[np.float32], best: int) -> NDArray[np.float32]:
    """(h, w, k) → (h, w): what speaks for class ``best`` against the others' mean; softmax sees only the difference."""
    others = (cam.sum(axis=2) - cam[..., best]) / (cam.shape[2] - 1)
    return np.asarray(cam[..., best] - others, dtype=np.float32)


def _shap(
    runner: Explainer, prepared: Prepared, signature: Signature, labels: tuple[str, ...], best: int
) -> Explanation:
    temperature = signature.calibration.temperature if signature.calibration else 1.0
    logits = runner.contributions(prepared.numbers) / temperature
    others = (logits.sum(axis=0) - logits[best]) / (len(logits) - 1)
    *added, baseline = (round(float(value), 4) for value in logits[best] - others)
    assert not isinstance(signature.input, ImageInput)  # noqa: S101 - the caller has looked
    return Explanation(
        method="shap",
        target=labels[best],
        contributions=dict(zip(signature.input.names, added, strict=True)),
        baseline=baseline,
    )
