"""The warm-up: a bundle serves only when it gives the answer that its manifest expects."""

from __future__ import annotations

import numpy as np

from shared.bundle import Bundle
from shared.errors import BundleError
from shared.inference.predictor import Predictor, Sample


def warm_up(bundle: Bundle, predictor: Predictor) -> None:
    """Runs the golden input of every signature. Raises BundleError when an answer is off by more than its tolerance."""
    for name, signature in bundle.manifest.signatures.items():
        golden = signature.golden
        payload = bundle.read(golden.input) if isinstance(golden.input, str) else golden.input
        (answer,) = predictor([Sample(name, payload)])
        if isinstance(answer, Exception):
            raise BundleError(f"the warm-up inference failed: {answer}")
        if len(answer.probabilities) != len(golden.probabilities):
            raise BundleError(f"the model has {len(answer.probabilities)} classes, not {len(golden.probabilities)}")
        off = float(np.abs(answer.probabilities - np.asarray(golden.probabilities)).max())
        if off > golden.tolerance:
            raise BundleError(f"the warm-up inference of '{name}' is off by {off:.3f}, more than {golden.tolerance}")
