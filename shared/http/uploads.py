"""Reads one uploaded file into memory. It never touches the disk: nothing of a patient may stay there."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from shared.errors import PayloadTooLarge, ValidationFailed
from shared.imaging.formats import JPEG, PNG
from shared.imaging.sniff import check_image

FIELD = "file"
ENVELOPE = 64 * 1024
"""Bytes that a multipart body may have around the file."""


class _InMemoryParser(MultiPartParser):
    # Starlette spools a part above 1 MB to a temporary file; BodyLimit bounds the body, so nothing need be
    spool_max_size = 1 << 40


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
    form = await _parse(request)
    try:
        files = form.getlist(FIELD)
        if not files:
            raise ValidationFailed(f"body.{FIELD}: the form has no field '{FIELD}'; send the image in it.")
        if len(files) > 1:
            raise ValidationFailed(f"body.{FIELD}: {len(files)} files; send one at a time.")
        upload = files[0]
        if not isinstance(upload, UploadFile):
            raise ValidationFailed(f"body.{FIELD}: a text field; send it as a file.")
        return await upload.read()
    finally:
        await form.close()


async def _parse(request: Request) -> FormData:
    try:
        return await _InMemoryParser(request.headers, request.stream(), max_files=8, max_fields=8).parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise ValidationFailed(f"body: the multipart form cannot be read ({error}).") from error
