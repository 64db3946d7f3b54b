"""A model of pictures, behind the sandbox: read, asked, converted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.imaging.intake import decode_image
from shared.imaging.tensor import image_tensor
from shared.manifest import ImageInput
from training.importing.errors import Refused
from training.importing.job import ANSWERS, INPUTS, Job, Pixels, Report
from training.importing.network import Form, Network, form_of, probabilities

_BATCH = 8
_ALIKE = 1e-3
_Three = tuple[float, float, float]
_SCALES: dict[Pixels, tuple[_Three, _Three]] = {
    "0-1": ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0)),
    "-1-1": ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5)),
    "0-255": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "imagenet": ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    "caffe": ((123.68, 116.779, 103.939), (1.0, 1.0, 1.0)),  # and in the order blue, green, red: see `colours`
}


def image_input(size: tuple[int, int], pixels: Pixels) -> ImageInput:
    """How pictures are read for a model of ``size`` (height, width) whose author scaled them so."""
    mean, std = _SCALES[pixels]
    return ImageInput(height=size[0], width=size[1], mean=mean, std=std)


def import_network(job: Job, scratch: Path) -> Report:
    """Writes the weights, ``INPUTS`` (n, h, w, 3) and the original's ``ANSWERS`` (n, classes). Raises Refused."""
    return _import_tflite(job, scratch) if job.kind == "tflite" else _import_tensorflow(job, scratch)


def _import_tensorflow(job: Job, scratch: Path) -> Report:
    from training.importing.convert import colours, convert

    network = _read(job, scratch)
    pixels = _pixels(job, network.pixels)
    inputs = _inputs(job, scratch, image_input(network.shape[:2], pixels))
    taken = colours(network.shape[2], reverse=pixels == "caffe")
    answers = _asked(network, taken, inputs)
    form = _form(job, network.form, answers)
    wanted = _keep(scratch, inputs, probabilities(answers, form))
    done = convert(network, form, taken, scratch, half=job.half)
    why = (f"LiteRT cannot run it, TensorFlow will: {done.why}",) if done.why else ()
    return Report(
        runtime=done.runtime,
        weights=done.weights,
        size=network.shape[:2],
        pixels=pixels,
        golden=tuple(wanted[0].tolist()),
        facts={**network.facts, "output": form, "heat_map": done.explains},
        notes=(*_notes(job, network.pixels, wanted), *why),
    )


def _import_tflite(job: Job, scratch: Path) -> Report:
    from training.importing.tflite import Tflite

    model, pixels = Tflite(Path(job.file), job.classes, job.side), _pixels(job, None)
    if pixels == "caffe":
        raise Refused("--pixels caffe turns the colours round, which a .tflite file cannot be made to do")
    inputs = _inputs(job, scratch, image_input(model.shape[:2], pixels))
    answers = model.answer(inputs)
    form = "logits" if model.outputs else _form(job, model.form, answers)
    wanted = _keep(scratch, inputs, probabilities(answers, form))
    (scratch / "model.tflite").write_bytes(model.served(form))
    return Report(
        weights="model.tflite",
        size=model.shape[:2],
        pixels=pixels,
        golden=tuple(wanted[0].tolist()),
        facts={"format": "LiteRT", "output": form, "heat_map": "cam" in model.outputs},
        notes=_notes(job, None, wanted),
    )


def _read(job: Job, scratch: Path) -> Network:
    path = Path(job.file)
    if job.kind == "saved_model":
        from training.importing.saved_model import read_saved_model

        return read_saved_model(path, job.classes, job.side)
    from training.importing.keras_model import read_archive, read_hdf5

    if job.kind == "keras":
        return read_archive(path, scratch, job.classes, job.side, job.pixels)
    return read_hdf5(path, job.classes, job.side, job.pixels)


def _pixels(job: Job, told: Pixels | None) -> Pixels:
    return job.pixels if job.pixels != "auto" else told or "0-1"


def _form(job: Job, told: Form | None, answers: NDArray[np.float32]) -> Form:
    return job.output if job.output != "auto" else told or form_of(answers)


def _inputs(job: Job, scratch: Path, spec: ImageInput) -> NDArray[np.float32]:
    """The sample pictures as the service reads them, the golden one first."""
    target, files = (spec.width, spec.height), [scratch / name for name in job.samples]
    pictures = [decode_image(file.read_bytes(), max_pixels=DEFAULT_MAX_PIXELS, target=target) for file in files]
    return np.stack([image_tensor(picture, spec) for picture in pictures])


def _asked(network: Network, taken: Any, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    import tensorflow as tf

    step = network.batch or _BATCH
    parts = [network.answer(taken(tf.constant(inputs[at : at + step]))) for at in range(0, len(inputs), step)]
    return np.concatenate([np.asarray(part) for part in parts]).astype(np.float32)


def _keep(scratch: Path, inputs: NDArray[np.float32], answers: NDArray[np.float64]) -> NDArray[np.float64]:
    np.save(scratch / INPUTS, inputs)
    np.save(scratch / ANSWERS, answers)
    return answers


def _notes(job: Job, told: Pixels | None, answers: NDArray[np.float64]) -> tuple[str, ...]:
    """What was taken for granted, and what the comparison is worth."""
    assumed = job.pixels == "auto" and told is None
    alike = float(answers.max(axis=1).std()) < _ALIKE
    notes = {
        "pixels from 0 to 1 are assumed, as the original system's; say --pixels if it was trained on others": assumed,
        "the answers hardly differ from input to input, so the comparison says little; give --samples": alike,
    }
    return tuple(note for note, holds in notes.items() if holds)
