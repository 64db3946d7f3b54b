"""Loads the chatbot: bundle, knowledge base, rules, encoder, and the user's own language model when there is one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from services.chatbot.emergencies import Emergencies
from services.chatbot.encoder import Encoder
from services.chatbot.engine import Draft, Engine, Knowledge, Question
from services.chatbot.generation import Generator, find_checkpoint
from services.chatbot.kinds import Kinds
from services.chatbot.manifest import EMERGENCIES, KINDS, VECTORS, ChatManifest
from services.chatbot.passages import VectorCache, passages_of
from services.chatbot.retrieval import Retriever
from services.chatbot.settings import ChatbotSettings
from services.chatbot.topics import KNOWLEDGE, LANGUAGES, Topic, read_topics
from services.chatbot.weights import encoder_path, read_encoder
from services.chatbot.wording import read_wording
from shared.bundle import BundleOf, Fingerprint, find_bundle, fingerprint, loading, open_bundle_as
from shared.cgroup import worker_count
from shared.errors import BundleError
from shared.inference.pool import WorkerPool
from shared.versions import read_serving, versions

SERVICE = "chatbot"
SHIPPED = Path(__file__).resolve().parents[2] / "models"
"""Where our own bundle lies when MODEL_PATH holds only the user's checkpoint."""

RULES = Path(__file__).resolve().parent / "rules"
ChatPool = WorkerPool[Question, Draft]


@dataclass(frozen=True)
class LoadedChat:
    """An engine that has found its golden topics, and the workers that run it."""

    bundle: BundleOf[ChatManifest]
    topics: tuple[Topic, ...]
    encoder: Encoder
    engine: Engine
    generator: Generator | None
    pool: ChatPool
    notice: str | None = None

    @property
    def version(self) -> str:
        return self.bundle.manifest.version

    @property
    def digest(self) -> str:
        return self.bundle.digest

    @property
    def beside(self) -> dict[str, str]:
        """None: the chatbot has no canary and no shadow."""
        return {}

    def models(self) -> dict[str, LoadedChat]:
        """Role → model."""
        return {"active": self}

    @property
    def knowledge_digest(self) -> str:
        """Names the knowledge base that answers."""
        text = "".join(topic.model_dump_json() for topic in self.topics)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def close(self, keeping: LoadedChat | None = None) -> None:
        self.pool.close()


class ChatLoader:
    """Reads everything again when a file of it changes: an edit of a topic needs no restart."""

    def __init__(
        self,
        settings: ChatbotSettings,
        knowledge: Path = KNOWLEDGE,
        on_batch: Callable[[int], None] | None = None,
    ) -> None:
        self._settings = settings
        self._knowledge = knowledge
        self._on_batch = on_batch

    def fingerprint(self) -> Fingerprint:
        checkpoint, choices = self._checkpoint(), self._settings.serving_path
        folders = [self._home(), self._knowledge, RULES]
        folders += [checkpoint] if checkpoint else []
        folders += [choices / SERVICE] if choices else []
        return tuple(entry for folder in folders for entry in ((str(folder), 0, 0, 0), *fingerprint(folder)))

    def load(self, current: LoadedChat | None) -> LoadedChat:
        """The chosen version; another with a notice, when that one is bad and nothing ties us to it."""
        notices: list[str] = []
        failed: BundleError | None = None
        for root in self._candidates(current, notices):
            try:
                with loading(root.name):
                    model = self._open(root, current)
            except BundleError as error:
                failed = failed or error
                notices.append(f"version {root.name} is not served: {error.detail}")
            else:
                return replace(model, notice="; ".join(notices) or None)
        assert failed is not None  # noqa: S101 - there is a candidate, or _candidates has raised
        raise failed

    def _candidates(self, current: LoadedChat | None, notices: list[str]) -> list[Path]:
        """Folders, the wanted one first; the last is the one that is served now, which must hold."""
        try:
            roots = self._wanted()
        except BundleError as error:
            if current is None:
                raise
            notices.append(error.detail)
            roots = []
        if current is None:
            return roots
        served = current.bundle.root
        return [*roots[: roots.index(served)], served] if served in roots else [*roots, served]

    def _wanted(self) -> list[Path]:
        """The version that the environment names, or the operator chose; without a choice all, the highest first."""
        home, pinned = self._home(), self._settings.model_version
        serving = None if pinned else read_serving(home.parent, SERVICE, self._settings.serving_path)
        if wanted := pinned or (serving.active if serving else None):
            return [find_bundle(home.parent, SERVICE, wanted)]
        return [home / version for version in versions(home.parent, SERVICE)]

    def _home(self) -> Path:
        """Where the bundles are: ours, when the model path has none of them, or not the one that must be."""
        own = self._settings.model_path
        for models in (own, SHIPPED):
            found = versions(models, SERVICE)
            if self._settings.model_version in found or (found and not self._settings.model_version):
                return models / SERVICE
        find_bundle(own, SERVICE, self._settings.model_version)  # says what there is not
        return own / SERVICE

    def _open(self, root: Path, current: LoadedChat | None) -> LoadedChat:
        """A bundle that answered its golden questions."""
        torch.set_num_threads(1)  # one worker a CPU instead, as in every service
        bundle = open_bundle_as(ChatManifest, root)
        encoder = current.encoder if current else Encoder(read_encoder(encoder_path()))
        topics = read_topics(self._knowledge)
        generator = self._generator(current)
        engine = Engine(
            _index(bundle, topics, encoder),
            encoder,
            Emergencies.from_bytes(bundle.read(EMERGENCIES)),
            Kinds.from_bytes(bundle.read(KINDS)),
            read_wording(),
            generator=generator,
            emergency_number=self._settings.emergency_number,
        )
        _prove(engine, bundle.manifest)
        pool: ChatPool = WorkerPool(
            lambda: _worker(engine),
            workers=self._settings.workers or worker_count(),
            max_batch=1,
            max_queue=self._settings.max_queue,
            on_batch=self._on_batch,
        )
        return LoadedChat(bundle, topics, encoder, engine, generator, pool)

    def _checkpoint(self) -> Path | None:
        return find_checkpoint(self._settings.model_path) if self._settings.pytorch_available else None

    def _generator(self, current: LoadedChat | None) -> Generator | None:
        folder = self._checkpoint()
        if folder is None:
            return None
        seen = fingerprint(folder)
        if current and current.generator and current.generator.seen == seen:
            return current.generator
        settings = self._settings
        return Generator(
            folder,
            seen,
            use_gpu=settings.chatbot_use_gpu,
            max_tokens=settings.generation_max_tokens,
            timeout_s=settings.generation_timeout_s,
        )


def _index(bundle: BundleOf[ChatManifest], topics: tuple[Topic, ...], encoder: Encoder) -> Knowledge:
    cache = VectorCache.from_bytes(bundle.read(VECTORS))
    if cache.encoder_sha256 != encoder.sha256:
        cache = VectorCache.empty(encoder.size)
    retrievers = {}
    for language in LANGUAGES:
        passages = passages_of(topics, language)
        retrievers[language] = Retriever(language, passages, cache.embed([p.text for p in passages], encoder))
    return Knowledge({topic.id: topic for topic in topics}, retrievers, bundle.manifest.rankings)


def _prove(engine: Engine, manifest: ChatManifest) -> None:
    """The warm-up. Raises BundleError when a golden question does not find its topic."""
    for language, (question, topic) in manifest.golden.items():
        found, _ = engine.find(question, language)
        if found.topics[0] != topic:
            raise BundleError(f"the warm-up question of '{language}' finds {found.topics[0]}, not {topic}")


def _worker(engine: Engine) -> Callable[[Sequence[Question]], Sequence[Draft | Exception]]:
    return lambda questions: [engine.answer(question) for question in questions]
