"""One chat message inside the service, whatever protocol brought it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.chatbot.conversation import Conversations, Turn, new_session
from services.chatbot.definition import SERVICE
from services.chatbot.engine import Draft, Question
from services.chatbot.loader import LoadedChat
from services.chatbot.text import clean
from services.chatbot.topics import Language
from services.chatbot.wording import Wording, read_wording
from shared.contract import ChatAnswer, ChatRequest, ChatTurn
from shared.errors import DoctorAIError
from shared.http.context import request_id
from shared.http.deadline import Deadline
from shared.inference.pool import Done, PoolClosed
from shared.service.host import ModelHost
from shared.service.metrics import ServiceMetrics
from shared.tracing.trace import Attributes, add_span, note_model

_KNOWN_BY = 25  # characters: enough to know our own words again


@dataclass(frozen=True)
class Reply:
    """An answer, and whether the conversation is remembered."""

    answer: ChatAnswer
    remembered: bool


class ChatService:
    """The data plane behind every protocol: a message in, an answer out, counted."""

    def __init__(
        self,
        host: ModelHost[LoadedChat],
        metrics: ServiceMetrics,
        conversations: Conversations,
        instance_id: str,
    ) -> None:
        self._host = host
        self._metrics = metrics
        self._instance_id = instance_id
        self._wording = read_wording()
        self.conversations = conversations
        self.in_flight = 0

    async def answer(self, request: ChatRequest, deadline: Deadline) -> Reply:
        """Answers ``request``. Raises ModelUnavailable, Overloaded, DeadlineExceeded or ValidationFailed."""
        started = time.perf_counter()
        note_model(SERVICE.model)
        self.in_flight += 1
        outcome, version = "abandoned", ""
        try:
            reply = await self._reply_of_whoever_serves(request, deadline, started)
        except Exception as error:
            outcome = error.code.lower() if isinstance(error, DoctorAIError) else "internal_error"
            raise
        else:
            outcome, version = reply.answer.kind, reply.answer.model_version
            self._metrics.stage("total", reply.answer.timing_ms)
            if _is_about_a_topic(reply.answer):
                self._metrics.confidence(version, reply.answer.confidence)
            return reply
        finally:
            self.in_flight -= 1
            self._metrics.outcome(outcome, version)

    async def _reply_of_whoever_serves(self, request: ChatRequest, deadline: Deadline, started: float) -> Reply:
        model = self._host.require()
        while True:
            try:
                return await self._reply(model, request, deadline, started)
            except PoolClosed:
                # replaced between being chosen and being asked
                previous, model = model, self._host.require()
                if model is previous:
                    raise

    async def _reply(self, model: LoadedChat, request: ChatRequest, deadline: Deadline, started: float) -> Reply:
        session = request.session_id or new_session()
        turns = await self._turns(session, request)
        question = Question(request.message, request.language, turns or ())
        draft = await self._draft(model, question, deadline)
        kept = (
            request.history is None
            and turns is not None
            and await self.conversations.add(session, _turn(request, draft, turns))
        )
        answer = self._public(model, draft, session, (time.perf_counter() - started) * 1000)
        return Reply(answer, remembered=kept or request.history is not None)

    async def _turns(self, session: str, request: ChatRequest) -> Sequence[Turn] | None:
        if request.history is not None:
            return _own_turns(request.history, self._wording)
        if request.session_id is None:
            return []
        return await self.conversations.turns(session)

    async def _draft(self, model: LoadedChat, question: Question, deadline: Deadline) -> Draft:
        deadline.check()
        try:
            done = await model.pool.run(question, timeout_s=deadline.left)
        except BaseException:
            question.cancelled.set()  # frees a worker that is in the middle of writing
            raise
        self._metrics.stage("queue", done.queue_ms)
        _trace(done, model.version)
        return done.result

    def _public(self, model: LoadedChat, draft: Draft, session: str, elapsed_ms: float) -> ChatAnswer:
        return ChatAnswer(
            request_id=request_id(),
            session_id=session,
            response=draft.response,
            language=draft.language,
            kind=draft.kind,
            confidence=round(draft.confidence, 4),
            red_flag=draft.kind == "emergency",
            urgency=draft.urgency,
            sources=list(draft.sources),
            generated=draft.generated,
            disclaimer=self._wording[draft.language].disclaimer,
            model_version=model.version,
            instance=self._instance_id,
            timing_ms=round(elapsed_ms, 2),
            timestamp=datetime.now(UTC),
        )


def _is_about_a_topic(answer: ChatAnswer) -> bool:
    """Whether a topic was looked for: where none was, the confidence is 1 and says nothing."""
    return answer.kind == "answer" or answer.confidence < 1


def _trace(done: Done[Draft], version: str) -> None:
    """The stages as spans, with the times at which they were. What was asked is in none of them."""
    draft = done.result
    add_span("queue", done.queued, done.taken)
    kind: Attributes = {"doctorai.model.version": version, "doctorai.decision": draft.kind}
    add_span("answer", done.taken, done.ended, kind)
    for stage in draft.stages:
        add_span(*stage)


def _turn(request: ChatRequest, draft: Draft, before: Sequence[Turn]) -> Turn:
    """What to remember; the topic of the last answer outlives turns that had none, though few turns are kept."""
    topic = draft.topic or next((turn.topic for turn in before if turn.topic), None)
    return Turn(message=clean(request.message), kind=draft.kind, topic=topic, suspected=draft.suspected)


def _own_turns(history: Sequence[ChatTurn], wording: Mapping[Language, Wording]) -> list[Turn]:
    """The user's last messages, newest first, of a caller that keeps the conversation itself."""
    suspicions = tuple(words.urgent("suspected", None)[:_KNOWN_BY] for words in wording.values())
    turns: list[Turn] = []
    for turn in history:
        if turn.role == "user":
            turns.append(Turn(message=clean(turn.content), kind="answer"))
        elif turn.role == "assistant" and turns and turn.content.startswith(suspicions):
            turns[-1] = Turn(message=turns[-1].message, kind="emergency", suspected=True)
    return turns[:-4:-1]
