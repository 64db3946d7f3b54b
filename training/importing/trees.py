"""XGBoost's own files, and the trees out of a pickle, as a booster whose margins are logits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import xgboost
from numpy.typing import NDArray

from shared.backends.ubjson import check_ubjson
from shared.backends.xgboost import check_weights
from training.importing.errors import Refused
from training.importing.pickles import read_pickle

_OBJECTIVES = ("binary:logistic", "binary:logitraw", "multi:softprob", "multi:softmax")
_OWN = "save it with model.save_model('model.ubj') in the version of XGBoost that wrote it"


class Trees:
    """The model of a file: ``answer`` as the file's author got it, ``weights`` as they are served."""

    def __init__(self, booster: xgboost.Booster) -> None:
        config = json.loads(booster.save_config())["learner"]
        self.objective = str(config["objective"]["name"])
        if self.objective not in _OBJECTIVES:
            raise Refused(f"the model's objective is {self.objective}; one of {', '.join(_OBJECTIVES)} is wanted")
        self.classes = max(2, int(config["learner_model_param"]["num_class"]))
        self.names = tuple(booster.feature_names or ())
        best = booster.attr("best_iteration")  # of early stopping: the trees behind it are not used
        self._booster = booster[: int(best) + 1] if best else booster
        self._booster.feature_names = None

    @property
    def features(self) -> int:
        return int(self._booster.num_features())

    @property
    def rounds(self) -> int:
        return int(self._booster.num_boosted_rounds())

    def answer(self, numbers: NDArray[np.float32]) -> NDArray[np.float64]:
        """(n, features) → probabilities (n, classes), XGBoost's own."""
        objective = "multi:softprob" if self.classes > 2 or self.objective.startswith("multi") else "binary:logistic"
        self._booster.set_param({"objective": objective})
        rows = np.asarray(self._booster.predict(xgboost.DMatrix(numbers)), dtype=np.float64)
        return np.stack([1 - rows, rows], axis=1) if rows.ndim == 1 else rows

    def weights(self) -> bytes:
        """As UBJSON."""
        return bytes(self._booster.save_raw("ubj"))


def read_trees(path: Path, *, pickled: bool) -> Trees:
    """Raises Refused for a file that is not whole, or of another kind of model."""
    booster = xgboost.Booster()
    try:
        if pickled:
            serialised = read_pickle(path)
            check_ubjson(serialised)
            booster.__setstate__({"handle": bytearray(serialised)})
        else:
            check_weights(path.read_bytes())
            booster.load_model(bytearray(path.read_bytes()))
        return Trees(booster)
    except (xgboost.core.XGBoostError, ValueError, KeyError, RecursionError) as error:
        raise Refused(f"XGBoost cannot read {path.name}: {str(error).splitlines()[0][:200]}; {_OWN}") from error
