"""What lies in Redis under a name that only its owner knows."""

from __future__ import annotations

from shared.sealed import Sealed


def test_only_the_name_opens_it() -> None:
    mine, sealed = (
        Sealed("conversation", "a-session-id"),
        Sealed("conversation", "a-session-id").seal("pain in my chest"),
    )
    assert mine.open(sealed) == "pain in my chest"
    assert "pain" not in sealed
    assert Sealed("conversation", "another-id").open(sealed) is None
    assert Sealed("idempotency", "a-session-id").open(sealed) is None


def test_neither_the_place_nor_the_text_tells_the_name() -> None:
    sealed = Sealed("conversation", "a-session-id")
    assert "a-session-id" not in sealed.place
    assert sealed.place != Sealed("idempotency", "a-session-id").place
    assert sealed.seal("x") != sealed.seal("x")


def test_what_was_changed_is_not_opened() -> None:
    sealed = Sealed("conversation", "a-session-id")
    text = sealed.seal("hello")
    for at in range(len(text)):
        changed = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
        assert sealed.open(changed) is None
    for rubbish in ("", "zz", "00", "Ω", text[:-2]):
        assert sealed.open(rubbish) is None
