"""From a message to an answer: emergencies first, then what must be declined, then the knowledge base.

Nothing here waits for a network: turns of the conversation come in, an answer goes out, on one worker thread.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.chatbot.answers import extract, sources_of
from services.chatbot.conversation import Turn
from services.chatbot.emergencies import Emergencies
from services.chatbot.encoder import Encoder
from services.chatbot.generation import Cancelled, Generator
from services.chatbot.grounding import fault
from services.chatbot.kinds import GENERAL, Kinds
from services.chatbot.passages import Vectors
from services.chatbot.red_flags import SUICIDE, RedFlags
from services.chatbot.retrieval import Found, Ranking, Retriever, confidence
from services.chatbot.scope import SMALL_TALK, Scope, emergency_topics, is_follow_up, without_denial
from services.chatbot.text import clean, language_of, languages_in, normalise, tokens, windows
from services.chatbot.topics import Language, Topic
from services.chatbot.wording import Wording
from shared.contract import ChatKind, ChatSource, Urgency
from shared.errors import ValidationFailed
from shared.logs import get_logger
from shared.tracing.stage import Stage

_log = get_logger(__name__)
_SUGGESTED = 3
_WORTH_SUGGESTING = 0.15
_CERTAIN = 0.9
"""From here a guess that it is no question about health outweighs a topic that fits."""

_ALONE = 0.8
"""From here a message stands by itself, though its words lean on what was said before."""

_SUICIDE_TOPIC, _NEAR = "self_harm_and_suicide_prevention", 3
_CRIES = frozenset(
    ["sos", "help", "help me", "emergency", "911", "112", "999", "النجده", "ساعدوني", "انقذوني", "طواري"]
)
"""Whole messages that call for help."""

_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Question:
    """A message with what was said before it, newest first. ``cancelled`` is set when the caller has gone."""

    message: str
    language: Language | None = None
    turns: Sequence[Turn] = ()
    cancelled: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Draft:
    """What to answer, and what to remember of it. ``stages``: which of the work took a while."""

    response: str
    language: Language
    kind: ChatKind
    confidence: float = 1.0
    urgency: Urgency = "none"
    sources: tuple[ChatSource, ...] = ()
    topic: str | None = None
    generated: bool = False
    suspected: bool = False
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True)
class Knowledge:
    """The knowledge base, indexed."""

    topics: Mapping[str, Topic]
    retrievers: Mapping[Language, Retriever]
    rankings: Mapping[Language, Ranking]


class Engine:
    """Answers questions; immutable but for the language model, so several threads may use it."""

    def __init__(
        self,
        knowledge: Knowledge,
        encoder: Encoder,
        emergencies: Emergencies,
        kinds: Kinds,
        wording: Mapping[Language, Wording],
        *,
        generator: Generator | None = None,
        emergency_number: str | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._encoder = encoder
        self._emergencies = emergencies
        self._kinds = kinds
        self._wording = wording
        self._generator = generator
        self._number = emergency_number
        self._rules = RedFlags()
        self._scope = Scope()
        self._urgent_topics = emergency_topics()

    def answer(self, question: Question) -> Draft:
        """The answer to ``question``. Raises ValidationFailed for a message without a word."""
        text = clean(question.message)
        if not text:
            raise ValidationFailed("body.message: there is nothing in it to read.")
        spoken = language_of(text)
        language = question.language or spoken or "en"
        if flag := self._flag(text, question.turns):
            return self._emergency("suicide" if flag == SUICIDE else "emergency", language)
        if spoken is None:
            return self._say("foreign" if _LETTER.search(text) else "unknown", language, "clarify")
        rest = without_denial(text, spoken)
        if rest is not None:
            if tokens(rest, spoken):
                text = rest  # "not an emergency, I only want to know …"
            elif question.turns and question.turns[0].suspected:
                return self._answer_calm(question.turns[0].message, spoken, language, question)
            else:
                return self._say("empty", language, "clarify")
        embedding = self._encoder.queries([text])[0]
        if self._suspects(text, embedding, spoken):
            found, _ = self._find(text, embedding, spoken)
            return self._emergency("suicide" if _SUICIDE_TOPIC in found.topics[:_NEAR] else "suspected", language)
        return self._calm(text, embedding, spoken, language, question)

    def _suspects(self, text: str, embedding: Vectors, language: Language) -> bool:
        """The second net, over the message and over its parts: a long story must not hide one sentence."""
        parts = windows(self._rules.parts(text, language))
        vectors = [embedding, *(self._encoder.queries(parts) if parts else ())]
        return any(
            self._emergencies.suspects(part, vector, language)
            for part, vector in zip([text, *parts], vectors, strict=True)
        )

    def find(self, text: str, language: Language) -> tuple[Found, float]:
        """The topics that ``text`` may be about, and how probable the first is."""
        text = clean(text)
        return self._find(text, self._encoder.queries([text])[0], language)

    def _find(self, text: str, embedding: Vectors, language: Language) -> tuple[Found, float]:
        ranking = self._knowledge.rankings[language]
        found = self._knowledge.retrievers[language].find(text, embedding, ranking)
        return found, confidence(found, ranking)

    def _flag(self, text: str, turns: Sequence[Turn]) -> str | None:
        """The red flag of this message, or of it and what was said before together."""
        if normalise(text).strip(" .!") in _CRIES:
            return "cry"
        # signs told one after the other; what was an emergency for sure has been answered
        before = ". ".join(turn.message for turn in reversed(turns) if turn.kind != "emergency" or turn.suspected)
        for language in languages_in(text):
            if flag := self._rules.find(text, language):
                return flag
            if before and not self._rules.find(before, language):
                flag = self._rules.find(f"{before}. {text}", language)
                if flag:
                    return flag
        return None

    def _emergency(self, kind: str, language: Language) -> Draft:
        text = self._wording[language].urgent(kind, self._number)
        return Draft(text, language, "emergency", urgency="emergency", suspected=kind == "suspected")

    def _answer_calm(self, text: str, spoken: Language, language: Language, question: Question) -> Draft:
        """Answers an earlier message that was taken for an emergency."""
        own = language_of(text) or spoken
        return self._calm(text, self._encoder.queries([text])[0], own, language, question)

    def _calm(self, text: str, embedding: Vectors, spoken: Language, language: Language, question: Question) -> Draft:
        kind = self._scope.kind(text, spoken)
        if kind:
            return self._decline(kind, language)
        guess, probable = self._kinds.of(embedding)
        found, sure = self._find(text, embedding, spoken)
        threshold = self._knowledge.rankings[spoken].threshold
        topic = self._leans_on(text, spoken, question.turns) if sure < _ALONE else None
        asks_more = topic and self._scope.sections(text, spoken)
        if guess and (probable >= _CERTAIN or (sure < threshold and not asks_more)):
            return self._decline(guess, language)
        if topic:
            text = f"{topic.text(spoken).title}: {text}"
            found, sure = self._find(text, self._encoder.queries([text])[0], spoken)
        elif sure < threshold:
            return self._clarify(found, sure, language)
        chosen = self._knowledge.topics[found.topics[0]]
        return self._inform(chosen, text, spoken, language, sure, question.cancelled)

    def _decline(self, kind: str, language: Language) -> Draft:
        if kind in SMALL_TALK:
            return self._say(kind, language, "smalltalk")
        return self._say("unknown" if kind == GENERAL else kind, language, "refusal")

    def _leans_on(self, text: str, language: Language, turns: Sequence[Turn]) -> Topic | None:
        """The topic of the last answer, when ``text`` is a follow-up to it."""
        if not turns or not is_follow_up(text, language):
            return None
        topics = (turn.topic or self._topic_of(turn, language) for turn in turns)
        last = next((topic for topic in topics if topic), None)
        return self._knowledge.topics.get(last) if last else None

    def _topic_of(self, turn: Turn, language: Language) -> str | None:
        """The topic of a message of which only the words are known: callers may keep the conversation themselves."""
        if turn.kind != "answer" or language_of(turn.message) != language or self._scope.kind(turn.message, language):
            return None
        found, sure = self.find(turn.message, language)
        return found.topics[0] if sure >= self._knowledge.rankings[language].threshold else None

    def _inform(
        self, topic: Topic, text: str, spoken: Language, language: Language, sure: float, cancelled: threading.Event
    ) -> Draft:
        asked = self._scope.sections(text, spoken)
        extracted = extract(topic, asked, language, self._wording[language])
        began = time.perf_counter()
        written = self._generate(text, topic, language, cancelled)
        generated = (Stage("generate", began, time.perf_counter()),) if self._generator else ()
        return Draft(
            written or extracted,
            language,
            "answer",
            confidence=sure,
            urgency=topic.urgency,
            sources=tuple(sources_of(topic, language)),
            topic=topic.id,
            generated=written is not None,
            stages=generated,
        )

    def _generate(self, text: str, topic: Topic, language: Language, cancelled: threading.Event) -> str | None:
        """What the user's language model makes of the topic; None without one, or when it fails a check."""
        if self._generator is None:
            return None
        sections = topic.text(language).sections()
        passages = list(sections.values())
        try:
            written = self._generator.write(text, passages, language, cancelled)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a user's checkpoint does, the extractive answer is there
            _log.warning("generation_failed", error=type(error).__name__)
            return None
        reason = fault(written, [topic.text(language).title, *passages], language)
        if reason:
            _log.info("generation_rejected", reason=reason)
            return None
        return f"{written}\n\n{self._wording[language].headings['seek_care']}: {sections['seek_care']}"

    def _clarify(self, found: Found, sure: float, language: Language) -> Draft:
        wording = self._wording[language]
        text = wording.unknown
        if sure >= _WORTH_SUGGESTING:
            titles = [self._knowledge.topics[t].text(language).title for t in found.topics[:_SUGGESTED]]
            comma = "، " if language == "ar" else ", "
            text = f"{text} {wording.suggest.format(topics=comma.join(titles))}"
            if not self._urgent_topics.isdisjoint(found.topics[:_SUGGESTED]):
                text = f"{text}\n\n{wording.urgent('if_now', self._number)}"
        return Draft(text, language, "clarify", confidence=sure)

    def _say(self, key: str, language: Language, kind: ChatKind) -> Draft:
        return Draft(str(getattr(self._wording[language], key)), language, kind)
