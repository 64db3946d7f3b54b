"""The network in its two halves and head, and what it takes to start it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.checkpoint import imagenet_weights, load_into
from training.efficientnet import VARIANTS, build_frozen, build_tuned
from training.recipes import Recipe

_CHUNK = 32
_STANDARDIZED = 0.5  # a picture of unit variance has about twice the contrast of an ImageNet input


@dataclass(frozen=True)
class Network:
    """``frozen`` picture → activation, ``tuned`` activation → feature map, ``head`` pooled features → logits."""

    frozen: Any
    tuned: Any
    head: Any

    def logits(self, activation: NDArray[np.float16]) -> NDArray[np.float32]:
        """(n, k) for cached activations."""
        return np.asarray(self.head(self.features(activation)).numpy(), dtype=np.float32)

    def features(self, activation: NDArray[np.float16]) -> NDArray[np.float32]:
        """(n, d): the feature map's mean over height and width."""
        maps = (self.tuned(tf.cast(part, tf.float32), training=False) for part in _chunks(activation))
        return np.concatenate([tf.reduce_mean(part, axis=(1, 2)).numpy() for part in maps])


def build(recipe: Recipe, classes: int) -> Network:
    """The untrained network, with ImageNet weights where the recipe says so."""
    keras.utils.set_random_seed(recipe.seed)
    variant = VARIANTS[recipe.variant]
    frozen = build_frozen(variant, recipe.cut)
    tuned = build_tuned(variant, recipe.cut, frozen.output.shape[1:])
    head = keras.Sequential([keras.Input((variant.features,)), keras.layers.Dense(classes)], name="classifier")
    if recipe.pretrained:
        weights = imagenet_weights(recipe.variant)
        if recipe.standardize:
            weights["stem"] = (weights["stem"][0] * _STANDARDIZED, weights["stem"][1])
        load_into(frozen, weights)
        load_into(tuned, weights)
    return Network(frozen, tuned, head)


def _chunks(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    yield from (array[at : at + _CHUNK] for at in range(0, len(array), _CHUNK))
