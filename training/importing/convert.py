"""From a network that was read to the weights that are served: LiteRT, or a SavedModel where LiteRT cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from training.importing.network import Form, Network

_LEAST = 1e-12
Served = Callable[[Any], dict[str, Any]]
Colours = Callable[[Any], Any]


@dataclass(frozen=True)
class Converted:
    """``weights`` is the file or folder that was written; ``why`` it is not LiteRT, ``explains``: it gives ``cam``."""

    runtime: Literal["litert", "tensorflow"]
    weights: Literal["model.tflite", "saved_model"]
    explains: bool
    why: str | None = None


def colours(channels: int, *, reverse: bool) -> Colours:
    """RGB (n, h, w, 3) → as a network takes them: BGR, or grey (n, h, w, 1), or as they are."""
    import tensorflow as tf

    if channels == 1:
        return lambda pictures: tf.image.rgb_to_grayscale(pictures)
    return lambda pictures: tf.reverse(pictures, [3]) if reverse else pictures


def convert(network: Network, form: Form, taken: Colours, target: Path, *, half: bool) -> Converted:
    """Writes the weights beneath ``target``."""
    import tensorflow as tf

    holder = tf.Module()
    holder.kept = network.keep
    plain, why = _plain(network, form), ""
    for served in (network.head, plain) if network.head else (plain,):
        try:
            data = _litert(_traced(served, taken, network, batch=1), holder, half=half)
        except Exception as error:  # noqa: BLE001 - the converter's errors have no class in common
            why = _reason(error)
        else:
            (target / "model.tflite").write_bytes(data)
            return Converted("litert", "model.tflite", served is network.head)
    function = _traced(plain, taken, network, batch=None)
    tf.saved_model.save(holder, str(target / "saved_model"), signatures={"serving_default": function})
    return Converted("tensorflow", "saved_model", explains=False, why=why)


def _litert(function: Any, holder: Any, *, half: bool) -> bytes:
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], holder)
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def _traced(served: Served, taken: Colours, network: Network, batch: int | None) -> Any:
    """``served`` of RGB pictures (batch, h, w, 3)."""
    import tensorflow as tf

    height, width, _ = network.shape

    def serve(image: Any) -> dict[str, Any]:
        outputs = served(taken(image))
        return {name: _two(value) if name in ("logits", "cam") else value for name, value in outputs.items()}

    return tf.function(serve, input_signature=[tf.TensorSpec((batch, height, width, 3), tf.float32, name="image")])


def _plain(network: Network, form: Form) -> Served:
    import tensorflow as tf

    def serve(pictures: Any) -> dict[str, Any]:
        answers = tf.cast(network.answer(pictures), tf.float32)
        if form == "softmax":  # the logits, but for a constant that softmax does not see
            answers = tf.math.log(tf.maximum(answers, _LEAST))
        elif form == "sigmoid":
            answers = tf.math.log(tf.maximum(answers, _LEAST)) - tf.math.log(tf.maximum(1.0 - answers, 1e-7))
        return {"logits": answers}

    return serve


def _two(values: Any) -> Any:
    """(…, 1) → (…, 2): one logit is the second class's against the first's."""
    import tensorflow as tf

    return tf.concat([tf.zeros_like(values), values], axis=-1) if values.shape[-1] == 1 else values


def _reason(error: Exception) -> str:
    """The line of a converter's many that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if "error:" in line), lines[-1] if lines else type(error).__name__)[:200]
