"""Open Inference Protocol bodies: JSON and binary, read strictly, written as they were asked for."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import ValidationFailed
from shared.service.oip_codec import InferRequest, Tensor, decode_request, encode_response

PICTURES = [b"first", b"", b"\x00\xff"]


def body(datatype: str = "BYTES", shape: list[int] | None = None, **tensor: Any) -> dict[str, Any]:
    return {"inputs": [{"name": "x", "datatype": datatype, "shape": shape or [1], **tensor}]}


def binary(text: dict[str, Any], raw: bytes) -> tuple[bytes, str]:
    head = json.dumps(text).encode()
    return head + raw, str(len(head))


def prefixed(elements: list[bytes]) -> bytes:
    return b"".join(struct.pack("<I", len(element)) + element for element in elements)


def test_bytes_in_json_are_base64() -> None:
    data = [base64.b64encode(picture).decode() for picture in PICTURES]
    (tensor,) = decode_request(json.dumps(body(shape=[3], data=data)).encode(), None).inputs
    assert tensor.bytes_elements() == PICTURES


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_bytes_in_binary_are_length_prefixed(pictures: list[bytes]) -> None:
    raw = prefixed(pictures)
    asked = decode_request(*binary(body(shape=[len(pictures)], parameters={"binary_data_size": len(raw)}), raw))
    assert asked.inputs[0].data == pictures


@pytest.mark.parametrize("data", [[0.5, 1, 2, 3], [[0.5, 1], [2, 3]]])
def test_numbers_flat_or_in_rows(data: list[Any]) -> None:
    (tensor,) = decode_request(json.dumps(body("FP32", [2, 2], data=data)).encode(), None).inputs
    assert tensor.rows(2) == [[0.5, 1.0], [2.0, 3.0]]


@pytest.mark.parametrize(("datatype", "code"), [("FP32", "<4f"), ("FP64", "<4d")])
def test_numbers_in_binary(datatype: str, code: str) -> None:
    raw = struct.pack(code, 0.5, 1, 2, 3)
    asked = decode_request(*binary(body(datatype, [2, 2], parameters={"binary_data_size": len(raw)}), raw))
    assert asked.inputs[0].rows(2) == [[0.5, 1.0], [2.0, 3.0]]


def test_two_binary_tensors_follow_each_other() -> None:
    tensors = [
        {"name": name, "datatype": "FP32", "shape": [1], "parameters": {"binary_data_size": 4}} for name in ("a", "b")
    ]
    asked = decode_request(*binary({"inputs": tensors}, struct.pack("<2f", 1, 2)))
    assert [tensor.data for tensor in asked.inputs] == [[1.0], [2.0]]


WRONG: dict[str, tuple[bytes, str | None]] = {
    "nothing": (b"", None),
    "no JSON": (b"{", None),
    "a list": (b"[]", None),
    "no inputs": (b"{}", None),
    "no base64": (json.dumps(body(data=["***"])).encode(), None),
    "numbers for bytes": (json.dumps(body(data=[1])).encode(), None),
    "text that is not ASCII": (json.dumps(body(data=["é"])).encode(), None),
    "words for numbers": (json.dumps(body("FP32", data=["x"])).encode(), None),
    "null for a number": (json.dumps(body("FP32", data=[None])).encode(), None),
    "nested too deep": (json.dumps(body("FP32", data=[[[1]]])).encode(), None),
    "a number that no float holds": (
        b'{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1%s]}]}' % (b"0" * 400),
        None,
    ),
    "header in words": (b"{}", "two"),
    "header in superscript": (b"{}", "²"),
    "header too long": (b"{}", "9" * 5000),
    "header beyond the body": (b"{}", "3"),
    "header below zero": (b"{}", "-1"),
    "size below zero": binary(body(parameters={"binary_data_size": -1}), b""),
    "size beyond the body": binary(body(parameters={"binary_data_size": 9}), b"1234"),
    "length beyond its tensor": binary(body(parameters={"binary_data_size": 8}), struct.pack("<I", 99) + b"1234"),
    "half a length": binary(body(parameters={"binary_data_size": 2}), b"\x01\x00"),
    "half a number": binary(body("FP32", parameters={"binary_data_size": 3}), b"123"),
    "whole numbers": binary(body("INT8", parameters={"binary_data_size": 1}), b"1"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_a_validation_error(name: str) -> None:
    with pytest.raises(ValidationFailed, match=r"body|inputs\.x|header\.Inference-Header-Content-Length"):
        decode_request(*WRONG[name])


@pytest.mark.parametrize(
    "tensor", [Tensor("x", "BYTES", [2], [b"a"]), Tensor("x", "BYTES", [1, 1], [b"a"]), Tensor("x", "FP32", [1], [1.0])]
)
def test_bytes_need_their_own_shape(tensor: Tensor) -> None:
    with pytest.raises(ValidationFailed, match="BYTES of shape"):
        tensor.bytes_elements()


@pytest.mark.parametrize("shape", [[4], [1, 4], [2, 3], [3, 2], [2, 2, 1]])
def test_rows_need_their_own_shape(shape: list[int]) -> None:
    with pytest.raises(ValidationFailed, match=r"FP32 of shape \[n, 2\]"):
        Tensor("x", "FP32", shape, [1.0] * 4).rows(2)


@given(st.binary(max_size=80), st.one_of(st.none(), st.text(max_size=4), st.integers(-5, 90).map(str)))
def test_any_bytes_are_taken_or_refused_and_nothing_else(raw: bytes, header: str | None) -> None:
    try:
        decode_request(raw, header)
    except ValidationFailed:
        return


OUTPUTS = [Tensor("label", "BYTES", [2], [b"red", b"other"]), Tensor("probabilities", "FP32", [2, 1], [0.25, 0.5])]


def test_an_answer_in_json() -> None:
    answer = encode_response(InferRequest("7", [], None), {"model_name": "toy"}, OUTPUTS)
    told = json.loads(bytes(answer.body))
    assert (told["id"], told["model_name"]) == ("7", "toy")
    assert [output["data"] for output in told["outputs"]] == [["red", "other"], [0.25, 0.5]]
    assert "inference-header-content-length" not in answer.headers


def test_an_answer_in_binary_for_one_output_and_no_other() -> None:
    asked = InferRequest(None, [], ["probabilities"], {"probabilities"})
    answer = encode_response(asked, {}, OUTPUTS)
    split = int(answer.headers["inference-header-content-length"])
    (output,) = json.loads(bytes(answer.body[:split]))["outputs"]
    assert (output["name"], output["parameters"]) == ("probabilities", {"binary_data_size": 8})
    assert struct.unpack("<2f", bytes(answer.body[split:])) == (0.25, 0.5)


def test_all_in_binary() -> None:
    answer = encode_response(InferRequest(None, [], None, {"*"}), {}, OUTPUTS)
    split = int(answer.headers["inference-header-content-length"])
    assert bytes(answer.body[split:]) == prefixed([b"red", b"other"]) + struct.pack("<2f", 0.25, 0.5)
