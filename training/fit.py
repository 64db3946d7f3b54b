"""Fine-tunes the upper blocks of EfficientNet-Lite on cached activations of the frozen lower ones.

The head starts as a logistic regression on the frozen features, so that its first gradients are worth following.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from training.network import Network
from training.recipes import Recipe


def fit(network: Network, cached: NDArray[np.float16], y: NDArray[np.int64], recipe: Recipe, log: Any = print) -> None:
    """Trains ``network.tuned`` and ``network.head`` in place; they end as the moving average of their weights."""
    classes = network.head.layers[-1].units
    if recipe.pretrained:
        start_head(network, cached, y)
    steps = recipe.epochs * math.ceil(len(y) / recipe.batch)
    optimizer = _optimizer(recipe, steps)
    variables = network.tuned.trainable_variables + network.head.trainable_variables
    optimizer.build(variables)
    step = _step_function(network, optimizer, variables, recipe)
    weight = (len(y) / (classes * np.bincount(y, minlength=classes)))[y].astype(np.float32)
    target = smooth(y, classes, recipe.label_smoothing) * weight[:, None]
    rng = np.random.default_rng(recipe.seed)
    for epoch in range(recipe.epochs):
        losses = [float(step(x, t)) for x, t in _batches(cached, target, epoch, recipe, rng)]
        log(f"epoch {epoch + 1}/{recipe.epochs} loss {np.mean(losses):.4f}")
    optimizer.finalize_variable_values(variables)


def start_head(network: Network, cached: NDArray[np.float16], y: NDArray[np.int64]) -> None:
    """Sets the head to a logistic regression on features of the undisturbed pictures."""
    features = network.features(cached[0])
    scale = features.std() * math.sqrt(features.shape[1]) / 8
    model = LogisticRegression(C=1.0, max_iter=1000, class_weight="balanced").fit(features / scale, y)
    kernel, bias = model.coef_.T / scale, model.intercept_
    if kernel.shape[1] == 1:
        kernel, bias = np.hstack([-kernel / 2, kernel / 2]), np.hstack([-bias / 2, bias / 2])
    network.head.set_weights([kernel.astype(np.float32), bias.astype(np.float32)])


def smooth(y: NDArray[np.int64], classes: int, share: float) -> NDArray[np.float32]:
    """One-hot targets with ``share`` spread evenly over all classes."""
    return (np.eye(classes)[y] * (1 - share) + share / classes).astype(np.float32)


def _batches(
    cached: NDArray[np.float16], target: NDArray[np.float32], epoch: int, recipe: Recipe, rng: np.random.Generator
) -> Iterator[tuple[Any, Any]]:
    """Shuffled batches; in each epoch a picture shows its next copy."""
    order = rng.permutation(len(target))
    for at in range(0, len(order), recipe.batch):
        index = order[at : at + recipe.batch]
        x, t = cached[(epoch + index) % len(cached), index].astype(np.float32), target[index]
        if recipe.mixup:
            share, other = np.float32(rng.beta(recipe.mixup, recipe.mixup)), rng.permutation(len(index))
            x, t = share * x + (1 - share) * x[other], share * t + (1 - share) * t[other]
        yield tf.constant(x), tf.constant(t)


def _optimizer(recipe: Recipe, steps: int) -> Any:
    warmup = max(1, steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 100, steps - warmup, alpha=0.01, warmup_target=recipe.learning_rate, warmup_steps=warmup
    )
    return keras.optimizers.AdamW(
        rate, weight_decay=recipe.weight_decay, global_clipnorm=1.0, use_ema=True, ema_momentum=recipe.ema
    )


def _step_function(network: Network, optimizer: Any, variables: list[Any], recipe: Recipe) -> Any:
    dropout = keras.layers.Dropout(recipe.dropout, seed=recipe.seed)

    def step(x: Any, target: Any) -> Any:
        with tf.GradientTape() as tape:
            features = tf.reduce_mean(network.tuned(x, training=True), axis=(1, 2))
            logits = network.head(dropout(features, training=True))
            loss = tf.reduce_mean(-tf.reduce_sum(target * tf.nn.log_softmax(logits), axis=1))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    return tf.function(step, reduce_retracing=True)
