"""Checks the knowledge base as an editor would: ``python -m services.chatbot.lint [FOLDER]``.

The schema says what a topic must have; this says what it must not: doses, the wrong language, a reference nobody can
look up, two topics with one name.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from services.chatbot.topics import KNOWLEDGE, LANGUAGES, Language, Topic, read_topic
from shared.errors import BundleError

AUTHORITIES = ("WHO", "CDC", "NHS", "MedlinePlus", "NIH", "NICE", "DoctorAI")
DOSE = re.compile(
    r"\d[\d.,]*\s*(?:mg|mcg|µg|microgram\w*|milligram\w*|ml|IU|tablets?|capsules?|pills|puffs|drops|"
    r"ملغ|ملغم|ملجم|مجم|مغ|ملي?غرام|ملي?جرام|ميكروغرام|ميكروجرام|مل|وحدة دولية|"
    r"حبة|حبات|أقراص|قرص|كبسولة|كبسولات|بخات|قطرات)\b",
    re.IGNORECASE,
)
_ARABIC, _LATIN = re.compile(r"[\u0621-\u064a]"), re.compile(r"[A-Za-z]")
_LATIN_SHARE = 0.15  # names of tests and models may stay Latin in an Arabic text
_WORDS = (8, 130)


def lint_topic(topic: Topic) -> Iterator[str]:
    """What an editor must change in ``topic``, a line each."""
    if topic.reviewed > datetime.now(UTC).date():
        yield "reviewed: lies in the future"
    for reference in topic.references:
        authority, _, title = reference.partition(": ")
        if authority not in AUTHORITIES or not title.strip():
            yield f"references: '{reference}' is not 'AUTHORITY: title' with one of {', '.join(AUTHORITIES)}"
    for language in LANGUAGES:
        yield from _lint_language(topic, language)


def _lint_language(topic: Topic, language: Language) -> Iterator[str]:
    text = topic.text(language)
    for name, words in text.sections().items():
        low, high = _WORDS
        if not low <= len(words.split()) <= high:
            yield f"{language}.{name}: {len(words.split())} words; {low} to {high} are wanted"
        if dose := DOSE.search(words):
            yield f"{language}.{name}: '{dose.group()}' reads like a dose; refer to the label or a pharmacist"
    for name, words in (("title", text.title), *text.sections().items(), *(("questions", q) for q in text.questions)):
        if not _in_language(words, language):
            yield f"{language}.{name}: not in this language: {words[:40]}"


def _in_language(words: str, language: Language) -> bool:
    arabic, latin = len(_ARABIC.findall(words)), len(_LATIN.findall(words))
    if language == "en":
        return arabic == 0
    return arabic > 0 and latin <= max(12, _LATIN_SHARE * (arabic + latin))


def lint(folder: Path = KNOWLEDGE) -> list[str]:
    """What is wrong in ``folder``, "file: what" a line; an empty list when nothing is."""
    found: list[str] = []
    names: dict[tuple[str, str], str] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            topic = read_topic(path)
        except BundleError as error:
            found.append(error.detail)
            continue
        found += [f"knowledge/{path.name}: {line}" for line in lint_topic(topic)]
        for language in LANGUAGES:
            for name in {topic.text(language).title.casefold(), *map(str.casefold, topic.text(language).aliases)}:
                other = names.setdefault((language, name), topic.id)
                if other != topic.id:
                    found.append(f"knowledge/{path.name}: {language}: '{name}' is a name of {other}, too")
    return found


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else KNOWLEDGE
    problems = lint(folder)
    count = len(list(folder.glob("*.yaml")))
    sys.stdout.write("\n".join([*problems, f"{count} topics, {len(problems)} problems"]) + "\n")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())
