"""Reads a Keras model's configuration before anything is built from it, and refuses all but Keras's own parts.

A configuration names classes by module and name, and Keras imports and calls what is named: Lambda layers hold
Python bytecode, and a module such as ``os`` would be called just as well (CVE-2024-3660, CVE-2025-1550).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from training.importing.errors import Refused

_CODE = frozenset({"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "__typespec__"})
_KERAS = ("layers", "models", "initializers", "regularizers", "constraints", "activations", "dtype_policies", "random",
          "mixed_precision")  # fmt: skip
_ENGINE = r"engine\.(functional|sequential|training)"
_MODULE = re.compile(rf"(tf_)?keras(\.src)?\.({'|'.join((*_KERAS, 'ops', _ENGINE))})(\.\w+)*")
_NO_MODULE = ("keras", None)
_FUNCTIONS = re.compile(r"(math|nn|__operators__)\.\w+|cast|clip_by_value|concat|expand_dims|identity|reshape|squeeze")
_OPERATIONS = frozenset({"TFOpLambda", "SlicingOpLambda"})
_DEEPEST = 200


def check_config(config: Any) -> None:
    """Raises Refused for a configuration with code in it, with classes not Keras's own, or nested too deeply."""
    if not isinstance(config, dict) or "class_name" not in config:
        raise Refused("the model's configuration is none of Keras")
    for node in _nodes(config):
        if "class_name" in node:
            _check_class(node)


def layers(config: dict[str, Any]) -> list[str]:
    """The class of every layer, in the order of the configuration, those of nested models, too."""
    return [
        str(node["class_name"])
        for inner in _nodes(config)
        if isinstance(inner.get("layers"), list)
        for node in inner["layers"]
        if isinstance(node, dict) and "class_name" in node
    ]


def _nodes(root: Any) -> Iterator[dict[str, Any]]:
    pending = [(root, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > _DEEPEST:
            raise Refused("the model's configuration is nested too deeply")
        if isinstance(node, dict):
            yield node
        if isinstance(node, dict | list):
            pending.extend((child, depth + 1) for child in (node.values() if isinstance(node, dict) else node))


def _check_class(node: dict[str, Any]) -> None:
    name, module, registered = node["class_name"], node.get("module"), node.get("registered_name")
    if not isinstance(name, str) or not re.fullmatch(r"\w+", name) or name in _CODE:
        raise Refused(f"the model holds code: {name!r} is not loaded")
    if not (module in _NO_MODULE or (module, name) == ("builtins", "function") or _is_keras(module)):
        raise Refused(f"the model wants {name!r} of the module {module!r}, which is not Keras's own")
    if registered is not None and ">" in str(registered) and not str(registered).startswith(("keras>", "Keras>")):
        raise Refused(f"the model wants the class {registered!r}, which is not Keras's own")
    if name == "function" and not re.fullmatch(r"\w+", str(node.get("config"))):
        raise Refused("the model holds a function that is not one of Keras's activations")
    if name in _OPERATIONS:
        _check_operation(node.get("config"))


def _is_keras(module: Any) -> bool:
    return isinstance(module, str) and _MODULE.fullmatch(module) is not None


def _check_operation(config: Any) -> None:
    function = config.get("function", "__operators__.getitem") if isinstance(config, dict) else None
    if not isinstance(function, str) or not _FUNCTIONS.fullmatch(function):
        raise Refused(f"the model calls TensorFlow's {function!r}, which is not allowed in a layer")
