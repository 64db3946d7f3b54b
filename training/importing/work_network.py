"""A model of pictures, behind the sandbox: read, asked, converted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.imaging.intake import decode_image
from shared.imaging.tensor import image_tensor
from shared.manifest import ImageInput
from training.importing.job import ANSWERS, INPUTS, Job, Pixels, Report
from training.importing.network import Form, Network, form_of, probabilities

_BATCH = 8
_SCALES: dict[Pixels, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "0-1": ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0)),
    "-1-1": ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5)),
    "0-255": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "imagenet": ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
}


def image_input(size: tuple[int, int], pixels: Pixels) -> ImageInput:
    """How pictures are read for a model of ``size`` (height, width) whose author scaled them so."""
    mean, std = _SCALES[pixels]
    return ImageInput(height=size[0], width=size[1], mean=mean, std=std)


def import_network(job: Job, scratch: Path) -> Report:
    """Writes the weights, ``INPUTS`` (n, h, w, 3) and the original's ``ANSWERS`` (n, classes). Raises Refused."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    return _import_tflite(job, scratch) if job.kind == "tflite" else _import_keras(job, scratch)


def _import_keras(job: Job, scratch: Path) -> Report:
    from training.importing.convert import FOLDER, WEIGHTS, convert

    network = _read(job, scratch)
    pixels: Pixels = job.pixels if job.pixels != "auto" else "0-255" if network.facts.pop("rescales", False) else "0-1"
    inputs = _inputs(job, scratch, image_input(network.shape[:2], pixels))
    answers = _asked(network, inputs)
    form = network.form or form_of(answers)
    _keep(scratch, inputs[: len(answers)], probabilities(answers, form))
    runtime, why = convert(network, form, scratch, half=job.half)
    return Report(
        runtime="litert" if runtime == "litert" else "tensorflow",
        weights=WEIGHTS if runtime == "litert" else FOLDER,
        size=network.shape[:2],
        pixels=pixels,
        facts={**network.facts, "output": form, "heat_map": network.head is not None and runtime == "litert"},
        notes=(f"LiteRT cannot run it, TensorFlow will: {why}",) if why else (),
    )


def _import_tflite(job: Job, scratch: Path) -> Report:
    from training.importing.tflite import Tflite

    model = Tflite(scratch / job.file, job.classes)
    pixels: Pixels = job.pixels if job.pixels != "auto" else "0-1"
    inputs = _inputs(job, scratch, image_input(model.shape[:2], pixels))
    answers = model.answer(inputs)
    form: Form = "logits" if model.outputs else form_of(answers)
    _keep(scratch, inputs, probabilities(answers, form))
    (scratch / "model.tflite").write_bytes(model.served(form))
    facts = {"format": "LiteRT", "output": form, "heat_map": "cam" in model.outputs}
    return Report(weights="model.tflite", size=model.shape[:2], pixels=pixels, facts=facts)


def _read(job: Job, scratch: Path) -> Network:
    path = scratch / job.file
    if job.kind == "saved_model":
        from training.importing.saved_model import read_saved_model

        return read_saved_model(path, job.classes, job.side)
    from training.importing.keras_model import read_archive, read_hdf5

    if job.kind == "keras":
        return read_archive(path, scratch, job.classes, job.side)
    return read_hdf5(path, job.classes, job.side)


def _inputs(job: Job, scratch: Path, spec: ImageInput) -> NDArray[np.float32]:
    """The sample pictures as the service reads them, the golden one first."""
    most = (spec.width, spec.height)
    pictures = [
        decode_image((scratch / name).read_bytes(), max_pixels=DEFAULT_MAX_PIXELS, target=most) for name in job.samples
    ]
    return np.stack([image_tensor(picture, spec) for picture in pictures])


def _asked(network: Network, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    import tensorflow as tf

    def answer(pictures: NDArray[np.float32]) -> Any:
        given = tf.constant(pictures)
        return network.answer(tf.image.rgb_to_grayscale(given) if network.shape[2] == 1 else given)

    step = network.batch or _BATCH
    parts = [np.asarray(answer(inputs[at : at + step])) for at in range(0, len(inputs) // step * step, step)]
    return np.concatenate(parts).astype(np.float32)


def _keep(scratch: Path, inputs: NDArray[np.float32], answers: NDArray[np.float64]) -> None:
    np.save(scratch / INPUTS, inputs)
    np.save(scratch / ANSWERS, answers)
