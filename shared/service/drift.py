"""Whether pictures and answers are still what they were when the model was made.

Population stability index (Siddiqi 2006): the sum over bins of (p − q)·ln(p / q). By usage below 0.1 nothing has
changed, above 0.25 much has; of few pictures even an unchanged source gives (bins − 1)·(1/n + 1/m) on average, so
that much is taken off.
"""

from __future__ import annotations

import bisect
import math
import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any

from shared.inference.predictor import Inference
from shared.manifest import Reference

WINDOW = 500
FEWEST = 100
"""Predictions before anything is said."""
_MODERATE, _LARGE = 0.1, 0.25
_FLOOR = 1e-4  # a bin that is empty in one of the two would make the index infinite
CLASSES = "predicted_class"


class DriftWatch:
    """The last ``WINDOW`` predictions of one model against its reference. Safe to be asked from any thread."""

    def __init__(self, reference: Reference, labels: Sequence[str]) -> None:
        self._reference = reference
        self._labels = tuple(labels)
        self._lock = threading.Lock()
        self._rows: deque[tuple[dict[str, int], str]] = deque(maxlen=WINDOW)

    def add(self, inference: Inference) -> None:
        """Counts one prediction; only its bins are kept."""
        traits = inference.traits
        placed = {
            name: bisect.bisect_right(bins.edges, traits[name])
            for name, bins in self._reference.numbers.items()
            if name in traits
        }
        with self._lock:
            self._rows.append((placed, self._labels[int(inference.probabilities.argmax())]))

    def index(self) -> dict[str, float]:
        """Trait → its index; empty while there are fewer than ``FEWEST`` predictions."""
        with self._lock:
            rows = list(self._rows)
        if len(rows) < FEWEST:
            return {}
        found = {}
        for name, bins in self._reference.numbers.items():
            counts = Counter(placed[name] for placed, _ in rows if name in placed)
            found[name] = self._stability(bins.shares, [counts[at] for at in range(len(bins.shares))])
        classes = Counter(label for _, label in rows)
        shares = [self._reference.classes.get(label, 0.0) for label in self._labels]
        return found | {CLASSES: self._stability(shares, [classes[label] for label in self._labels])}

    def report(self) -> dict[str, Any]:
        """For the model's card."""
        with self._lock:
            seen = len(self._rows)
        index = self.index()
        return {
            "window": seen,
            "needed": FEWEST,
            "reference": {"taken_from": self._reference.taken_from, "samples": self._reference.samples},
            "psi": {name: round(value, 4) for name, value in index.items()},
            "level": level(index),
        }

    def _stability(self, expected: Sequence[float], counts: Sequence[int]) -> float:
        total = sum(counts)
        if not total:
            return 0.0
        by_chance = (len(counts) - 1) * (1 / total + 1 / self._reference.samples)
        return max(0.0, stability_index(expected, [count / total for count in counts]) - by_chance)


def stability_index(expected: Sequence[float], found: Sequence[float]) -> float:
    """Of two lists of shares of the same bins."""
    pairs = [(max(p, _FLOOR), max(q, _FLOOR)) for p, q in zip(found, expected, strict=True)]
    return sum((p - q) * math.log(p / q) for p, q in pairs)


def level(index: Mapping[str, float]) -> str:
    """In a word, of the trait that has moved most."""
    if not index:
        return "unknown"
    worst = max(index.values())
    return "large" if worst > _LARGE else "moderate" if worst > _MODERATE else "stable"
