"""``python -m tests.support.original_models FOLDER NAME…``: model files as the original system's users hold them.

In a process of its own: neither TensorFlow's threads nor its warnings belong into the tests'. The weights are random,
the last layer's enlarged, so that answers differ from picture to picture.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras as keras3
import numpy as np
import tensorflow as tf
import tf_keras as keras2
from PIL import Image

from training.golden import golden_png

SIDE = 32
_GAIN = 40.0


def cnn(
    keras: Any, classes: int, side: int = 224, dense: int = 512, *, last: str = "softmax", channels: int = 3
) -> Any:
    """Four times convolution and pooling, flattened, two dense layers: Tumor.h5 and X-ray.h5."""
    layers, given = keras.layers, keras.Input((side, side, channels))
    x = given
    for filters in (8, 16, 16, 16):
        x = layers.MaxPooling2D()(layers.Conv2D(filters, 3, padding="same", activation="relu")(x))
    x = layers.Dense(dense, activation="relu")(layers.Flatten()(x))
    return enlarged(keras.Model(given, layers.Dense(classes, activation=last)(x)))


def densenet(keras: Any, units: tuple[int, ...], classes: int) -> Any:
    """DenseNet201, pooled, dense layers with dropout between: Model.h5 and DEPI_FINAL_MONKEYPOX_MODEL.h5."""
    layers = keras.layers
    base = keras.applications.DenseNet201(include_top=False, weights=None, input_shape=(224, 224, 3))
    x = layers.GlobalAveragePooling2D()(base.output)
    for count in units:
        x = layers.Dropout(0.5)(layers.Dense(count, activation="relu")(x))
    return centred(keras.Model(base.input, layers.Dense(classes, activation="softmax")(x)), keras.Model(base.input, x))


def pooled(keras: Any, classes: int = 4, *, before: Any = None) -> Any:
    """A small network with a head that can be explained."""
    layers, given = keras.layers, keras.Input((SIDE, SIDE, 3))
    x = layers.Conv2D(8, 3, strides=4, activation="relu")(before(given) if before else given)
    x = layers.Dense(6, activation="relu")(layers.GlobalAveragePooling2D()(x))
    return enlarged(keras.Model(given, layers.Dense(classes, activation="softmax")(x)))


def enlarged(model: Any) -> Any:
    kernel, bias = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel * _GAIN, bias])
    return model


def centred(model: Any, before: Any) -> Any:
    """Scales the last layer so that drawn pictures give logits about 0: an untrained deep network's are all alike."""
    pictures = np.stack([np.asarray(Image.open(io.BytesIO(golden_png(seed))), np.float32) / 255 for seed in range(6)])
    kernel, _ = model.layers[-1].get_weights()
    logits = np.asarray(before(pictures, training=False)) @ kernel
    spread = logits.std(axis=0).max()
    model.layers[-1].set_weights([2 * kernel / spread, -2 * logits.mean(axis=0) / spread])
    return model


def small(keras: Any, classes: int = 4, **rest: Any) -> Any:
    return cnn(keras, classes, SIDE, 16, **rest)


def tflite(model: Any, path: Path) -> None:
    path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())


def fixed_batch(path: Path) -> None:
    model = small(keras3)
    function = tf.function(lambda x: {"y": model(x)}, input_signature=[tf.TensorSpec((1, SIDE, SIDE, 3), tf.float32)])
    _save(model, function, path)


def not_for_litert(path: Path) -> None:
    """A graph with an operation that LiteRT does not have."""
    kernel = tf.Variable(np.random.default_rng(3).normal(size=(SIDE * SIDE * 3, 4)).astype(np.float32))

    def answer(x: Any) -> dict[str, Any]:
        flat = tf.reshape(x, (-1, SIDE * SIDE * 3))
        return {"y": tf.nn.softmax(tf.math.igamma(2.0, tf.matmul(flat, kernel) ** 2))}

    _save(kernel, tf.function(answer, input_signature=[tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32)]), path)


def writes_a_file(path: Path) -> None:
    """A graph that writes to the disk when it answers."""
    canary = str(path.parent / "canary")

    def answer(x: Any) -> dict[str, Any]:
        with tf.control_dependencies([tf.io.write_file(canary, "written")]):
            return {"y": tf.nn.softmax(tf.reshape(x, (-1, SIDE * SIDE * 3))[:, :4])}

    _save(None, tf.function(answer, input_signature=[tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32)]), path)


def saves_when_asked(path: Path) -> None:
    """A graph that answers and, with what every SavedModel has for its variables, writes a file meanwhile."""
    prefix = str(path.parent / "canary")

    def answer(x: Any) -> dict[str, Any]:
        flat = tf.reshape(x, (-1, SIDE * SIDE * 3))[:, :4]
        with tf.control_dependencies(
            [tf.raw_ops.SaveV2(prefix=prefix, tensor_names=["a"], shape_and_slices=[""], tensors=[flat])]
        ):
            return {"y": tf.nn.softmax(tf.math.igamma(2.0, flat))}

    _save(None, tf.function(answer, input_signature=[tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32)]), path)


def maps_a_file(path: Path) -> None:
    """A graph that maps a file of the system as its weights."""

    def answer(x: Any) -> dict[str, Any]:
        secret = tf.raw_ops.ImmutableConst(dtype=tf.float32, shape=[4], memory_region_name="/etc/passwd")
        return {"y": tf.nn.softmax(tf.reshape(x, (-1, SIDE * SIDE * 3))[:, :4] + secret)}

    _save(None, tf.function(answer, input_signature=[tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32)]), path)


def saved_graph(path: Path, answer: Callable[[Any], Any]) -> None:
    """A graph of ``answer``, given the first four values of each picture."""

    def given(x: Any) -> dict[str, Any]:
        return {"y": answer(tf.reshape(x, (-1, SIDE * SIDE * 3))[:, :4])}

    _save(None, tf.function(given, input_signature=[tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32)]), path)


def registers(values: Any) -> Any:
    """Hands what it is given to another machine."""
    data = tf.data.Dataset.range(1).map(lambda _: values)
    options = {"address": "127.0.0.1:9", "protocol": "grpc", "external_state_policy": 1}
    tf.raw_ops.RegisterDataset(dataset=data._variant_tensor, **options)
    return tf.nn.softmax(values)


def aborts(values: Any) -> Any:
    """Ends whoever runs it."""
    tf.cond(tf.shape(values)[0] > 99, lambda: tf.raw_ops.Abort(exit_without_error=True), lambda: tf.no_op())
    return tf.nn.softmax(values)


def nested(keras: Any, path: Path) -> None:
    """A backbone that scales, as most of those that are trained further."""
    layers, given = keras.layers, keras.Input((SIDE, SIDE, 3))
    inner = keras.Model(given, layers.Conv2D(8, 3, strides=4, activation="relu")(layers.Rescaling(1 / 255)(given)))
    outer = keras.Input((SIDE, SIDE, 3))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(inner(outer)))
    enlarged(keras.Model(outer, layers.Dense(4, activation="softmax")(x))).save(path)


def preprocessed(keras: Any) -> Any:
    return pooled(keras, before=keras.applications.mobilenet_v2.preprocess_input)


def mixed(path: Path) -> None:
    keras3.mixed_precision.set_global_policy("mixed_float16")
    try:
        pooled(keras3).save(path)
    finally:
        keras3.mixed_precision.set_global_policy("float32")


def small_logit(path: Path) -> None:
    """One linear number near 0.1, which looks like a share."""
    given = keras3.Input((SIDE, SIDE, 3))
    model = keras3.Model(given, keras3.layers.Dense(1)(keras3.layers.GlobalAveragePooling2D()(given)))
    model.layers[-1].set_weights([np.full((3, 1), 0.1, np.float32), np.zeros(1, np.float32)])
    model.save(path)


def dynamic_tflite(path: Path) -> None:
    given = keras2.Input((None, None, 3))
    x = keras2.layers.GlobalAveragePooling2D()(keras2.layers.Conv2D(8, 3, strides=4, activation="relu")(given))
    tflite(enlarged(keras2.Model(given, keras2.layers.Dense(4, activation="softmax")(x))), path)


def lambda_layer(keras: Any, path: Path) -> None:
    """A Lambda layer, whose bytecode writes a file."""
    canary = str(path.parent / "canary")
    layer = keras.layers.Lambda(
        lambda x, canary=canary: (open(canary, "w").close(), x)[1], output_shape=(SIDE, SIDE, 3)
    )
    pooled(keras, before=layer).save(path)
    Path(canary).unlink(missing_ok=True)  # written while it was built


def own_layer(path: Path) -> None:
    @keras3.saving.register_keras_serializable(package="Mine")
    class Mine(keras3.layers.Layer):
        def call(self, x: Any) -> Any:
            return x

    pooled(keras3, before=Mine()).save(path)


def _save(weights: Any, function: Any, path: Path) -> None:
    module = tf.Module()
    module.weights, module.function = weights, function
    tf.saved_model.save(module, str(path), signatures={"serving_default": function})


MAKERS: dict[str, Callable[[Path], Any]] = {
    "Model.h5": lambda path: densenet(keras2, (256,), 5).save(path),
    "DEPI_FINAL_MONKEYPOX_MODEL.h5": lambda path: densenet(keras2, (512, 256), 2).save(path),
    "Tumor.h5": lambda path: cnn(keras2, 4).save(path),
    "X-ray.h5": lambda path: cnn(keras3, 2).save(path),
    "pooled.h5": lambda path: pooled(keras2).save(path),
    "pooled.keras": lambda path: pooled(keras3).save(path),
    "sequential.h5": lambda path: keras2.Sequential([*pooled(keras2).layers]).save(path),
    "sigmoid.keras": lambda path: small(keras3, 1, last="sigmoid").save(path),
    "logits.keras": lambda path: small(keras3, last="linear").save(path),
    "many.keras": lambda path: small(keras3, last="sigmoid").save(path),
    "grey.h5": lambda path: small(keras2, channels=1).save(path),
    "rescales.keras": lambda path: pooled(keras3, before=keras3.layers.Rescaling(1 / 255)).save(path),
    "saved": lambda path: small(keras3).export(path, verbose=False),
    "saved-fixed": fixed_batch,
    "saved-other": not_for_litert,
    "saved-writes": writes_a_file,
    "saved-saves": saves_when_asked,
    "saved-maps": maps_a_file,
    "saved-registers": lambda path: saved_graph(path, registers),
    "saved-aborts": lambda path: saved_graph(path, aborts),
    "saved-sigmoid": lambda path: saved_graph(path, lambda values: tf.sigmoid(values[:, :1])),
    "nested.h5": lambda path: nested(keras2, path),
    "nested.keras": lambda path: nested(keras3, path),
    "preprocessed.h5": lambda path: pooled(keras2, before=keras2.applications.mobilenet_v2.preprocess_input).save(path),
    "preprocessed.keras": lambda path: pooled(keras3, before=keras3.applications.mobilenet_v2.preprocess_input).save(
        path
    ),
    "normalises.keras": lambda path: pooled(
        keras3, before=keras3.layers.Normalization(mean=[100.0] * 3, variance=[2500.0] * 3)
    ).save(path),
    "logit.keras": small_logit,
    "mixed.keras": mixed,
    "dynamic.tflite": dynamic_tflite,
    "softmax.tflite": lambda path: tflite(small(keras2), path),
    "sigmoid.tflite": lambda path: tflite(small(keras2, 1, last="sigmoid"), path),
    "logits.tflite": lambda path: tflite(small(keras2, last="linear"), path),
    "lambda2.h5": lambda path: lambda_layer(keras2, path),
    "lambda3.h5": lambda path: lambda_layer(keras3, path),
    "lambda.keras": lambda path: lambda_layer(keras3, path),
    "own.keras": own_layer,
    "weights.h5": lambda path: small(keras2).save_weights(path),
}


def main(folder: str, names: list[str]) -> None:
    for name in names:
        keras2.utils.set_random_seed(7)
        keras3.utils.set_random_seed(7)
        MAKERS[name](Path(folder) / name)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
