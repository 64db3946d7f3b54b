"""What an answer in the Open Inference Protocol decided, in JSON and in binary."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from gateway.oip_decision import Decision, decision_of


def output(name: str, *data: str) -> dict[str, Any]:
    return {"name": name, "datatype": "BYTES", "shape": [len(data)], "data": list(data)}


def binary(name: str, *data: str) -> tuple[dict[str, Any], bytes]:
    raw = b"".join(struct.pack("<I", len(item)) + item.encode() for item in data)
    shape = {"name": name, "datatype": "BYTES", "shape": [len(data)]}
    return {**shape, "parameters": {"binary_data_size": len(raw)}}, raw


@pytest.mark.parametrize(
    ("words", "decision"),
    [
        (["predicted"], Decision("predicted", [])),
        (["image_quality"], Decision("abstained", ["image_quality"])),
        (["predicted", "low_confidence"], Decision("predicted", ["low_confidence"])),
        (["low_confidence", "low_confidence"], Decision("abstained", ["low_confidence", "low_confidence"])),
        (["something else"], Decision("predicted", [])),
    ],
)
def test_pictures(words: list[str], decision: Decision) -> None:
    assert decision_of({"outputs": [output("label", *words), output("decision", *words)]}, b"") == decision
    (label, first), (described, second) = binary("label", "glioma"), binary("decision", *words)
    assert decision_of({"outputs": [label, output("other", "x"), described]}, first + second) == decision


@pytest.mark.parametrize(
    ("kinds", "word"),
    [
        (["answer"], "answer"),
        (["smalltalk"], "smalltalk"),
        (["answer", "emergency"], "emergency"),
        (["made up"], "answer"),
    ],
)
def test_chats(kinds: list[str], word: str) -> None:
    assert decision_of({"outputs": [output("response", "Rest."), output("kind", *kinds)]}, b"") == Decision(word, [])


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        [output("probabilities", "0.1")],
        ["no object"],
        [{"name": "decision"}],
        [{"name": "decision", "parameters": {"binary_data_size": "many"}}],
        [{"name": "decision", "parameters": {"binary_data_size": 10**9}}],
        [{"name": "decision", "parameters": {"binary_data_size": -5}}],
        [{"name": "decision", "parameters": None, "data": {}}],
    ],
)
def test_what_was_not_asked_for_or_is_damaged_is_no_abstention(outputs: list[Any]) -> None:
    assert decision_of({"outputs": outputs}, b"\x00\x01") == Decision("predicted", [])
