"""Pictures made by the tests: no patient is in them."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

Colour = tuple[int, int, int]


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(colour: Colour = (230, 20, 20), size: tuple[int, int] = (64, 64)) -> bytes:
    return encode(Image.new("RGB", size, colour))


def jpeg(colour: Colour = (230, 20, 20), size: tuple[int, int] = (64, 64), **options: Any) -> bytes:
    return encode(Image.new("RGB", size, colour), "JPEG", **options)


def photo(size: tuple[int, int] = (640, 480), *, seed: int = 0) -> Image.Image:
    """A picture with detail everywhere, so that its JPEG is of a photo's size."""
    return Image.effect_noise(size, 60 + seed).convert("RGB")


def png_bomb(side: int = 30_000) -> bytes:
    """A small PNG file of ``side``×``side`` black 1-bit pixels: 2.7 GB once it is RGB."""
    rows = zlib.compressobj(9)
    line = b"\x00" * (1 + (side + 7) // 8)
    body = b"".join(rows.compress(line) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
