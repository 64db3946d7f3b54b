"""Reads a checked Keras file: with Keras 2 what Keras 2 wrote, with Keras 3 the rest."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from training.importing import archive, hdf5
from training.importing.errors import Refused
from training.importing.heads import find_head
from training.importing.job import Pixels
from training.importing.keras_config import check_config, layers
from training.importing.network import Form, Network, check_batch, check_outputs, check_shape
from training.importing.scales import wanted_pixels

_FORMS: dict[str, Form] = {"softmax": "softmax", "sigmoid": "sigmoid", "Softmax": "softmax", "linear": "logits"}


def read_hdf5(path: Path, classes: int, side: int | None, pixels: Pixels) -> Network:
    """A whole model as ``model.save("….h5")`` writes it. Raises Refused."""
    hdf5.check_hdf5(path)
    config, version = hdf5.model_config(path)
    check_config(config)
    told = wanted_pixels(config) if pixels == "auto" else pixels
    model = _load(path, two=not version.startswith("3"))
    return _network(model, len(layers(config)), f"HDF5 of Keras {version}", classes, side, told)


def read_archive(path: Path, scratch: Path, classes: int, side: int | None, pixels: Pixels) -> Network:
    """A ``.keras`` file. Raises Refused."""
    config, weights = archive.check_archive(path, scratch)
    check_config(config)
    hdf5.check_hdf5(weights)
    told = wanted_pixels(config) if pixels == "auto" else pixels
    two = str(config.get("module")).startswith(("keras.src.engine", "tf_keras"))
    kind = f".keras of Keras {2 if two else 3}"
    return _network(_load(path, two=two), len(layers(config)), kind, classes, side, told)


def _load(path: Path, *, two: bool) -> Any:
    keras = importlib.import_module("tf_keras" if two else "keras")
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        # a damaged file may fail in any way, and what the library says of it is the reason
        raise Refused(f"Keras cannot read {path.name}: {str(error).strip().splitlines()[0][:300]}") from error


def _network(model: Any, count: int, kind: str, classes: int, side: int | None, pixels: Pixels | None) -> Network:
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise Refused(f"the model takes {len(model.inputs)} inputs and gives {len(model.outputs)}; one each is wanted")
    check_outputs(tuple(model.outputs[0].shape), classes)
    return Network(
        answer=lambda pictures: _only(model(pictures, training=False)),
        shape=check_shape(tuple(model.inputs[0].shape), side),
        keep=[getattr(variable, "_value", variable) for variable in model.variables],
        form=_form(model),
        batch=check_batch(model.inputs[0].shape[0]),
        head=find_head(model),
        pixels=pixels,
        facts={"format": kind, "layers": count, "parameters": int(model.count_params())},
    )


def _form(model: Any) -> Form | None:
    """Told by the last layer; None where it does not tell."""
    last = model.outputs[0]._keras_history[0]
    activation = getattr(getattr(last, "activation", None), "__name__", type(last).__name__)
    return _FORMS.get(activation)


def _only(answers: Any) -> Any:
    """A network may name its one output."""
    return next(iter(answers.values())) if isinstance(answers, dict) else answers
