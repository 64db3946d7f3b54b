"""Reads one uploaded file into memory. It never touches the disk: nothing of a patient may stay there."""

from __future__ import annotations

from collections.abc import Collection

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header
from starlette.requests import Request

from shared.errors import PayloadTooLarge, ValidationFailed
from shared.imaging.formats import JPEG, PNG
from shared.imaging.sniff import check_image

FIELD = "file"
ENVELOPE = 64 * 1024
"""Bytes that a multipart body may have around the file."""
_MOST_FIELDS = 8


async def read_image(request: Request, *, max_bytes: int, formats: Collection[str] = (JPEG, PNG)) -> bytes:
    """The picture in a multipart form's ``file`` field, or the raw body of any other content type.

    Only its magic bytes are looked at. Raises ValidationFailed (no file, two files), PayloadTooLarge,
    InvalidImage, UnsupportedFormat.
    """
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        data = await _multipart_file(request)
    else:
        data = await request.body()
    if len(data) > max_bytes:
        raise PayloadTooLarge(f"The file has {len(data):,} bytes; the limit is {max_bytes:,}.")
    check_image(data, formats)
    return data


async def _multipart_file(request: Request) -> bytes:
    files: list[bytearray] = []
    try:
        with _parser(request) as parser:
            open_file: bytearray | None = None
            async for chunk in request.stream():
                for event in parser.parse(chunk) if chunk else ():
                    if isinstance(event, MultipartSegment):
                        open_file = _begin(event, files)
                    elif event is not None and open_file is not None:
                        open_file += event
    except MultipartError as error:
        raise ValidationFailed(f"body: the multipart form cannot be read ({error}).") from error
    if not files:
        raise ValidationFailed(f"body.{FIELD}: the form has no field '{FIELD}'; send the image in it.")
    if len(files) > 1:
        raise ValidationFailed(f"body.{FIELD}: {len(files)} files; send one at a time.")
    return bytes(files[0])


def _parser(request: Request) -> PushMultipartParser:
    _, options = parse_options_header(request.headers["content-type"])
    return PushMultipartParser(options.get("boundary", ""), max_segment_count=_MOST_FIELDS, strict=True)


def _begin(segment: MultipartSegment, files: list[bytearray]) -> bytearray | None:
    """Where the segment's bytes go; None for another field, which is let be."""
    if segment.name != FIELD:
        return None
    if segment.filename is None:
        raise ValidationFailed(f"body.{FIELD}: a text field; send it as a file.")
    files.append(bytearray())
    return files[-1]
