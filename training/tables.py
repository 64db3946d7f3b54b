"""Scores as Markdown tables: the terminal and the model card show the same text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Scores = dict[str, Any]


def score_table(scores: Scores) -> str:
    """Every score of one split with its 95 % interval, then the confusion matrix."""
    rows = [("accuracy", estimate(scores["accuracy"])), ("AUROC", estimate(scores["auroc"]))]
    rows += [(f"recall, {label}", estimate(value)) for label, value in scores["recall"].items()]
    rows += [(title, f"{scores[name]:.3f}") for name, title in _EXTRAS if name in scores]
    scored = table(("score", f"value [95 % interval], {scores['samples']} pictures"), rows)
    return f"{scored}\n\n{confusion_table(scores)}"


def confusion_table(scores: Scores) -> str:
    """Rows are the truth, columns what the model said."""
    labels = scores["labels"]
    rows = [(label, *(str(cell) for cell in row)) for label, row in zip(labels, scores["confusion"], strict=True)]
    return table(("truth \\ said", *labels), rows)


_EXTRAS = (
    ("ece", "expected calibration error"),
    ("set_coverage", "prediction sets that hold the truth (0.90 wanted)"),
    ("set_size", "mean size of a prediction set"),
)


def estimate(value: Mapping[str, float]) -> str:
    """A score and its 95 % interval."""
    return f"{value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table with columns padded to line up."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)
