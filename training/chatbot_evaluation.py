"""Measures the chatbot on questions that nothing was tuned on, as it is served, and writes its card.

make eval-chatbot DATA=/path/to/chatbot
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from services.chatbot.engine import Draft, Question
from services.chatbot.loader import ChatLoader, LoadedChat
from services.chatbot.settings import ChatbotSettings
from services.chatbot.topics import LANGUAGES, Language
from training import metrics
from training.chatbot_card import write_card
from training.emergencies import read_lines
from training.speed import machine

HELD_OUT = Path(__file__).resolve().parent.parent / "tests" / "services" / "chatbot" / "data"


@dataclass(frozen=True)
class Share(metrics.Estimate):
    """A share of ``of`` with its 95 % interval."""

    of: int

    def __str__(self) -> str:
        return f"{super().__str__()} of {self.of}"


def share(hits: Sequence[bool]) -> Share:
    """The share of True in ``hits``."""
    found = metrics.share(hits)
    return Share(found.value, found.low, found.high, len(hits))


def evaluate_chatbot(data: Path | None, models: Path, docs: Path) -> Path:
    """Prints and writes every figure of the card; the path of the card."""
    started = time.perf_counter()
    model = ChatLoader(ChatbotSettings(model_path=models, doctorai_mode="local")).load(None)
    ready_s = time.perf_counter() - started
    try:
        report = measure(model, data) | {"speed": _speed(model, ready_s)}
    finally:
        model.close()
    return write_card(docs / "chatbot.md", model, report)


def measure(model: LoadedChat, data: Path | None) -> dict[str, Any]:
    """All figures but speed."""
    report: dict[str, Any] = {"retrieval": {}, "red_flags": {}, "scope": {}}
    for language in LANGUAGES:
        report["retrieval"][language] = _retrieval(model, language)
        report["red_flags"][language] = _red_flags(model, _rows(f"red_flags_heldout_{language}"), language)
        report["scope"][language] = _scope(model, language)
    if data is not None:
        report["shared"] = evaluation_set(model, read_lines(data / "eval_dev.jsonl"))
    return report


def ask(model: LoadedChat, text: str, language: Language | None = None) -> Draft:
    """One message through the engine, as a service answers it."""
    return model.engine.answer(Question(text, language))


def _rows(name: str) -> list[dict[str, Any]]:
    return read_lines(HELD_OUT / f"{name}.jsonl")


def _retrieval(model: LoadedChat, language: Language) -> dict[str, Any]:
    rows = _rows(f"retrieval_heldout_{language}")
    ranked = [model.engine.find(row["text"], language) for row in rows]
    drafts = [ask(model, row["text"]) for row in rows]
    return {
        "hit@1": share([found.topics[0] == row["topic"] for (found, _), row in zip(ranked, rows, strict=True)]),
        "hit@3": share([row["topic"] in found.topics[:3] for (found, _), row in zip(ranked, rows, strict=True)]),
        "answered": share([draft.kind == "answer" for draft in drafts]),
        "right_of_answered": share(
            [draft.topic == row["topic"] for draft, row in zip(drafts, rows, strict=True) if draft.kind == "answer"]
        ),
        "false_alarms": share([draft.kind == "emergency" for draft in drafts]),
    }


def _red_flags(model: LoadedChat, rows: list[dict[str, Any]], language: Language | None) -> dict[str, Any]:
    drafts = [ask(model, row["text"], language) for row in rows]
    raised = np.array([draft.kind == "emergency" for draft in drafts])
    certain = np.array([draft.kind == "emergency" and not draft.suspected for draft in drafts])
    wanted = np.array([bool(row["red_flag"]) for row in rows])
    return {
        "recall": share(raised[wanted].tolist()),
        "precision": share(wanted[raised].tolist()),
        "rules_recall": share(certain[wanted].tolist()),
        "false_alarms": share(raised[~wanted].tolist()),
        "missed": [row["text"] for row, hit, want in zip(rows, raised, wanted, strict=True) if want and not hit],
    }


def _scope(model: LoadedChat, language: Language) -> dict[str, Any]:
    rows = _rows(f"out_of_scope_heldout_{language}")
    drafts = [ask(model, row["text"]) for row in rows]
    kinds = np.array([row["kind"] for row in rows])
    declined = np.array([draft.kind in ("refusal", "clarify", "smalltalk") for draft in drafts])
    return {
        "declined": share(declined[kinds != "smalltalk"].tolist()),
        **{kind: share(declined[kinds == kind].tolist()) for kind in sorted(set(kinds) - {"smalltalk"})},
    }


def evaluation_set(model: LoadedChat, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The evaluation set that the project was given."""
    asked = [{"text": row["question"], **row} for row in rows]
    drafts = [ask(model, row["text"]) for row in asked]
    outside = [
        draft.kind in ("refusal", "clarify") for draft, row in zip(drafts, rows, strict=True) if not row["in_scope"]
    ]
    informs = [draft for draft in drafts if draft.kind == "answer"]
    return {
        "red_flags": _red_flags(model, asked, None),
        "declined_out_of_scope": share(outside),
        "kinds": {
            kind: sum(draft.kind == kind for draft in drafts)
            for kind in ("answer", "clarify", "emergency", "refusal", "smalltalk")
        },
        "wrong_language": [r["text"] for d, r in zip(drafts, asked, strict=True) if d.language != r["lang"]],
        "without_sources": [draft.response for draft in informs if not draft.sources],
    }


def _speed(model: LoadedChat, ready_s: float) -> dict[str, Any]:
    texts = [row["text"] for language in LANGUAGES for row in _rows(f"retrieval_heldout_{language}")]
    times: NDArray[np.float64] = np.array([_timed(model, text) for text in texts])
    return {
        "ready_s": round(ready_s, 2),
        "p50_ms": round(float(np.quantile(times, 0.5)), 1),
        "p95_ms": round(float(np.quantile(times, 0.95)), 1),
        "rss_mb": round(psutil.Process().memory_info().rss / 1e6, 1),
        **machine(),
    }


def _timed(model: LoadedChat, text: str) -> float:
    started = time.perf_counter()
    ask(model, text)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.chatbot_evaluation", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with eval_dev.jsonl; only our own questions without it")
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder of the bundles")
    parser.add_argument("--docs", type=Path, default=Path("docs/models"), help="folder of the model cards")
    arguments = parser.parse_args()
    print(f"wrote {evaluate_chatbot(arguments.data, arguments.models, arguments.docs)}")


if __name__ == "__main__":
    main()
