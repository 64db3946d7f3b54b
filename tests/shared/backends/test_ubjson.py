"""A document that XGBoost wrote is whole; no part of it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backends.ubjson import check_ubjson
from tests.support.bundles import weights


@pytest.mark.parametrize("classes", [2, 3])
def test_what_xgboost_writes_is_whole(classes: int) -> None:
    check_ubjson(weights(classes))


@given(st.integers(0, len(weights()) - 1))
def test_no_part_of_it_is(length: int) -> None:
    with pytest.raises(ValueError, match=r"UBJSON"):
        check_ubjson(weights()[:length])


@given(st.binary(max_size=60))
def test_any_bytes_are_taken_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        check_ubjson(b"{" + data)
    except ValueError as error:
        assert "UBJSON" in str(error)  # noqa: PT017 - some of the bytes are taken


BAD = {
    "more behind it": b"{}x",
    "a list": b"[]",
    "nested without end": b"{i\x01a" + b"[" * 5000,
    "a length below zero": b"{i\xff",
    "a huge count of nothing, then cut": b"{i\x01a[$T#L\x7f\xff\xff\xff\xff\xff\xff\xff",
    "a typed array without a count": b"{i\x01a[$i]}",
    "an unknown type": b"{i\x01a?}",
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"UBJSON"):
        check_ubjson(BAD[name])


@pytest.mark.parametrize(
    "data", [b"{}", b"{i\x01aT}", b"{i\x01aSU\x02hi}", b"{i\x01a[#i\x02ZZ}", b"{i\x01a[i\x01{}]}"], ids=repr
)
def test_each_kind_of_value(data: bytes) -> None:
    check_ubjson(data)
