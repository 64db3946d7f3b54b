"""XGBoost, for models on numbers. Reads XGBoost's own UBJSON or JSON, never a pickle."""

from __future__ import annotations

import json

import numpy as np
import xgboost
from numpy.typing import NDArray

from shared.backends.base import Backend, Outputs, Runner, two_classes
from shared.backends.ubjson import check_ubjson
from shared.bundle import Bundle
from shared.errors import BundleError


class XGBoostBackend(Backend):
    max_batch = 256

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._weights = {name: bundle.read(signature.file) for name, signature in bundle.manifest.signatures.items()}

    def workers(self, cpus: int) -> int:
        return cpus

    def runner(self, signature: str) -> Runner:
        spec = self._bundle.manifest.signatures[signature].input
        if spec.kind == "image":
            raise BundleError("XGBoost takes numbers, not pixels")
        try:
            check_weights(self._weights[signature])
            booster = xgboost.Booster({"nthread": 1}, model_file=bytearray(self._weights[signature]))
        except (xgboost.core.XGBoostError, ValueError) as error:
            raise BundleError(f"XGBoost cannot load the weights: {str(error).splitlines()[0]}") from error
        if booster.num_features() != len(spec.names):
            raise BundleError(f"the weights take {booster.num_features()} numbers, the manifest {len(spec.names)}")
        return _XGBoostRunner(booster)

    def close(self) -> None:
        self._weights.clear()


def check_weights(weights: bytes) -> None:
    """Raises ValueError for what is neither whole JSON nor whole UBJSON: XGBoost itself would end the process."""
    if weights.lstrip()[:2] in (b'{"', b"{}"):
        json.loads(weights)
    else:
        check_ubjson(weights)


class _XGBoostRunner:
    def __init__(self, booster: xgboost.Booster) -> None:
        self._booster = booster

    def __call__(self, batch: NDArray[np.float32]) -> Outputs:
        margin = self._booster.inplace_predict(batch, predict_type="margin", validate_features=False)
        margin = np.asarray(margin, dtype=np.float32).reshape(len(batch), -1)
        return {"logits": two_classes(margin)}  # binary:logistic gives one margin

    def contributions(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """(f,) → (k, f + 1): exact SHAP values of each class's logit, and last what it is without any number."""
        data = xgboost.DMatrix(numbers[None], nthread=1)
        found = self._booster.predict(data, pred_contribs=True, validate_features=False)
        found = np.asarray(found, dtype=np.float32).reshape(-1, len(numbers) + 1)
        return np.concatenate([np.zeros_like(found), found]) if len(found) == 1 else found
