"""The gate's eyes: EfficientNet-Lite0 as ImageNet left it, without a classifier, on small pictures."""

from __future__ import annotations

import tensorflow as tf

from shared.inference.guard import FEATURES
from shared.manifest import ImageInput
from training.checkpoint import imagenet_weights, load_into
from training.efficientnet import Variant, build_frozen, build_tuned
from training.export import to_litert

SIDE = 128  # a third of the time of 224, and no pair of modalities told worse: docs/training.md
INPUT = ImageInput(height=SIDE, width=SIDE, mean=(127.0, 127.0, 127.0), std=(128.0, 128.0, 128.0))
_CUT = 11
VARIANT = "lite0"


def gate_network() -> bytes:
    """The LiteRT file, float16 weights: picture → ``features`` (1, 1280)."""
    variant, weights = Variant(size=SIDE), imagenet_weights(VARIANT)
    lower = build_frozen(variant, _CUT)
    upper = build_tuned(variant, _CUT, lower.output.shape[1:])
    load_into(lower, weights)
    load_into(upper, weights)
    return to_litert(
        [lower, upper],
        lambda image: {FEATURES: tf.reduce_mean(upper(lower(image, training=False), training=False), axis=(1, 2))},
        (SIDE, SIDE, 3),
        half=True,
    )
