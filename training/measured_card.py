"""The parts of a card on trust, groups of pictures and speed, with its drawings: what is measured by commands apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.manifest import Manifest
from training.tables import estimate, table
from training.trust_card import trust

SPEED_COMMAND = "python -m training speed --data ROOT"
GROUPS_COMMAND = "python -m training groups --data ROOT"
PLOTS_COMMAND = "python -m training plots"
_CALLS = {
    "with_gate": "an answer, gate included",
    "without_gate": "the same without the gate",
    "explained": "an answer with its explanation",
}


def measured(manifest: Manifest, unknown: str) -> list[str]:
    """The parts of a card that rest on what is there in the manifest; ``unknown``: what the data does not tell."""
    found = manifest.metrics
    return [
        *([trust(found["trust"]), pictures(manifest.model)] if "trust" in found else []),
        *([groups(found["groups"], unknown)] if "groups" in found else []),
        *([speed(found["speed"])] if "speed" in found else []),
    ]


def speed(found: Mapping[str, Any]) -> str:
    """Time of one prediction, and memory."""
    rows = [
        (title, f"{found[name]['p50_ms']:.1f}", f"{found[name]['p95_ms']:.1f}", f"{found[name]['cpu_ms']:.1f}")
        for name, title in _CALLS.items()
    ]
    return (
        f"## Speed\n\nOne picture of `test` at a time inside the service's predictor, decoding included, "
        f"{found['predictions']} times each; {found['machine']}, {found['cores']} cores, load average "
        f"{found['busy']:.1f} at its end (this alone makes about 1), {found['date']}. By `{SPEED_COMMAND}`. "
        "CPU is the time of all cores together.\n\n"
        + table(("", "p50, ms", "p95, ms", "CPU p50, ms"), rows)
        + f"\n\nThe gate makes it {found['gate_ratio']:.2f} times as long, an explanation "
        f"{found['explain_ratio']:.2f} times (p50). Resident memory {found['memory_mb']:.0f} MB, "
        f"{found['bundle_memory_mb']:.0f} MB of it the runtime and this bundle. Through the gateway: "
        "[benchmarks](../benchmarks.md)."
    )


def speed_table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """All models' p50 (p95) beside each other, and what gate and explanation cost; ``found``: model → its speed."""
    rows = [
        (
            f"`{model}`",
            *(f"{one[name]['p50_ms']:.1f} ({one[name]['p95_ms']:.1f})" for name in _CALLS),
            f"{one['gate_ratio']:.2f}",
            f"{one['explain_ratio']:.2f}",
            f"{one['memory_mb']:.0f}",
        )
        for model, one in found.items()
    ]
    head = ("model", "with gate", "without", "explained", "gate, times", "explanation, times", "memory, MB")
    return table(head, rows)


def groups(rows: Sequence[Mapping[str, Any]], unknown: str) -> str:
    """Accuracy by source and by what a picture measures."""
    cells = [
        (row["by"], row["group"], str(row["samples"]), estimate(row["accuracy"]), _classes(row["classes"]))
        for row in rows
    ]
    return (
        f"## Groups, on `test`\n\n{unknown} Halves are cut at the median of `test`, as the quality gate measures it. "
        "Intervals as above. A group's classes are not mixed like another's: look at the right answers by class before "
        f"at its accuracy. By `{GROUPS_COMMAND}`.\n\n"
        + table(("by", "group", "pictures", "accuracy [95 % interval]", "right, by class"), cells)
    )


def pictures(model: str) -> str:
    """The links to what `training.plots` drew."""
    return (
        f"![Reliability of {model} on test: accuracy against confidence](plots/{model}-reliability.svg)\n"
        f"![Confusion matrix of {model} on test](plots/{model}-confusion.svg)\n\n"
        f"Drawn by `{PLOTS_COMMAND}`. The bars of the first are exact 95 % intervals of each bin's accuracy."
    )


def _classes(found: Mapping[str, Sequence[int]]) -> str:
    return ", ".join(f"{label} {right}/{total}" for label, (right, total) in found.items())
