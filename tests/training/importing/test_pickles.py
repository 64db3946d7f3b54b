"""Of a pickle, the trees are taken, and nothing is run."""

from __future__ import annotations

import pickle  # noqa: TID251 - what users hold
from pathlib import Path

import numpy as np
import pytest
import xgboost
from numpy.typing import NDArray

from training.importing.errors import Refused
from training.importing.pickles import read_pickle
from training.importing.trees import read_trees

NUMBERS = np.random.default_rng(2).random((120, 5), dtype=np.float32)


def fitted(classes: int = 2, **rest: object) -> xgboost.XGBClassifier:
    model = xgboost.XGBClassifier(n_estimators=8, n_jobs=1, **rest)
    return model.fit(NUMBERS, np.arange(120) % classes)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_classifier_of_any_protocol(tmp_path: Path, protocol: int) -> None:
    model = fitted()
    _same(model.predict_proba(NUMBERS), _written(tmp_path, pickle.dumps(model, protocol)))


def test_a_bare_booster_and_more_classes(tmp_path: Path) -> None:
    model = fitted(3)
    _same(model.predict_proba(NUMBERS), _written(tmp_path, pickle.dumps(model.get_booster())))


def test_trees_behind_the_best_are_left(tmp_path: Path) -> None:
    model = xgboost.XGBClassifier(n_estimators=40, early_stopping_rounds=3, n_jobs=1)
    model.fit(NUMBERS[:60], np.arange(60) % 2, eval_set=[(NUMBERS[60:], np.arange(60) % 2)], verbose=False)
    assert model.best_iteration < 39
    _same(model.predict_proba(NUMBERS), _written(tmp_path, pickle.dumps(model)))


@pytest.mark.parametrize("ending", ["json", "ubj"])
def test_the_own_formats(tmp_path: Path, ending: str) -> None:
    model, file = fitted(), tmp_path / f"model.{ending}"
    model.save_model(file)
    np.testing.assert_allclose(read_trees(file, pickled=False).answer(NUMBERS), model.predict_proba(NUMBERS), atol=1e-6)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pickle.dumps({"a": 1}), "no fitted XGBoost classifier"),
        (pickle.dumps(xgboost.XGBClassifier()), "no fitted XGBoost classifier"),
        (pickle.dumps(fitted())[:-40], "no whole pickle"),
        (b"cos\nsystem\n(S'true'\ntR.", "posix.system|os.system"),
        (pickle.dumps(Path("/tmp")), "which no XGBoost classifier needs"),
        (b"\x80\x04\x95", "no whole pickle"),
        (b"Vpid\nQ.", "refers to something outside"),
    ],
)
def test_other_pickles(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_pickle(_written(tmp_path, content))


def test_other_objectives(tmp_path: Path) -> None:
    model = xgboost.XGBRegressor(n_estimators=2, n_jobs=1).fit(NUMBERS, NUMBERS[:, 0])
    model.save_model(tmp_path / "model.ubj")
    with pytest.raises(Refused, match="objective is reg:squarederror"):
        read_trees(tmp_path / "model.ubj", pickled=False)


def _written(folder: Path, content: bytes) -> Path:
    (folder / "model.pkl").write_bytes(content)
    return folder / "model.pkl"


def _same(wanted: NDArray[np.float32], file: Path) -> None:
    np.testing.assert_allclose(read_trees(file, pickled=True).answer(NUMBERS), wanted, atol=1e-6)
