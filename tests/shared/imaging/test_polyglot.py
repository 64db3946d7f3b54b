"""A picture that is also another file is refused; what phones rightly add to a picture is not."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image, PngImagePlugin

from shared.errors import InvalidImage
from shared.imaging.intake import decode_image
from tests.support.pictures import encode, jpeg, photo, png

SCRIPT = b"<script>alert(1)</script>"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
RAR, SEVEN_ZIP = b"Rar!\x1a\x07\x01\x00" + bytes(32), b"7z\xbc\xaf\x27\x1c" + bytes(32)


def archive(comment: bytes = b"") -> bytes:
    """A ZIP that is a JAR, too."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("META-INF/MANIFEST.MF", "Main-Class: Evil\n")
        file.comment = comment
    return buffer.getvalue()


def segment(marker: int, body: bytes, picture: bytes | None = None) -> bytes:
    """A JPEG with one more segment behind its first marker."""
    picture = picture or jpeg()
    return picture[:2] + bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body + picture[2:]


def png_with_text(text: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", text)
    return encode(Image.new("RGB", (16, 16)), "PNG", pnginfo=info)


POLYGLOTS = {
    "JPEG+ZIP": (jpeg() + archive(), "ZIP"),
    "JPEG+JAR behind padding": (jpeg() + bytes(500) + archive(), "ZIP"),
    "JPEG+ZIP with a long comment": (jpeg() + archive(b"x" * 65_535), "ZIP"),
    "ZIP in a JPEG's comment": (segment(0xFE, archive()), "ZIP"),
    "PNG+ZIP": (png() + archive(), "ZIP"),
    "JPEG+PDF": (jpeg() + PDF, "PDF"),
    "PNG+PDF": (png() + b"\r\n" + PDF, "PDF"),
    "PDF in a JPEG's comment": (segment(0xFE, PDF), "PDF"),
    "JPEG+RAR": (jpeg() + RAR, "RAR"),
    "JPEG+junk+RAR": (jpeg() + b"junk" * 9 + RAR, "RAR"),
    "PNG+junk+7-Zip": (png() + b"junk" * 9 + SEVEN_ZIP, "7-Zip"),
    "JPEG+ELF": (jpeg() + b"\x7fELF\x02\x01\x01" + bytes(60), "ELF program"),
    "JPEG+PHP": (jpeg() + b"\x01\x02<?php system($_GET[0]);", "PHP"),
    "JPEG+HTML": (jpeg() + b"\n<html><body>", "HTML"),
    "script in a JPEG's comment": (segment(0xFE, SCRIPT), "HTML"),
    "HTML in a JPEG's APP9": (segment(0xE9, b"*/<HTML>" + SCRIPT), "HTML"),
    "script in a PNG's text": (png_with_text(SCRIPT.decode()), "HTML"),
    "SVG behind a PNG": (png() + b'<svg onload="alert(1)"/>', "SVG"),
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_a_polyglot_is_refused_and_named(name: str) -> None:
    data, second = POLYGLOTS[name]
    with pytest.raises(InvalidImage, match=f"and also {second}: a polyglot"):
        decode_image(data)


def exif_with_thumbnail(note: bytes = b"") -> bytes:
    """A JPEG whose EXIF holds another whole JPEG, its end marker included, and the camera maker's ``note``."""
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    return segment(0xE1, exif + jpeg(size=(16, 16)) + note)


def mpo() -> bytes:
    return encode(photo((64, 48)), "MPO", save_all=True, append_images=[photo((64, 48), seed=1)])


XMP = b'http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'
CLIP = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(range(256)) * 40
RIGHTLY = {
    "EXIF thumbnail": exif_with_thumbnail(),
    "EXIF thumbnail and a note like a program's head": exif_with_thumbnail(b"MZ" + bytes(40)),
    "XMP": segment(0xE1, XMP),
    "ICC": jpeg(icc_profile=b"\x00" * 36 + b"acsp" + bytes(400)),
    "MPO": mpo(),
    "motion photo": jpeg() + CLIP,
    "Samsung trailer": jpeg() + b"\x00\x00\x30\x0a\x10\x00\x00\x00MotionPhoto_Data" + CLIP,
    "zero padding": jpeg() + bytes(4096),
    "newlines": png() + b"\r\n\r\n",
    "progressive": encode(photo((64, 48)), "JPEG", progressive=True),
    "restart markers": encode(photo((64, 48)), "JPEG", restart_marker_blocks=1),
    "a comment in words": segment(0xFE, b"taken with a phone, 2 < 3"),
    "PNG text": png_with_text("scanned at noon"),
}


@pytest.mark.parametrize("name", RIGHTLY)
def test_what_phones_and_scanners_add_is_not_refused(name: str) -> None:
    assert decode_image(RIGHTLY[name]).mode == "RGB"
