"""Words an answer from a topic, without a language model: its own sentences, the part that was asked for first."""

from __future__ import annotations

from collections.abc import Sequence

from services.chatbot.topics import Language, Topic
from services.chatbot.wording import Wording
from shared.contract import ChatSource

_WHOLE = ("what", "symptoms", "seek_care")
_GUIDE = ("what", "self_care", "seek_care")


def extract(topic: Topic, asked: Sequence[str], language: Language, wording: Wording) -> str:
    """The sections that were asked for, or what the topic is, its signs, and when to get help; always the last."""
    text = topic.text(language)
    there = text.sections()
    usual = _GUIDE if topic.kind == "guide" else _WHOLE
    chosen = [name for name in there if name in asked and name != "what"] or [n for n in usual if n in there]
    names = dict.fromkeys([*(() if set(chosen) <= {"what"} else chosen), "seek_care"])
    parts = [text.title]
    if "what" in chosen:
        parts.append(there["what"])
    parts += [f"{wording.headings[name]}: {there[name]}" for name in there if name in names and name != "what"]
    return "\n\n".join(parts)


def sources_of(topic: Topic, language: Language) -> list[ChatSource]:
    """One source for each reference of the topic."""
    title = topic.text(language).title
    return [ChatSource(title=title, topic=topic.id, reference=reference) for reference in topic.references]
