"""Runs the frozen blocks once for every copy of every picture, and keeps what comes out in memory.

On a CPU the lower blocks cost most of the time and change least. They run in LiteRT, one picture and one thread at a
time on every core, which is several times faster than TensorFlow and is the arithmetic of serving.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from shared.manifest import ImageInput
from training.augment import augment
from training.dataset import Split, normalise
from training.export import to_litert
from training.network import Network
from training.recipes import Recipe

Pixels = NDArray[np.uint8]
Activations = NDArray[np.float16]


class Frozen:
    """The frozen blocks of ``network``; its interpreters are one a thread."""

    def __init__(self, network: Network, spec: ImageInput) -> None:
        frozen = network.frozen
        shape = (spec.height, spec.width, 3)
        self._weights = to_litert([frozen], lambda image: {"out": frozen(image, training=False)}, shape, half=False)
        self._spec = spec
        self._shape = tuple(frozen.output.shape[1:])
        self._threads = local()

    def __call__(self, pixels: Pixels) -> Activations:
        """(h, w, 3) → (height, width, channels)."""
        if not hasattr(self._threads, "run"):
            self._threads.interpreter = Interpreter(model_content=self._weights, num_threads=1)
            self._threads.run = self._threads.interpreter.get_signature_runner()
        answer: Any = self._threads.run(image=normalise(pixels[None], self._spec))
        return np.asarray(answer["out"][0], dtype=np.float16)

    def empty(self, *leading: int) -> Activations:
        """An array for results, of shape (*leading, height, width, channels)."""
        return np.empty((*leading, *self._shape), np.float16)


def activations(frozen: Frozen, pixels: Pixels, threads: int) -> Activations:
    """What the frozen blocks make of undisturbed ``pixels``: (n, height, width, channels)."""
    result = frozen.empty(len(pixels))
    _for_each(len(pixels), threads, lambda index: result.__setitem__(index, frozen(pixels[index])))
    return result


def cache(frozen: Frozen, train: Split, recipe: Recipe, threads: int) -> Activations:
    """Activations of every copy of every picture: (copies, n, height, width, channels); copy 0 is the picture."""
    n = len(train.y)
    result = frozen.empty(recipe.copies, n)

    def one(job: int) -> None:
        copy, index = divmod(job, n)
        result[copy, index] = frozen(_copy(train.pixels[index], recipe, copy, index))

    _for_each(recipe.copies * n, threads, one)
    return result


def _copy(pixels: Pixels, recipe: Recipe, copy: int, index: int) -> Pixels:
    """Each copy from a seed of its own: the same whatever thread makes it."""
    if copy == 0:
        return pixels
    return augment(pixels, recipe.augmentation, np.random.default_rng((recipe.seed, copy, index)))


def _for_each(jobs: int, threads: int, work: Any) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(jobs)):
            pass
