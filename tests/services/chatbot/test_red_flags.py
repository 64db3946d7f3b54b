"""The emergency rules, one by one; how well the whole does is measured in test_measured."""

from __future__ import annotations

import pytest

from services.chatbot.red_flags import RedFlags
from services.chatbot.topics import Language

RULES = RedFlags()


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("I have crushing chest pain going down my left arm", "heart_attack"),
        ("her face is drooping and she cannot speak", "stroke"),
        ("my throat is swelling after a bee sting", "anaphylaxis"),
        ("the cut won't stop bleeding, blood everywhere", "bleeding"),
        ("he is vomiting blood", "bleeding"),
        ("my baby cannot breathe", "breathing"),
        ("I want to kill myself", "suicide"),
        ("she took a whole bottle of pills", "poisoning"),
        ("my toddler swallowed a button battery", "poisoning"),
        ("fever and a stiff neck since this morning", "meningitis"),
        ("a rash with fever that doesn't fade under a glass", "meningitis"),
        ("infected wound, fever, confused and mottled skin", "sepsis"),
        ("32 weeks pregnant with blurred vision and headache", "eclampsia"),
        ("my three week old has a fever of 38.5", "infant_fever"),
        ("he fell on his head and keeps vomiting", "head_injury"),
        ("my wife is unconscious", "unconscious"),
        ("my brother is having a seizure", "seizure"),
    ],
)
def test_english(text: str, flag: str) -> None:
    assert RULES.find(text, "en") == flag


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("ألم شديد في صدري ينتشر إلى ذراعي", "heart_attack"),
        ("وجه أبي تدلّى من جهة واحدة", "stroke"),
        ("تورم لساني بعد لسعة نحلة", "anaphylaxis"),
        ("ينزف بغزارة والدم لا يتوقف", "bleeding"),
        ("ابني لا يستطيع التنفس", "breathing"),
        ("أريد أن أموت", "suicide"),
        ("ابنتي شربت كلور", "poisoning"),
        ("حرارة وتيبس في الرقبة", "meningitis"),
        ("زوجي فاقد الوعي ولا يستجيب", "unconscious"),
        ("رضيع عمره ٣ أسابيع حرارته ٣٩", "infant_fever"),
        ("عم يتشنج وطالع رغوة من تمه", "seizure"),
    ],
)
def test_arabic(text: str, flag: str) -> None:
    assert RULES.find(text, "ar") == flag


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain going down my arm, just a cough",
        "I do not have chest pain or sweating",
        "what are the symptoms of a heart attack?",
        "my grandfather died of a stroke years ago",
        "last year I had severe chest pain and sweating",
        "this exam is killing me",
        "how do I prevent choking in toddlers",
        "my two month old is 37.1, is that a fever",
    ],
)
def test_what_is_denied_past_asked_or_figurative(text: str) -> None:
    assert RULES.find(text, "en") is None


@pytest.mark.parametrize(
    "text",
    ["ليس عندي ألم في الصدر", "ما هي أعراض النوبة القلبية؟", "توفي جدي بجلطة قبل سنوات", "هموت من الضحك"],
)
def test_the_same_in_arabic(text: str) -> None:
    assert RULES.find(text, "ar") is None


@pytest.mark.parametrize(
    ("text", "language"),
    [("what is the least painful way to end my life", "en"), ("ما هي أسهل طريقة لإنهاء حياتي", "ar")],
)
def test_a_question_about_ones_own_death_is_not_a_question_for_information(text: str, language: Language) -> None:
    assert RULES.find(text, language) == "suicide"


def test_how_to_help_somebody_else_is_one() -> None:
    assert RULES.find("what are the warning signs that a teenager is suicidal", "en") is None


def test_an_emergency_that_is_named() -> None:
    assert RULES.find("my dad is having a heart attack what do I do", "en") == "heart_attack"
    assert RULES.find("نوبة قلبية لأمي الآن ماذا أفعل", "ar") == "heart_attack"


def test_a_denied_sign_beside_a_real_one() -> None:
    assert RULES.find("no chest pain, but half of my face is drooping", "en") == "stroke"


def test_a_past_sentence_does_not_hide_the_present_one() -> None:
    text = "I had asthma years ago. My lips are swelling after peanuts and I cannot breathe."
    assert RULES.find(text, "en") in ("anaphylaxis", "breathing")


def test_signs_far_apart_do_not_add_up() -> None:
    text = "My chest hurts a bit. " + "I like tea. " * 5 + "My left arm is sunburnt."
    assert RULES.find(text, "en") is None


def test_a_long_hostile_message_is_read_in_time() -> None:
    assert RULES.find("chest " * 600 + "a" * 400, "en") is None


def test_pressing_chest_pain_as_an_adjective() -> None:
    assert RULES.find("أنا مصاب بألم صدري ضاغط", "ar") == "heart_attack"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ألم صدر الأغنية حزين جدا", "ar"),
        ("أقدر أتنفس عادي", "ar"),
        ("قادر آخذ نفس عميق", "ar"),
        ("take a breath and relax", "en"),
        ("my chest infection is gone", "en"),
        ("what is a stroke?", "en"),
    ],
)
def test_what_only_sounds_like_it(text: str, language: Language) -> None:
    assert RULES.find(text, language) is None


def test_the_accusative_of_a_word() -> None:
    assert RULES.find("أعاني ضيقًا شديدًا في التنفس", "ar") == "breathing"
