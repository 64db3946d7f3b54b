"""Class activation maps of a network that ends in global average pooling and dense layers.

With one dense layer they are those of Zhou et al. 2016. With ReLU layers between, the end of the network still is
linear around each picture, so what a place adds to a logit is its features times the product of the weights whose
units are on: Draelos & Carin 2020 (HiResCAM, arXiv 2011.08891), without a gradient in the graph.
"""

from __future__ import annotations

import importlib
from typing import Any

from training.importing.network import Head

_ENDS = {"softmax", "sigmoid", "linear"}


def find_head(model: Any) -> Head | None:
    """The head of a Keras 2 or 3 model; None when it ends in another way."""
    dense: list[Any] = []
    tensor = model.outputs[0]
    while (layer := tensor._keras_history[0]) is not None:
        kind, activation = type(layer).__name__, getattr(getattr(layer, "activation", None), "__name__", "linear")
        if kind == "GlobalAveragePooling2D" and layer.data_format == "channels_last" and dense:
            return _head(_trunk(model, layer.input), dense)
        if kind == "Dense" and activation in (_ENDS if not dense else {"relu", "linear"}):
            dense.insert(0, layer)
        elif kind != "Dropout":
            return None
        tensor = layer.input
    return None


def _trunk(model: Any, feature_map: Any) -> Any:
    """The part up to ``feature_map``, made by the Keras that made ``model``."""
    keras = importlib.import_module(type(model).__module__.split(".")[0])
    return keras.Model(model.inputs, feature_map)


def _head(trunk: Any, dense: list[Any]) -> Head:
    import tensorflow as tf

    def head(pictures: Any) -> dict[str, Any]:
        feature_map = tf.cast(trunk(pictures, training=False), tf.float32)
        features = value = tf.reduce_mean(feature_map, axis=(1, 2))
        on = []
        for layer in dense:
            value = tf.matmul(value, tf.cast(layer.kernel, tf.float32)) + (layer.bias if layer.use_bias else 0.0)
            if layer is not dense[-1] and layer.activation.__name__ == "relu":
                on.append(tf.transpose(tf.cast(value > 0, tf.float32)))
                value = tf.nn.relu(value)
            else:
                on.append(None)
        slopes = _slopes(dense, on)
        places = tf.reshape(feature_map, (-1, feature_map.shape[3]))
        cam = tf.reshape(tf.matmul(places, slopes), (1, *feature_map.shape[1:3], slopes.shape[1]))
        return {"logits": value, "features": features, "cam": cam}

    return head


def _slopes(dense: list[Any], on: list[Any]) -> Any:
    """(d, k): how much each pooled feature adds to each logit, for one picture; ``on`` (units, 1) of each layer."""
    import tensorflow as tf

    slopes = tf.convert_to_tensor(dense[-1].kernel)
    for layer, units in zip(reversed(dense[:-1]), reversed(on[:-1]), strict=True):
        slopes = tf.matmul(layer.kernel, slopes if units is None else units * slopes)
    return slopes
