"""Keras → LiteRT: one file with one signature, float16 weights.

Outputs: ``logits`` (1, k), ``features`` (1, d) pooled, ``feature_map`` (1, h, w, d), and ``cam`` (1, h, w, k), the
class activation maps (Zhou et al. 2016), whose mean over h and w plus the head's bias are the logits.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.network import Network

SIGNATURE = "serving_default"


Function = Callable[[Any], dict[str, Any]]


def convert(network: Network, bias: NDArray[np.float32] | None = None) -> bytes:
    """The ``.tflite`` of ``network``; ``bias`` (k,) is added to its logits inside the graph."""
    shape = tuple(network.frozen.input.shape[1:])
    return to_litert([network.frozen, network.tuned], serving_function(network, bias), shape, half=True)


def to_litert(models: list[Any], function: Function, shape: tuple[int, ...], *, half: bool) -> bytes:
    """``function`` of one picture (1, *shape), with the weights of ``models``; as float16 when ``half``."""
    archive = keras.export.ExportArchive()
    for model in models:
        archive.track(model)
    picture = tf.TensorSpec((1, *shape), tf.float32, name="image")
    archive.add_endpoint(SIGNATURE, function, input_signature=[picture])
    with tempfile.TemporaryDirectory() as folder:
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[SIGNATURE])
        if half:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())


def serving_function(network: Network, bias: NDArray[np.float32] | None = None) -> Function:
    """Picture (n, h, w, 3), normalised → the four outputs by name."""
    kernel, offset = network.head.get_weights()
    offset = offset if bias is None else offset + bias

    def serve(image: Any) -> dict[str, Any]:
        feature_map = network.tuned(network.frozen(image, training=False), training=False)
        features = tf.reduce_mean(feature_map, axis=(1, 2))
        return {
            "logits": tf.matmul(features, kernel) + offset,
            "features": features,
            "feature_map": feature_map,
            "cam": tf.nn.conv2d(feature_map, kernel[None, None], 1, "VALID"),
        }

    return serve
