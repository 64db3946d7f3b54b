"""One picture through the gateway, beside Keras's `predict` of the same network, in turn, in one run."""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.system import running

_SIDE = 224
_WARM_UP = 20
_BLOCK = 10


def main(rounds: int) -> None:
    data = picture()
    print(f"## Latency\n\nOne {_SIDE}×{_SIDE} JPEG of {len(data) / 1000:.0f} kB, {rounds} times each,")
    print(f"in blocks of {_BLOCK} in turn.\n")
    keras_predict = keras_model()
    with running("tumor") as client:

        def ours() -> None:
            client.post("/api/predict/tumor", files={"file": ("a.jpg", data)}).raise_for_status()

        times = measure(
            {"gateway → service → answer": ours, "Keras `predict`, an array in memory": keras_predict}, rounds
        )
    report(times)


def picture() -> bytes:
    """A JPEG of about 150 kB: noise at full quality."""
    noise = np.random.default_rng(0).integers(0, 256, (_SIDE, _SIDE, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", quality=97, subsampling=0)
    return buffer.getvalue()


def keras_model() -> Callable[[], None]:
    """The network of the tumor bundle in Keras, as the original system would call it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    from training.network import build
    from training.recipes import RECIPES

    parts = build(RECIPES["tumor"], 4)
    pool = keras.layers.GlobalAveragePooling2D()
    model: Any = keras.Sequential([keras.Input((_SIDE, _SIDE, 3)), parts.frozen, parts.tuned, pool, parts.head])
    array = np.random.default_rng(0).random((1, _SIDE, _SIDE, 3), dtype=np.float32)

    def predict() -> None:
        model.predict(array, verbose=0)

    return predict


def measure(calls: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each call, in blocks in turn, so that a slow moment of the machine hits all of them.

    Blocks, and the first of each left out, because TensorFlow's threads spin on for a while after a call.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for at in range(-_WARM_UP, rounds, _BLOCK):
        for name, call in calls.items():
            for number in range(_BLOCK + 1):
                started = time.perf_counter()
                call()
                if at >= 0 and number:
                    times[name].append((time.perf_counter() - started) * 1000)
    return times


def report(times: dict[str, list[float]]) -> None:
    print("| what | p50, ms | p95, ms |\n| --- | --- | --- |")
    for name, values in times.items():
        print(f"| {name} | {statistics.median(values):.1f} | {statistics.quantiles(values, n=20)[-1]:.1f} |")
    ours, theirs = (statistics.median(values) for values in times.values())
    print(f"\nKeras takes **{theirs / ours:.1f}×** as long (p50).\n")
