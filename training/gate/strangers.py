"""Pictures that a model was not made for: drawn here, or everyday ones from a folder. Never a patient's.

Drawn from seeds, so that what the gate is fitted on and what it is tested on never share one.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Pixels = NDArray[np.uint8]
Draw = Callable[[np.random.Generator], Image.Image]
_SIDE = 256


def noise(rng: np.random.Generator) -> Image.Image:
    """Uniform, normal, salt-and-pepper or smooth noise, grey or coloured."""
    channels = int(rng.choice((1, 3)))
    kind = int(rng.integers(4))
    values = rng.uniform(0, 255, (_SIDE, _SIDE, channels))
    if kind == 1:
        values = rng.normal(rng.uniform(60, 200), rng.uniform(10, 70), values.shape)
    if kind == 2:
        values = np.where(values < rng.uniform(20, 230), 0, 255)
    picture = Image.fromarray(np.broadcast_to(np.clip(values, 0, 255), (_SIDE, _SIDE, 3)).astype(np.uint8))
    return picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(2, 12)))) if kind == 3 else picture


def blank(rng: np.random.Generator) -> Image.Image:
    """One colour, or one that fades into another."""
    first, second = rng.uniform(0, 255, (2, 3))
    if rng.random() < 0.5:
        second = first
    along = np.linspace(0, 1, _SIDE)[:, None, None]
    values = np.broadcast_to(first * (1 - along) + second * along, (_SIDE, _SIDE, 3)).astype(np.uint8)
    return Image.fromarray(np.rot90(values, int(rng.integers(4))))


def page(rng: np.random.Generator) -> Image.Image:
    """What documents, charts and screens look like: lines of letters, bars, frames."""
    paper, ink = (int(rng.integers(200, 256)), int(rng.integers(0, 90)))
    picture = Image.new("RGB", (_SIDE, _SIDE), (paper, paper, paper))
    draw = ImageDraw.Draw(picture)
    for top in range(int(rng.integers(4, 20)), _SIDE, int(rng.integers(10, 22))):
        letters = "".join(chr(code) for code in rng.integers(97, 123, int(rng.integers(5, 40))))
        draw.text((int(rng.integers(2, 30)), top), letters, fill=(ink, ink, ink))
    for _ in range(int(rng.integers(0, 6))):
        x, y = (int(value) for value in rng.integers(0, _SIDE - 40, 2))
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        draw.rectangle((x, y, x + int(rng.integers(5, 160)), y + int(rng.integers(5, 60))), fill=colour)
    return picture


DRAWN: dict[str, Draw] = {"noise": noise, "blank": blank, "page": page}


def drawn(kind: str, count: int, seed: int) -> list[bytes]:
    """``count`` PNGs of a kind in ``DRAWN``."""
    return [_png(DRAWN[kind](np.random.default_rng((seed, at)))) for at in range(count)]


def files(folder: Path) -> list[Path]:
    """Every JPEG and PNG below ``folder``, sorted. Raises FileNotFoundError when there is none."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not found:
        raise FileNotFoundError(f"no pictures in {folder}")
    return found


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
