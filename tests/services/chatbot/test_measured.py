"""What the issue promises, measured on phrases that nothing was tuned on, with the model that ships.

A few points below the promise here would be another model than the one that the card describes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.chatbot.loader import LoadedChat
from services.chatbot.text import language_of
from services.chatbot.topics import Language
from tests.services.chatbot.conftest import Ask, rows
from training.chatbot_evaluation import evaluation_set
from training.emergencies import read_lines

SMALL_TALK: dict[Language, str] = {
    "en": "We moved here in spring and like the town. The neighbours are kind. Thank you for this service.",
    "ar": "انتقلنا إلى هنا في الربيع وأعجبتنا المدينة. الجيران طيبون. شكرا على هذه الخدمة.",
}


def _counts(ask: Ask, phrases: list[dict[str, Any]]) -> tuple[int, int, int]:
    """Emergencies that were found, emergencies that there are, alarms that were raised."""
    raised = [ask(row["text"]).kind == "emergency" for row in phrases]
    wanted = [bool(row["red_flag"]) for row in phrases]
    return sum(hit and want for hit, want in zip(raised, wanted, strict=True)), sum(wanted), sum(raised)


def test_red_flags_of_both_languages_and_the_projects_evaluation_set(ask: Ask, data: Path) -> None:
    phrases = [row for language in ("en", "ar") for row in rows(f"red_flags_heldout_{language}")]
    phrases += [{"text": row["question"], **row} for row in read_lines(data / "chatbot" / "eval_dev.jsonl")]
    found, wanted, raised = _counts(ask, phrases)
    assert found / wanted >= 0.98
    assert found / raised >= 0.9


@pytest.mark.parametrize("language", ["en", "ar"])
def test_red_flags(ask: Ask, language: Language) -> None:
    found, wanted, raised = _counts(ask, rows(f"red_flags_heldout_{language}"))
    assert wanted >= 150
    assert found / wanted >= 0.97
    assert found / raised >= 0.9


@pytest.mark.parametrize(("language", "certain"), [("en", 0.9), ("ar", 0.85)])
def test_paraphrases(ask: Ask, language: Language, certain: float) -> None:
    """Emergencies as people say them, and calm messages that sound like them; ``certain``: found by the rules."""
    phrases = rows(f"paraphrases_{language}")
    flags = [ask(row["text"]) for row in phrases if row["red_flag"]]
    calm = [ask(row["text"]) for row in phrases if not row["red_flag"]]
    assert len(flags) >= 40
    assert len(calm) >= 30
    assert [draft.response for draft in flags if draft.kind != "emergency"] == []
    assert sum(not draft.suspected for draft in flags) / len(flags) >= certain
    assert sum(draft.kind == "emergency" for draft in calm) / len(calm) <= 0.2
    assert sum(draft.kind == "emergency" and not draft.suspected for draft in calm) / len(calm) <= 0.06


@pytest.mark.parametrize("language", ["en", "ar"])
def test_red_flags_inside_a_long_message(ask: Ask, language: Language) -> None:
    """What nobody reads to the end must be read to the end."""
    small_talk = SMALL_TALK[language]
    flags = [row["text"] for row in rows(f"red_flags_heldout_{language}") if row["red_flag"]]
    hidden = [f"{small_talk} {text}. {small_talk}" for text in flags]
    raised = [ask(text).kind == "emergency" for text in hidden[::3]]
    assert sum(raised) / len(raised) >= 0.95


@pytest.mark.parametrize(("language", "least"), [("en", 0.85), ("ar", 0.75)])
def test_retrieval(model: LoadedChat, language: Language, least: float) -> None:
    questions = rows(f"retrieval_heldout_{language}")
    hits = [model.engine.find(row["text"], language)[0].topics[0] == row["topic"] for row in questions]
    assert sum(hits) / len(hits) >= least


@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_is_out_of_scope_is_declined(ask: Ask, language: Language) -> None:
    strangers = [row for row in rows(f"out_of_scope_heldout_{language}") if row["kind"] != "smalltalk"]
    declined = [ask(row["text"]).kind in ("refusal", "clarify", "smalltalk") for row in strangers]
    assert sum(declined) / len(declined) >= 0.9


@pytest.mark.parametrize("name", ["red_flags_heldout", "retrieval_heldout", "out_of_scope_heldout"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_answer_is_in_the_right_language_with_its_sources(ask: Ask, name: str, language: Language) -> None:
    for row in rows(f"{name}_{language}")[::3]:
        draft = ask(row["text"])
        assert draft.language == language, row["text"]
        assert language_of(draft.response) == language, row["text"]
        assert draft.kind != "answer" or draft.sources, row["text"]


def test_the_projects_evaluation_set(model: LoadedChat, ask: Ask, data: Path) -> None:
    folder = data / "chatbot"
    if not folder.is_dir():
        pytest.skip("the chat questions are not on this machine")
    report = evaluation_set(model, read_lines(folder / "eval_dev.jsonl"))
    assert report["wrong_language"] == []
    assert report["without_sources"] == []
    assert report["red_flags"]["recall"].value >= 0.98
    assert report["declined_out_of_scope"].value == 1.0
    assert len(read_lines(folder / "eval_dev.jsonl")) == 125
