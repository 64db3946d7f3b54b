"""Azure Blob Storage, by a connection string: with an account's key, or with a shared access signature.

The SDK's own errors may hold an address with a signature in it, so none of their words are passed on.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobProperties, ContainerClient, ContentSettings

from cli.account import is_private
from cli.show import Failure
from cli.storage.store import Advance, Blob, BlobError, Changed, StorageError

CHUNK = 4 << 20
"""Bytes a request: the most that a broken connection costs."""
OPTIONS: dict[str, Any] = {
    "connection_timeout": 5,
    "read_timeout": 30,
    "retry_total": 3,
    "initial_backoff": 1,
    "increment_base": 2,
    "random_jitter_range": 1,
    "max_single_get_size": CHUNK,
    "max_chunk_get_size": CHUNK,
    "max_block_size": CHUNK,
    "max_single_put_size": CHUNK,
}
_SHA256 = re.compile(r"[0-9a-f]{64}")
logging.getLogger("azure").addHandler(logging.NullHandler())  # else Python shows its warnings beside our own words


class AzureStore:
    """One container. Raises Failure for a connection string that is none."""

    def __init__(self, connection_string: str, container: str) -> None:
        try:
            self._client = ContainerClient.from_connection_string(connection_string.strip(), container, **OPTIONS)
        except (AzureError, ValueError, TypeError, AttributeError):
            raise Failure(
                "AZURE_STORAGE_CONNECTION_STRING is none: AccountName=…;AccountKey=…, or BlobEndpoint=…;"
                "SharedAccessSignature=… is wanted"
            ) from None
        self._container = container
        self.where = f"{self._client.primary_hostname}/{container}"

    def close(self) -> None:
        """Ends its connections."""
        self._client.close()

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read or change what is transferred."""
        return is_private(f"{self._client.scheme}://{self._client.primary_hostname}")

    def blobs(self, prefix: str = "") -> Iterator[Blob]:
        with self._telling():
            for found in self._client.list_blobs(name_starts_with=prefix, include=["metadata"]):
                yield _blob(found)

    def read(self, blob: Blob, offset: int = 0) -> Iterator[bytes]:
        if blob.size == 0:  # no range of it can be asked for
            return
        with self._telling(blob.name):
            stream = self._client.download_blob(
                blob.name,
                offset=offset,
                length=blob.size - offset,
                etag=blob.etag,
                match_condition=MatchConditions.IfNotModified,
                decompress=False,  # what is stored, whatever encoding an uploader claims for it
            )
            yield from stream.chunks()

    def write(self, name: str, file: Path, sha256: str, advance: Advance, *, anew: bool) -> None:
        sent = 0

        def hook(current: int, _: int | None) -> None:
            nonlocal sent
            advance(current - sent)
            sent = current

        with self._telling(name), file.open("rb") as data:
            self._client.upload_blob(
                name,
                data,
                overwrite=anew,
                metadata={"sha256": sha256},
                content_settings=ContentSettings(content_type="application/octet-stream"),
                validate_content=True,
                progress_hook=hook,
            )

    def make_container(self) -> None:
        """Where there is none. Raises StorageError."""
        with self._telling():
            if not self._client.exists():
                self._client.create_container()

    @contextmanager
    def _telling(self, blob: str | None = None) -> Iterator[None]:
        try:
            yield
        except AzureError as error:
            raise self._told(error, blob) from None

    def _told(self, error: AzureError, blob: str | None) -> StorageError | BlobError:
        status = getattr(error, "status_code", None)
        code = _code(error)
        if isinstance(error, ClientAuthenticationError) or status == 403:
            return StorageError(f"{self.where} refuses what AZURE_STORAGE_CONNECTION_STRING gives it: {code or status}")
        if not isinstance(error, HttpResponseError) or status is None:
            return StorageError(f"{self.where} cannot be reached: {_reason(error)}")
        if code == "ContainerNotFound":
            return StorageError(f"there is no container {self._container} at {self._client.primary_hostname}")
        if blob and isinstance(error, ResourceModifiedError):
            return Changed(f"{blob} was changed meanwhile")
        if blob and isinstance(error, ResourceExistsError):
            return BlobError(f"{blob} is there already")
        if blob and isinstance(error, ResourceNotFoundError):
            return Changed(f"{blob} was removed meanwhile")
        if blob and status < 500:
            return BlobError(f"{blob}: the storage answers {code or status}")
        return StorageError(f"{self.where} answers {code or status}")


def _blob(found: BlobProperties) -> Blob:
    said = (found.metadata or {}).get("sha256", "")
    md5 = found.content_settings.content_md5
    return Blob(
        name=str(found.name),
        size=int(found.size),
        etag=str(found.etag),
        sha256=said if _SHA256.fullmatch(said) else None,
        md5=bytes(md5) if md5 else None,
    )


def _code(error: AzureError) -> str:
    """The service's own name for what is wrong, never its text: that may quote the request."""
    code = getattr(error, "error_code", None)
    word = str(getattr(code, "value", code) or "")
    return word if re.fullmatch(r"[A-Za-z]{1,60}", word) else ""


def _reason(error: BaseException) -> str:
    """What the operating system said, at the bottom of the errors of four libraries."""
    found, seen = "", set[int]()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        if isinstance(at, TimeoutError) or "Timeout" in type(at).__name__:
            found = "no answer in time"
        elif isinstance(at, OSError) and at.strerror:
            found = at.strerror
        at = getattr(at, "inner_exception", None) or at.__cause__ or at.__context__ or _wrapped(at)
    return found or "the connection broke off"


def _wrapped(error: BaseException) -> BaseException | None:
    """requests and urllib3 keep the error before it as an argument."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return reason
    return next((one for one in error.args if isinstance(one, BaseException)), None)
