"""What a file is, by its first bytes: each kind that somebody will upload, and its code."""

from __future__ import annotations

import pytest
from PIL import Image

from shared.errors import InvalidImage, UnsupportedFormat
from shared.imaging.formats import JPEG, PNG
from shared.imaging.sniff import check_image, describe, sniff
from tests.support.pictures import encode, jpeg, png

GREY = Image.new("L", (8, 8), 90)
MAGIC = {
    "GIF": encode(GREY, "GIF"),
    "BMP": encode(GREY, "BMP"),
    "TIFF": encode(GREY, "TIFF"),
    "ICO": encode(GREY, "ICO"),
    "WebP": encode(GREY, "WEBP"),
    "HEIF": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    "AVIF": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf",
    "JPEG XL": b"\xff\x0a\xfa\x7f",
    "JPEG 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n",
    "SVG": b'<?xml version="1.0"?>\n<!-- drawn -->\n<SVG xmlns="http://www.w3.org/2000/svg"/>',
    "DICOM": bytes(128) + b"DICM" + bytes(16),
}
NO_PICTURE = {
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "ZIP": b"PK\x03\x04\x14\x00\x00\x00",
    "RAR": b"Rar!\x1a\x07\x01\x00",
    "7-Zip": b"7z\xbc\xaf\x27\x1c\x00\x04",
    "gzip": b"\x1f\x8b\x08\x00",
    "ELF program": b"\x7fELF\x02\x01\x01",
    "Windows program": b"MZ\x90\x00\x03",
    "HTML": b"<!DOCTYPE html><title>x</title>",
    "PHP": b"<?php phpinfo();",
    "MPEG-4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00",
    "text": b"these are the patient's notes, renamed to scan.jpg",
    "unknown bytes": bytes(range(128, 200)),
}


@pytest.mark.parametrize("name", MAGIC)
def test_a_picture_of_another_format_is_unsupported_and_named(name: str) -> None:
    with pytest.raises(UnsupportedFormat, match=f"The file is {name}; send JPEG or PNG") as caught:
        check_image(MAGIC[name])
    assert (caught.value.status, caught.value.code) == (415, "UNSUPPORTED_FORMAT")


@pytest.mark.parametrize("name", NO_PICTURE)
def test_what_is_no_picture_is_invalid_and_named(name: str) -> None:
    with pytest.raises(InvalidImage, match=f"found {name}; send JPEG or PNG") as caught:
        check_image(NO_PICTURE[name])
    assert (caught.value.status, caught.value.code) == (400, "INVALID_IMAGE")


def test_an_empty_file_is_invalid() -> None:
    with pytest.raises(InvalidImage, match="empty"):
        check_image(b"")


def test_jpeg_and_png_are_known_by_their_bytes() -> None:
    assert (check_image(jpeg()), check_image(png())) == (JPEG, PNG)


@pytest.mark.parametrize(("data", "allowed", "kind"), [(jpeg(), PNG, JPEG), (png(), JPEG, PNG)])
def test_only_the_allowed_format_is_taken(data: bytes, allowed: str, kind: str) -> None:
    with pytest.raises(UnsupportedFormat, match=f"The file is {kind}; send {allowed}"):
        check_image(data, (allowed,))


@pytest.mark.parametrize("length", range(1, 8))
def test_a_signature_that_is_cut_short_is_no_picture(length: int) -> None:
    assert sniff(png()[:length]) is None
    with pytest.raises(InvalidImage):
        check_image(png()[:length])


def test_describe_tells_text_from_bytes() -> None:
    assert describe(b"a,b\r\n1,2\r\n") == "text"
    assert describe(b"a\x00b\x01c\x02") == "unknown bytes"
