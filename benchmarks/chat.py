"""How long a question takes from the client to the gateway, the chatbot and back, one user at a time."""

from __future__ import annotations

import itertools
import json
import statistics
import time

import httpx

from benchmarks.system import running
from cli.plan import ROOT

_QUESTIONS = ROOT / "tests" / "services" / "chatbot" / "data"


def main(rounds: int) -> None:
    with running("chatbot") as client:
        times = [_timed(client, text) for text in itertools.islice(itertools.cycle(questions()), rounds)]
    ordered = sorted(times)
    print(f"## Chat\n\n{rounds} questions in English and Arabic in turn, through the gateway, no session.\n")
    print("| p50, ms | p95, ms |\n| --- | --- |")
    print(f"| {statistics.median(times):.1f} | {ordered[int(0.95 * len(ordered))]:.1f} |\n")


def questions() -> list[str]:
    """Held-out questions, the languages in turn."""
    pairs = zip(_texts("en"), _texts("ar"), strict=True)
    return [text for pair in pairs for text in pair]


def _texts(language: str) -> list[str]:
    lines = (_QUESTIONS / f"retrieval_heldout_{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def _timed(client: httpx.Client, text: str) -> float:
    started = time.perf_counter()
    client.post("/api/chatbot", json={"message": text}).raise_for_status()
    return (time.perf_counter() - started) * 1000
