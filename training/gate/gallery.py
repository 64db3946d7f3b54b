"""The pictures that gates are fitted and tested on, and what the gate's network makes of them, worked out once."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from PIL import Image

from shared.definition import Look
from shared.imaging.intake import decode_image
from shared.imaging.tensor import image_tensor, resized
from shared.inference.guard import FEATURES
from shared.inference.prepare import SEEN
from training.augment import augment
from training.dataset import FOLDERS, service_definition, split_files
from training.gate.network import INPUT
from training.gate.strangers import DRAWN, drawn, files
from training.recipes import RECIPES

_SEEDS = {"train": 11, "test": 12}
_DRAWN_EACH = 150
_OTHERS_EACH = 300  # of each other service: enough, and no kind of picture outweighs the rest
Features = NDArray[np.float32]


@dataclass(frozen=True)
class Uploads:
    """``files`` are encoded pictures, ``y`` their classes."""

    files: tuple[bytes, ...]
    y: NDArray[np.int64]


class Gallery:
    """``data`` holds a folder for each service, ``everyday`` train and test; ``network`` is the gate's LiteRT file."""

    def __init__(self, data: Path, everyday: Path, network: bytes, *, threads: int = 2) -> None:
        self._data = data
        self._everyday = everyday
        self._network = network
        self._threads = threads
        self._known: dict[tuple[str, str, int, Look | None], Features] = {}

    def uploads(self, service: str, split: str, copies: int = 0) -> Uploads:
        """The pictures of a split, and ``copies`` disturbed ones of each as PNG."""
        definition = service_definition(service)
        found = split_files(self._data / FOLDERS[service], split, definition)
        originals = [path.read_bytes() for path, _ in found]
        disturbed = [_disturbed(data, service, copy, at) for copy in range(copies) for at, data in enumerate(originals)]
        y = np.array([label for _, label in found], np.int64)
        return Uploads((*originals, *disturbed), np.tile(y, copies + 1))

    def features(self, service: str, split: str, copies: int = 0, look: Look | None = None) -> Features:
        """(n, d) of ``uploads``, by what ``look`` leaves of them."""
        key = (service, split, copies, look)
        if key not in self._known:
            self._known[key] = self.look(self.uploads(service, split, copies).files, look)
        return self._known[key]

    def strangers(self, service: str, split: str) -> Iterator[tuple[str, Features]]:
        """Every kind of picture that ``service`` is not for, with its features: by its own look at them."""
        look = service_definition(service).look
        for other in FOLDERS:
            if other != service:
                found = self.features(other, split, look=look)
                yield other, found[:: max(1, len(found) // _OTHERS_EACH)] if split == "train" else found
        for kind in ("everyday", *DRAWN):
            yield kind, self._kind(kind, split, look)

    def look(self, uploads: Sequence[bytes], look: Look | None) -> Features:
        """(n, d): what the gate's network makes of encoded pictures, as it does when serving."""

        def part(slot: int) -> list[Features]:
            interpreter = Interpreter(model_content=self._network, num_threads=1)
            run = interpreter.get_signature_runner()
            return [run(image=_tensor(data, look))[FEATURES][0] for data in uploads[slot :: self._threads]]

        with ThreadPoolExecutor(self._threads) as pool:
            parts = list(pool.map(part, range(self._threads)))
        ordered = [parts[at % self._threads][at // self._threads] for at in range(len(uploads))]
        return np.stack(ordered)

    def _kind(self, kind: str, split: str, look: Look | None) -> Features:
        key = (kind, split, 0, look)
        if key not in self._known:
            everyday = kind == "everyday"
            uploads = (
                [path.read_bytes() for path in files(self._everyday / split)]
                if everyday
                else drawn(kind, _DRAWN_EACH, _SEEDS[split])
            )
            self._known[key] = self.look(uploads, look)
        return self._known[key]


def seen(upload: bytes, look: Look | None = None) -> Image.Image:
    """As quality and the gate look at it."""
    picture = decode_image(upload, target=None if look else (SEEN.width, SEEN.height))
    return resized(look(picture) if look else picture, SEEN)


def _tensor(upload: bytes, look: Look | None) -> NDArray[np.float32]:
    return image_tensor(seen(upload, look), INPUT)[None]


def _disturbed(upload: bytes, service: str, copy: int, at: int) -> bytes:
    # palm has no recipe of its own: its photos are taken like those of the skin
    how = RECIPES.get(service, RECIPES["monkeypox"]).augmentation
    pixels = augment(np.asarray(seen(upload)), how, np.random.default_rng((21, copy, at)))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
