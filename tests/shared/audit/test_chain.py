"""The form of a line, its signature and the keys."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.chain import LONGEST_LINE, START, End, NotALine, canonical, fault, parse, seal
from shared.audit.event import LONGEST, AuditEvent
from shared.audit.keys import audit_keys
from tests.shared.audit.helpers import KEYS, SECRET, FakeClock, event

KID, KEY = next(iter(KEYS.items()))
RAW, END = seal(event(FakeClock()), START, KID, KEY)


def test_a_line_is_what_the_documentation_says() -> None:
    body = (
        '{"event":{"action":"predict","confidence":0.5,"model":"xray","outcome":"ok","request_id":"r0",'
        f'"time":"2026-03-01T12:00:00Z"}},"kid":"{KID}","prev":"{"0" * 64}","seq":1,"v":1}}'
    )
    digest = hmac.new(KEY, body.encode(), hashlib.sha256).hexdigest()
    assert RAW.decode() == body.replace(',"kid"', f',"hash":"{digest}","kid"') + "\n"
    assert End(1, digest) == END


def test_keys_are_derived_and_named_by_their_hash() -> None:
    keys = audit_keys(SECRET, ["former", ""])
    assert list(keys) == [hashlib.sha256(key).hexdigest()[:8] for key in keys.values()]
    assert [len(key) for key in keys.values()] == [32, 32]
    assert keys[KID] == KEY != SECRET.encode()
    assert next(iter(keys)) == KID, "the current one is first"
    with pytest.raises(ValueError, match="secret key"):
        audit_keys("")


@given(st.text(max_size=LONGEST), st.floats(min_value=0, max_value=1), st.integers(min_value=0, max_value=2**53))
def test_whatever_is_recorded_can_be_read_and_believed(text: str, confidence: float, seq: int) -> None:
    said = AuditEvent(action="predict", outcome="ok", client=text, confidence=confidence)
    raw, end = seal(said, End(seq, "a" * 64), KID, KEY)
    line = parse(raw)
    assert raw.count(b"\n") == 1
    assert (line.end, line.prev, fault(line, KEYS)) == (end, "a" * 64, None)
    assert line.event["client"] == text
    assert AuditEvent.model_validate(line.event) == said


def test_the_longest_line_is_taken() -> None:
    worst = "\x00" * LONGEST
    texts = dict.fromkeys(("subject", "role", "key_id", "client", "request_id", "model", "model_version"), worst)
    more = dict.fromkeys(("decision", "result", "target"), worst)
    detail = {f"{number:0<{LONGEST}}": worst for number in range(16)}
    said = AuditEvent.model_validate({"action": "start", "outcome": "ok", **texts, **more, "detail": detail})
    assert len(seal(said, START, KID, KEY)[0]) < LONGEST_LINE


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        RAW[:-1],
        RAW + b"\n",
        b" " + RAW,
        RAW.replace(b"\n", b"\r\n"),
        RAW.replace(b'"seq":1', b'"seq": 1'),
        RAW.replace(b'"seq":1', b'"seq":2,"seq":1'),
        RAW.decode().encode("utf-16"),
        b"[" * 100_000 + b"\n",
        b'{"a":NaN}\n',
        b'{"a":"\\ud800"}\n',
        b"[]\n",
        b"\xff\n",
    ],
)
def test_other_forms_are_no_lines(raw: bytes) -> None:
    with pytest.raises(NotALine):
        parse(raw)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"seq": 0},
        {"seq": "1"},
        {"prev": "x"},
        {"hash": None},
        {"kid": 1},
        {"kid": {"a": 1, "hash": 2}},
        {"hash": {"kid": 1}},
        {"event": []},
        {"extra": 1},
    ],
)
def test_other_fields_are_no_lines(change: dict[str, Any]) -> None:
    with pytest.raises(NotALine, match="form"):
        parse(canonical({**json.loads(RAW), **change}) + b"\n")


def test_faults() -> None:
    changed = canonical({**json.loads(RAW), "seq": 2}) + b"\n"
    assert fault(parse(changed), KEYS) == "was changed after it was written"
    assert "unknown key" in str(fault(parse(RAW), audit_keys("another")))
