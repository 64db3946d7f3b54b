"""What a configuration may name."""

from __future__ import annotations

from typing import Any

import pytest

from training.importing.errors import Refused
from training.importing.keras_config import check_config, layers


def model(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"layers": list(nodes)}}


@pytest.mark.parametrize(
    "node",
    [
        {"class_name": "Dense", "config": {"activation": "softmax"}},
        {"class_name": "Dense", "module": "keras.layers", "registered_name": None, "config": {}},
        {"class_name": "Functional", "module": "keras.src.models.functional", "registered_name": "Functional"},
        {"class_name": "Functional", "module": "keras.src.engine.functional", "registered_name": "Functional"},
        {"class_name": "GlorotUniform", "module": "keras.initializers"},
        {"class_name": "DTypePolicy", "module": "keras"},
        {"class_name": "Multiply", "module": "keras.src.ops.numpy"},
        {"class_name": "function", "module": "builtins", "config": "relu", "registered_name": "function"},
        {"class_name": "TFOpLambda", "config": {"function": "math.truediv"}},
        {"class_name": "SlicingOpLambda", "config": {"function": "__operators__.getitem"}},
    ],
)
def test_keras_own_parts_pass(node: dict[str, Any]) -> None:
    check_config(model(node))
    assert layers(model(node)) == [node["class_name"]]


@pytest.mark.parametrize(
    "node",
    [
        {"class_name": "Lambda", "config": {"function": ["4wEAAAAA", None, None]}},
        {"class_name": "Lambda", "module": "keras.layers"},
        {"class_name": "layers.Lambda", "module": "keras"},
        {"class_name": "utils.get_file", "module": "keras"},
        {"class_name": "__lambda__", "config": {"value": "4wEAAAAA"}},
        {"class_name": "TFSMLayer", "module": "keras.layers", "config": {"filepath": "/etc"}},
        {"class_name": "TorchModuleWrapper", "module": "keras.layers"},
        {"class_name": "__typespec__", "spec_name": "TensorSpec"},
        {"class_name": "system", "module": "os", "config": "touch canary"},
        {"class_name": "function", "module": "os", "config": "system"},
        {"class_name": "eval", "module": "builtins", "config": "1"},
        {"class_name": "get_file", "module": "keras.utils", "config": {"origin": "file:///etc/passwd"}},
        {"class_name": "Popen", "module": "subprocess"},
        {"class_name": "Mine", "module": "keras.layers.evil/../os"},
        {"class_name": "Mine", "module": "kerasx.layers"},
        {"class_name": "Mine", "module": None, "registered_name": "Mine>Mine"},
        {"class_name": "function", "module": "builtins", "config": {"code": "…"}},
        {"class_name": "TFOpLambda", "config": {"function": "io.write_file"}},
        {"class_name": "TFOpLambda", "config": {"function": "py_function"}},
        {"class_name": ["Dense"]},
    ],
)
def test_all_else_is_refused_however_deep(node: dict[str, Any]) -> None:
    for hidden in (node, {"class_name": "Dense", "config": {"kernel_initializer": {"x": [1, [node]]}}}):
        with pytest.raises(Refused):
            check_config(model(hidden))


def test_what_is_no_configuration() -> None:
    for wrong in ([], {}, "Sequential", None):
        with pytest.raises(Refused):
            check_config(wrong)


def test_depth_ends() -> None:
    deep: Any = {"class_name": "Dense"}
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Refused, match="deeply"):
        check_config(model({"class_name": "Dense", "config": deep}))
