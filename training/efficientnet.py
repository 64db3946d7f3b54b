"""EfficientNet-Lite in Keras (Tan & Le 2019; the Lite family drops squeeze-and-excite and uses ReLU6).

There is no batch norm in the graph: its statistics stay those of ImageNet during fine-tuning, which makes it a
fixed scale and shift, so ``training.checkpoint`` folds it into the convolution before it. Layers are named as the
published checkpoints name them (``blocks.3.expand``), which is how weights find their place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import keras

# (kernel, stride, expansion, filters, repeats) of the seven stages of EfficientNet-B0
_STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
_STEM, _DIVISOR = 32, 8


@dataclass(frozen=True)
class Variant:
    """One size of the family; ``features`` is the width of the last convolution."""

    width: float = 1.0
    depth: float = 1.0
    size: int = 224
    features: int = 1280


VARIANTS = {
    "lite0": Variant(1.0, 1.0, 224),
    "lite1": Variant(1.0, 1.1, 240),
    "lite2": Variant(1.1, 1.2, 260),
    "tiny": Variant(0.25, 0.3, 64, 64),  # never published: small enough for a test to train
}


@dataclass(frozen=True)
class Block:
    """One inverted residual bottleneck."""

    name: str
    kernel: int
    stride: int
    expansion: int
    filters: int
    residual: bool


def blocks(variant: Variant) -> tuple[Block, ...]:
    """All blocks in order; first and last stage keep their depth in the Lite family."""
    found: list[Block] = []
    for stage, (kernel, stride, expansion, filters, repeats) in enumerate(_STAGES):
        fixed = stage in (0, len(_STAGES) - 1)
        for repeat in range(repeats if fixed else math.ceil(variant.depth * repeats)):
            name, width = f"blocks.{len(found)}", _round_filters(filters, variant.width)
            found.append(Block(name, kernel, stride if repeat == 0 else 1, expansion, width, repeat > 0))
    return tuple(found)


def build_frozen(variant: Variant, cut: int) -> Any:
    """Picture (n, size, size, 3) → activation before block ``cut``; never trained."""
    picture = keras.Input((variant.size, variant.size, 3), name="image")
    x = _conv(picture, _STEM, 3, 2, "stem")
    for block in blocks(variant)[:cut]:
        x = _bottleneck(x, block)
    return keras.Model(picture, x, name="frozen", trainable=False)


def build_tuned(variant: Variant, cut: int, shape: tuple[int, int, int]) -> Any:
    """Activation of ``shape`` before block ``cut`` → feature map (n, h, w, features)."""
    activation = keras.Input(shape, name="activation")
    x = activation
    for block in blocks(variant)[cut:]:
        x = _bottleneck(x, block)
    x = _conv(x, variant.features, 1, 1, "head")
    return keras.Model(activation, x, name="tuned")


def _bottleneck(x: Any, block: Block) -> Any:
    y = x
    if block.expansion != 1:
        y = _conv(y, x.shape[-1] * block.expansion, 1, 1, f"{block.name}.expand")
    y = keras.layers.DepthwiseConv2D(block.kernel, block.stride, "same", name=f"{block.name}.depthwise")(y)
    y = keras.layers.ReLU(6.0, name=f"{block.name}.depthwise_relu6")(y)
    y = keras.layers.Conv2D(block.filters, 1, name=f"{block.name}.project")(y)
    return keras.layers.Add(name=f"{block.name}.add")([x, y]) if block.residual else y


def _conv(x: Any, filters: int, kernel: int, stride: int, name: str) -> Any:
    x = keras.layers.Conv2D(filters, kernel, stride, "same", name=name)(x)
    return keras.layers.ReLU(6.0, name=f"{name}_relu6")(x)


def _round_filters(filters: int, width: float) -> int:
    """The published rounding: to a multiple of 8, never down by more than a tenth."""
    wanted = filters * width
    rounded = max(_DIVISOR, int(wanted + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return rounded + _DIVISOR if rounded < 0.9 * wanted else rounded
