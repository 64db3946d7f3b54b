"""From a network that was read to the weights that are served: LiteRT, or a SavedModel where LiteRT cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from training.importing.network import Form, Network

WEIGHTS, FOLDER = "model.tflite", "saved_model"
_LEAST = 1e-12
Served = Callable[[Any], dict[str, Any]]


def convert(network: Network, form: Form, target: Path, *, half: bool) -> tuple[str, str | None]:
    """Writes ``WEIGHTS`` or ``FOLDER`` beneath ``target``; the runtime, and why it is not LiteRT."""
    import tensorflow as tf

    holder = tf.Module()
    holder.kept = network.keep
    try:
        (target / WEIGHTS).write_bytes(_litert(network, form, holder, half=half))
    except Exception as error:  # noqa: BLE001 - the converter's errors have no class in common
        _save(network, form, holder, target / FOLDER)
        return "tensorflow", str(error).strip().splitlines()[0][:200]
    return "litert", None


def _litert(network: Network, form: Form, holder: Any, *, half: bool) -> bytes:
    import tensorflow as tf

    function = _traced(network.head if network.head else _plain(network, form), network, batch=1)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], holder)
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def _save(network: Network, form: Form, holder: Any, folder: Path) -> None:
    import tensorflow as tf

    function = _traced(_plain(network, form), network, batch=None)
    tf.saved_model.save(holder, str(folder), signatures={"serving_default": function})


def _traced(served: Served, network: Network, batch: int | None) -> Any:
    """``served`` of RGB pictures, which become grey where the network wants them so."""
    import tensorflow as tf

    height, width, channels = network.shape

    def serve(image: Any) -> dict[str, Any]:
        outputs = served(tf.image.rgb_to_grayscale(image) if channels == 1 else image)
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
