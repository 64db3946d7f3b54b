"""Threads, fixed seeds and deterministic kernels: set before TensorFlow does its first sum.

``TRAINING_THREADS`` is how many threads a run may use, two when it is not set. TensorFlow's sums may depend on their
number in the last bit, so it is kept in the bundle's provenance.
"""

from __future__ import annotations

import os

import keras
import tensorflow as tf

THREADS = int(os.environ.get("TRAINING_THREADS", "2"))


def prepare(seed: int, threads: int = THREADS) -> None:
    """Call once, first. On one machine the same seed then gives the same weights, bit for bit."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)
