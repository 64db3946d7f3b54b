"""What every service says to a person: whole, plain, without dosage, and honest about what it cannot rule out."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from shared.definition import ClassText, ServiceDefinition

SERVICES = Path(__file__).resolve().parents[2] / "services"
# found by text, not import: a definition that cannot be imported fails its own tests only
NAMES = sorted(path.parent.name for path in SERVICES.glob("*/definition.py") if "ClassText(" in path.read_text("utf-8"))
NORMAL = {"colon_benign", "healthy", "lung_benign", "no_tumor", "non_monkeypox", "normal"}

DOSAGE = re.compile(
    r"\b(\d+\s*(mg|mcg|µg|ml)|mg|mcg|ml|milligrams?|dos(e|es|age|ing)|tablets?|pills?|capsules?|injections?|"
    r"antibiotics?|aspirin|ibuprofen|paracetamol|acetaminophen)\b",
    re.IGNORECASE,
)
CLINICIAN = re.compile(r"\b(doctor|clinician|pathologist|neurologist|dermatologist|radiologist)s?\b", re.IGNORECASE)
NOT_RULED_OUT = re.compile(r"\b(not|cannot|never)\b[^.]{0,20}\brule[sd]?\b[^.]{0,40}\bout\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\b(todo|tbd|fixme|xxx|lorem)\b", re.IGNORECASE)
OF_A_MACHINE = re.compile(r"(?<![\w.])/(work|home|root|tmp|Users|mnt)/|[A-Z]:\\")


def definition_of(name: str) -> ServiceDefinition:
    definition = importlib.import_module(f"services.{name}.definition").SERVICE
    assert isinstance(definition, ServiceDefinition)
    return definition


@pytest.fixture(params=NAMES)
def service(request: pytest.FixtureRequest) -> ServiceDefinition:
    definition = definition_of(request.param)
    assert definition.service == request.param
    return definition


def texts(service: ServiceDefinition) -> Iterator[tuple[str, str]]:
    """(where, text) of everything that a person may read."""
    yield from (("title", service.title), ("accepts", service.accepts), ("notice", service.notice))
    yield from ((f"not_for[{index}]", text) for index, text in enumerate(service.not_for))
    yield from ((f"limits[{index}]", text) for index, text in enumerate(service.limits))
    for label, words in service.classes.items():
        yield from ((f"{label}.{part.name}", getattr(words, part.name)) for part in fields(ClassText))


def test_the_five_are_found() -> None:
    assert {"lung_colon", "monkeypox", "palm", "tumor", "xray"} <= set(NAMES)


def test_no_normal_label_was_renamed_away() -> None:
    known = {label for name in NAMES for label in definition_of(name).classes}
    assert known >= NORMAL


def test_nothing_is_a_placeholder_or_names_a_machine(service: ServiceDefinition) -> None:
    bad = [where for where, text in texts(service) if PLACEHOLDER.search(text) or OF_A_MACHINE.search(text)]
    assert bad == []


def test_texts_have_no_stray_spaces(service: ServiceDefinition) -> None:
    """Where two strings are joined, a space is easily lost or doubled."""
    bad = [where for where, text in texts(service) if text != text.strip() or re.search(r"  |[.;:,][A-Za-z]{2}", text)]
    assert [where for where in bad if not where.endswith(".source")] == []


def test_every_class_has_its_words(service: ServiceDefinition) -> None:
    for label, words in service.classes.items():
        assert words.title != label, label
        assert len(words.title) > 5, label
        assert len(re.findall(r"[.!?](?:\s|$)", words.description)) >= 2, f"{label}: fewer than two sentences"
        assert len(words.recommendation) >= 60, label
        assert len(words.source) >= 10, label


def test_classes_do_not_share_a_description(service: ServiceDefinition) -> None:
    assert len({words.description for words in service.classes.values()}) == len(service.classes)


def test_no_dosage(service: ServiceDefinition) -> None:
    found = {where: match[0] for where, text in texts(service) if (match := DOSAGE.search(text))}
    assert found == {}


def test_a_normal_answer_does_not_rule_disease_out(service: ServiceDefinition) -> None:
    for label in NORMAL & set(service.classes):
        assert NOT_RULED_OUT.search(service.classes[label].description), label


def test_a_serious_answer_sends_to_a_clinician(service: ServiceDefinition) -> None:
    for label in set(service.classes) - NORMAL:
        assert CLINICIAN.search(service.classes[label].recommendation), label


def test_folders_are_those_of_the_classes(service: ServiceDefinition) -> None:
    assert list(service.folders) == list(service.classes)
    assert len(set(service.folders.values())) == len(service.folders)


def test_it_says_what_it_takes_and_what_it_cannot_do(service: ServiceDefinition) -> None:
    assert "JPEG" in service.accepts
    assert "PNG" in service.accepts
    assert len(service.limits) >= 3
    assert all(len(limit) >= 20 for limit in service.limits)
    assert service.notice in service.disclaimer
    assert "not a diagnosis" in service.disclaimer


def test_it_says_first_what_it_must_not_be_used_for(service: ServiceDefinition) -> None:
    """One screen for somebody in a hurry: few lines, and short."""
    assert 4 <= len(service.not_for) <= 6
    assert all(10 <= len(line) <= 120 for line in service.not_for)


def test_a_normal_answer_and_a_serious_one_ask_for_different_things(service: ServiceDefinition) -> None:
    labels = set(service.classes)
    assert all(words.action for words in service.classes.values())
    for normal in labels & NORMAL:
        assert service.contradict([normal, *(labels - NORMAL)])
    if labels & NORMAL:
        assert not service.contradict(labels & NORMAL)


def test_the_readme_is_of_this_service(service: ServiceDefinition) -> None:
    readme = (SERVICES / service.service / "README.md").read_text("utf-8")
    assert f"python -m services.{service.service}" in readme
    assert [label for label in service.classes if f"`{label}`" not in readme] == []
    assert not PLACEHOLDER.search(readme)


def test_the_words_that_must_be_said() -> None:
    """What the data of a service forbids to leave out."""
    xray, monkeypox = definition_of("xray"), definition_of("monkeypox")
    assert "children aged 1 to 5" in xray.disclaimer
    assert "not for adults" in xray.disclaimer
    assert "mpox" in monkeypox.classes["monkeypox"].title
    assert "skin tone" in " ".join(monkeypox.limits)
