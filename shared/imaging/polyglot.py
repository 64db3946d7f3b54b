"""Finds a second file hidden in a picture: behind its end, or in its comments.

A phone's photo may rightly carry more after its end marker (a motion-photo clip, a gain map), so only what another
program would open or run is refused: archives, programs, PDF and mark-up.
"""

from __future__ import annotations

from shared.imaging.formats import JPEG
from shared.imaging.sniff import markup, sniff

_DANGEROUS = {"ZIP", "RAR", "7-Zip", "gzip", "PDF", "ELF program", "Windows program", "HTML", "PHP", "SVG"}
_ARCHIVES = ((b"Rar!\x1a\x07", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7-Zip"))  # opened with anything before them, too
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL = 65_557  # end-of-central-directory record with the longest comment (ZIP APPNOTE 4.3.16)
_PDF_HEAD = 1024  # readers accept %PDF- anywhere in the first kilobyte
_HEAD = 4096


def find_second_file(data: bytes, kind: str) -> str | None:
    """The name of the format that ``data``, a ``kind`` ("JPEG" or "PNG"), also is; None when it is only itself."""
    end = _jpeg_end(data) if kind == JPEG else _png_end(data)
    trailing = data[end:].lstrip(b"\x00\t\n\r ")
    # only the head: in megabytes of a clip, four letters of mark-up turn up by chance
    found = sniff(trailing) or markup(trailing[:_HEAD])
    if found in _DANGEROUS:
        return found
    archive = next((name for magic, name in _ARCHIVES if magic in trailing), None)
    if archive:
        return archive
    if _ZIP_END in data[-_ZIP_TAIL:]:
        return "ZIP"
    if b"%PDF-" in data[:_PDF_HEAD]:
        return "PDF"
    return markup(data[:_HEAD])


def _png_end(data: bytes) -> int:
    """Offset behind the IEND chunk; ``len(data)`` when there is none."""
    at = 8
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IEND":
            return at + 12
        at += 12 + length
    return len(data)


def _jpeg_end(data: bytes) -> int:
    """Offset behind the picture's own end marker; ``len(data)`` when there is none.

    Segments are stepped over by their length, so that the end of an embedded thumbnail is not taken for the end.
    """
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            at = data.find(b"\xff", at)
            if at < 0:
                break
            continue
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF:
            at += 1
        elif marker == 0x00 or marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return len(data)
