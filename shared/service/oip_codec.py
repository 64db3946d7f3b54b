"""Reads and writes Open Inference Protocol bodies: JSON, and the binary tensor extension that tritonclient uses.

Source: KServe "Open Inference Protocol (V2)" and Triton "Binary Tensor Data Extension".
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError

from shared.errors import ValidationFailed
from shared.http.numbers import whole_number

_LENGTH = "Inference-Header-Content-Length"


class _Parameters(BaseModel):
    binary_data_size: int | None = Field(default=None, ge=0)
    binary_data: bool = False
    binary_data_output: bool = False


class _Input(BaseModel):
    name: str
    datatype: str
    shape: list[int]
    parameters: _Parameters = _Parameters()
    data: list[Any] | None = None


class _Output(BaseModel):
    name: str
    parameters: _Parameters = _Parameters()


class _Body(BaseModel):
    id: str | None = None
    parameters: _Parameters = _Parameters()
    inputs: list[_Input]
    outputs: list[_Output] | None = None


@dataclass(frozen=True)
class Tensor:
    """``data`` is flat: ``bytes`` elements for BYTES, numbers for FP32."""

    name: str
    datatype: str
    shape: list[int]
    data: Sequence[Any]

    def bytes_elements(self) -> list[bytes]:
        """The elements of a BYTES tensor of one dimension."""
        if self.datatype != "BYTES" or self.shape != [len(self.data)]:
            raise ValidationFailed(f"inputs.{self.name}: BYTES of shape [{len(self.data)}] are wanted.")
        return list(self.data)

    def rows(self, width: int) -> list[list[float]]:
        """The rows of an FP32 tensor of shape ``[n, width]``."""
        count = self.shape[0]
        if self.datatype not in ("FP32", "FP64") or self.shape != [count, width] or len(self.data) != count * width:
            raise ValidationFailed(f"inputs.{self.name}: FP32 of shape [n, {width}] are wanted.")
        return [[float(value) for value in self.data[at : at + width]] for at in range(0, len(self.data), width)]


@dataclass(frozen=True)
class InferRequest:
    id: str | None
    inputs: list[Tensor]
    outputs: list[str] | None
    """Names of those that are wanted; None for all."""
    binary: set[str] = field(default_factory=set)
    """Names of the outputs that are wanted in binary; "*" for all."""


def decode_request(raw: bytes, header_length: str | None, *, text: bool = False) -> InferRequest:
    """A request's body → its tensors. Raises ValidationFailed naming what is wrong.

    ``text``: BYTES in JSON are strings as they are; base64 without it.
    """
    split = len(raw) if header_length is None else whole_number(header_length)
    if split is None or split > len(raw):
        raise ValidationFailed(f"header.{_LENGTH}: not the length of this body's JSON.")
    try:
        body = _Body.model_validate_json(raw[:split])
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in ("body", *first["loc"]))
        raise ValidationFailed(f"{where}: {first['msg']}") from error
    binary = {output.name for output in body.outputs or [] if output.parameters.binary_data}
    if body.parameters.binary_data_output:
        binary.add("*")
    names = [output.name for output in body.outputs or []] or None
    return InferRequest(body.id, _tensors(body.inputs, memoryview(raw)[split:], text), names, binary)


def _tensors(inputs: list[_Input], binary: memoryview, text: bool) -> list[Tensor]:
    tensors = []
    for item in inputs:
        size = item.parameters.binary_data_size
        if size is None:
            data = _from_json(item, text)
        else:
            if size > len(binary):
                raise ValidationFailed(f"inputs.{item.name}: the body ends before its {size} bytes.")
            data = _from_binary(item, binary[:size])
            binary = binary[size:]
        tensors.append(Tensor(item.name, item.datatype, item.shape, data))
    return tensors


def _from_json(item: _Input, text: bool) -> list[Any]:
    flat = list(_flatten(item.data or []))
    try:
        if item.datatype == "BYTES" and text:
            return [str(element).encode() for element in flat]
        if item.datatype == "BYTES":
            return [base64.b64decode(element, validate=True) for element in flat]
        return [float(element) for element in flat]
    except (binascii.Error, TypeError, ValueError, OverflowError) as error:
        wanted = "base64 text" if item.datatype == "BYTES" else "numbers"
        raise ValidationFailed(f"inputs.{item.name}.data: {wanted} is wanted ({error}).") from error


def _flatten(values: list[Any]) -> list[Any]:
    # one level of nesting is all that a matrix needs
    return [element for value in values for element in (value if isinstance(value, list) else [value])]


def _from_binary(item: _Input, data: memoryview) -> list[Any]:
    if item.datatype == "BYTES":
        return _length_prefixed(item.name, data)
    if item.datatype not in ("FP32", "FP64") or len(data) % (4 if item.datatype == "FP32" else 8):
        raise ValidationFailed(f"inputs.{item.name}: BYTES or whole FP32 values are wanted.")
    return list(np.frombuffer(data, dtype="<f4" if item.datatype == "FP32" else "<f8").tolist())


def _length_prefixed(name: str, data: memoryview) -> list[Any]:
    elements, at = [], 0
    while at + 4 <= len(data):
        (length,) = struct.unpack_from("<I", data, at)
        elements.append(bytes(data[at + 4 : at + 4 + length]))
        at += 4 + length
    if at != len(data):
        raise ValidationFailed(f"inputs.{name}: the lengths of its elements do not add up.")
    return elements


def encode_response(asked: InferRequest, head: dict[str, Any], tensors: list[Tensor]) -> Response:
    """The answer in the form that was asked for."""
    _check_names(asked.outputs or [], [tensor.name for tensor in tensors])
    described, chunks = [], []
    for tensor in tensors:
        if asked.outputs is not None and tensor.name not in asked.outputs:
            continue
        entry: dict[str, Any] = {"name": tensor.name, "datatype": tensor.datatype, "shape": tensor.shape}
        if asked.binary & {tensor.name, "*"}:
            chunks.append(_to_binary(tensor))
            entry["parameters"] = {"binary_data_size": len(chunks[-1])}
        else:
            entry["data"] = [value.decode() if isinstance(value, bytes) else value for value in tensor.data]
        described.append(entry)
    body = head | ({"id": asked.id} if asked.id else {}) | {"outputs": described}
    if not chunks:
        return JSONResponse(body)
    text = json.dumps(body).encode()
    return Response(text + b"".join(chunks), media_type="application/octet-stream", headers={_LENGTH: str(len(text))})


def _check_names(asked: list[str], there: list[str]) -> None:
    for name in asked:
        if name not in there:
            raise ValidationFailed(f"outputs: no output '{name}'; there are: {', '.join(there)}.")


def _to_binary(tensor: Tensor) -> bytes:
    if tensor.datatype == "BYTES":
        return b"".join(struct.pack("<I", len(value)) + value for value in tensor.data)
    return np.asarray(tensor.data, dtype="<f4").tobytes()
