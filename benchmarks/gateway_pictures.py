"""Uploads that are all different, so that no cache knows them, and cost next to nothing to make."""

from __future__ import annotations

import io
import os

import numpy as np
from PIL import Image

_BOUNDARY = b"doctorai-benchmark"
_TAG_BYTES = 32
_HEAD = """\
POST {path} HTTP/1.1\r
Host: 127.0.0.1\r
{sign_in}Content-Type: multipart/form-data; boundary={boundary}\r
Content-Length: {length}\r
\r
"""
_BEFORE = b'--%b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
_AFTER = b"\r\n--%b--\r\n"


def noise_jpeg(side: int, quality: int) -> bytes:
    """Noise, which a JPEG cannot make small: side 224 at quality 97 is 145 kB, side 64 at 93 is 9 kB."""
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


class Pictures:
    """The same picture with a different comment each time, from the first to the end marker a valid JPEG."""

    def __init__(self, jpeg: bytes) -> None:
        at = 4 + int.from_bytes(jpeg[4:6], "big")  # behind the first segment, APP0
        self.before = jpeg[:at] + b"\xff\xfe" + (2 + _TAG_BYTES).to_bytes(2, "big")
        self.after = jpeg[at:]
        self.size = len(jpeg) + 4 + _TAG_BYTES
        self._salt = os.urandom(8).hex().encode()
        self._count = 0

    def tag(self) -> bytes:
        """What goes between ``before`` and ``after``: never the same twice, in this process or another."""
        self._count += 1
        return b"%b%016d" % (self._salt, self._count)


class Uploads:
    """Whole HTTP requests as bytes, each with another picture."""

    def __init__(self, pictures: Pictures, path: str, token: str | None) -> None:
        before, after = _BEFORE % (_BOUNDARY), _AFTER % (_BOUNDARY)
        head = _HEAD.format(
            path=path,
            sign_in=f"Authorization: Bearer {token}\r\n" if token else "",
            boundary=_BOUNDARY.decode(),
            length=len(before) + pictures.size + len(after),
        )
        self._pictures = pictures
        self._before = head.encode() + before + pictures.before
        self._after = pictures.after + after

    def __next__(self) -> bytes:
        return b"".join((self._before, self._pictures.tag(), self._after))
