"""What a run of bytes really is, by its magic numbers and never by its name.

Magic numbers: the "file signatures" of each format's own specification (JPEG ITU T.81, PNG W3C, RIFF/WebP,
GIF89a, TIFF 6.0, PDF 32000, ZIP APPNOTE, DICOM PS3.10).
"""

from __future__ import annotations

from collections.abc import Collection

from shared.errors import InvalidImage, UnsupportedFormat
from shared.imaging.formats import JPEG, PNG

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\x7fELF", "ELF program"),
    (b"MZ", "Windows program"),
)
_PICTURES = {"GIF", "BMP", "TIFF", "ICO", "JPEG XL", "JPEG 2000", "WebP", "AVIF", "HEIF", "SVG", "DICOM"}
_MARKUP = (
    (b"<svg", "SVG"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"<script", "HTML"),
    (b"<?php", "PHP"),
)


def sniff(data: bytes) -> str | None:
    """The format's name, or None when nothing known begins ``data``."""
    for magic, name in _SIGNATURES:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        return _iso_media(data[8:12])
    if data[128:132] == b"DICM":
        return "DICOM"
    return markup(data[:1024])


def _iso_media(brand: bytes) -> str:
    if brand in (b"avif", b"avis"):
        return "AVIF"
    return "HEIF" if brand in (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"hevc") else "MPEG-4"


def markup(data: bytes) -> str | None:
    """SVG, HTML or PHP found anywhere in ``data``."""
    lowered = data.lower()
    return next((name for magic, name in _MARKUP if magic in lowered), None)


def describe(data: bytes) -> str:
    """Words for an error message: the format's name, or "text", or "unknown bytes"."""
    name = sniff(data)
    if name:
        return name
    head = data[:512]
    printable = sum(32 <= byte < 127 or byte in b"\t\n\r" for byte in head)
    return "text" if head and printable / len(head) > 0.95 else "unknown bytes"


def check_image(data: bytes, formats: Collection[str] = (JPEG, PNG)) -> str:
    """The format of ``data``, "JPEG" or "PNG", by its magic bytes alone; nothing is decoded.

    Raises InvalidImage for what is no picture, UnsupportedFormat for a picture of another format.
    """
    if not data:
        raise InvalidImage("The file is empty.")
    kind = sniff(data)
    if kind in (JPEG, PNG) and kind in formats:
        return str(kind)
    wanted = " or ".join(sorted(formats))
    if kind is not None and (kind in _PICTURES or kind in (JPEG, PNG)):
        raise UnsupportedFormat(f"The file is {kind}; send {wanted}.")
    raise InvalidImage(f"The file is not an image: found {describe(data)}; send {wanted}.")
