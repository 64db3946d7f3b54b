"""An XGBoost model out of a pickle: of all that a pickle can name, only numbers and XGBoost's own parts are let in.

Those are not built either: their states are kept as plain dictionaries, from which the trees are taken.
"""

from __future__ import annotations

import importlib
import pickle  # noqa: TID251 - nothing is found by name but what _PLAIN and _KEPT list
from pathlib import Path
from typing import Any

from training.importing.errors import Refused

_KEPT = frozenset(
    {("xgboost.sklearn", "XGBClassifier"), ("xgboost.core", "Booster"), ("xgboost.compat", "XGBoostLabelEncoder")}
)
_ARRAYS = {(f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")}
_PLAIN = frozenset(
    {
        ("builtins", "bytearray"),
        ("builtins", "object"),
        ("copyreg", "_reconstructor"),
        ("_codecs", "encode"),
        ("collections", "OrderedDict"),
    }
)
_RENAMED = {"__builtin__": "builtins", "copy_reg": "copyreg"}  # in the older protocols
_NUMPY = frozenset({*_ARRAYS, ("numpy", "dtype"), ("numpy", "ndarray")})


class Kept:
    """Stands for an object of XGBoost: its state, and nothing that runs."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        module = _RENAMED.get(module, module)
        if (module, name) in _KEPT:
            return Kept
        if (module, name) in _PLAIN | _NUMPY:
            return getattr(importlib.import_module(module), name)
        raise Refused(f"the pickle wants {module}.{name}, which no XGBoost classifier needs; it was not run")

    def persistent_load(self, pid: Any) -> Any:
        raise Refused("the pickle refers to something outside of it")


def read_pickle(path: Path) -> bytes:
    """What XGBoost serialised of the trees. Raises Refused for every other pickle, before anything of it runs."""
    try:
        with path.open("rb") as file:
            found = _Reader(file).load()
    except Refused:
        raise
    except Exception as error:
        # a damaged file may fail in any way, and what the library says of it is the reason
        raise Refused(f"{path.name} is no whole pickle: {type(error).__name__}: {error}") from error
    return _trees(found)


def _trees(found: Any) -> bytes:
    """Of a Booster, or of a classifier that holds one."""
    state = found.state if isinstance(found, Kept) else None
    if isinstance(state, dict) and isinstance(state.get("_Booster"), Kept):
        state = state["_Booster"].state
    handle = state.get("handle") if isinstance(state, dict) else None
    if not isinstance(handle, bytearray | bytes):
        raise Refused("the pickle holds no fitted XGBoost classifier")
    return bytes(handle)
