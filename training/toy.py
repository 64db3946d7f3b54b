"""Builds the toy model that `make new-service` starts a service with: red or not, from the mean colour.

``python -m training.toy`` writes it anew; it is committed, so that a scaffold needs no TensorFlow.
"""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

SIDE = 32
TARGET = Path(__file__).resolve().parent.parent / "cli" / "template" / "model.tflite"


class Toy(tf.Module):  # type: ignore[misc]
    """Logits ``[0, 20 · (red − (green + blue) / 2)]`` of the picture's mean colour, pixels in 0…1."""

    @tf.function(input_signature=[tf.TensorSpec([1, SIDE, SIDE, 3], tf.float32, name="image")])  # type: ignore[untyped-decorator]
    def __call__(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
        weights = tf.constant([[0.0, 20.0], [0.0, -10.0], [0.0, -10.0]])
        feature_map = tf.nn.avg_pool2d(image, 8, 8, "VALID")
        features = tf.reduce_mean(feature_map, axis=[1, 2])
        return {"logits": tf.matmul(features, weights), "features": features, "feature_map": feature_map}


def build() -> bytes:
    """The model as a LiteRT flatbuffer."""
    toy = Toy()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([toy.__call__.get_concrete_function()], toy)
    return bytes(converter.convert())


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(build())
