"""Which pixel values a Keras network wants, told from what its layers do before the first that has weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from training.importing.errors import Refused
from training.importing.job import Pixels

_WEIGHTED = ("Conv", "DepthwiseConv", "SeparableConv", "Dense", "EinsumDense", "MultiHeadAttention", "LocallyConnected")
_RESCALES = frozenset({"Rescaling", "TrueDivide", "Divide", "Multiply", "Subtract"})
_CALLS = ("truediv", "divide", "multiply", "mul", "subtract", "sub")


def wanted_pixels(config: dict[str, Any]) -> Pixels | None:
    """``0-255`` for a network that scales by itself, None for one that does not.

    Raises Refused for a normalisation of its own that does not say what it is fed.
    """
    first = list(_before_weights(config))
    if any(_scales(node) for node in first):
        return "0-255"
    if any(node.get("class_name") == "Normalization" for node in first):
        raise Refused("the model normalises its pictures, and does not say from which values; say --pixels")
    return None


def _before_weights(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for node in _in_order(config):
        if str(node.get("class_name")).startswith(_WEIGHTED):
            return
        yield node


def _in_order(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The layers as pictures pass them, those of nested models in their place."""
    inner = config.get("config")
    for node in inner.get("layers", []) if isinstance(inner, dict) else []:
        if isinstance(node, dict):
            yield node
            yield from _in_order(node)


def _scales(node: dict[str, Any]) -> bool:
    inner = node.get("config")
    called = str(inner.get("function", "")) if isinstance(inner, dict) else ""
    return node.get("class_name") in _RESCALES or called.rpartition(".")[2] in _CALLS
