"""How right the answers are in groups of the test pictures: by source, by haemoglobin, by what a picture measures.

Whom a picture shows is hardly ever known in public data: no age, no sex, no skin tone. What can be told apart is told
apart, with the classes in each group beside its score, because a group of one class is scored on that class alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.bundle import find_bundle, open_bundle, write_manifest
from shared.inference.predictor import Inference
from training.dataset import service_definition, split_files
from training.metrics import share
from training.sources import SOURCES
from training.worker import inferences

_MEASURED = {"brightness": ("darker", "brighter"), "sharpness": ("less sharp", "sharper")}
# g/L, from and below (WHO: severe, moderate, mild); nobody from 120 to 129 is in the data
_HAEMOGLOBIN = {"below 80": (0, 80), "80 to 109": (80, 110), "110 to 119": (110, 120), "130 and more": (130, 1000)}
Groups = Iterator[tuple[str, str, NDArray[np.bool_]]]


def measure_groups(folders: dict[str, Path], models: Path, log: Callable[[str], None] = print) -> None:
    """Puts ``metrics.groups`` into the newest bundle of each service; ``folders``: service → its labelled pictures."""
    for service, folder in folders.items():
        root = find_bundle(models, service)
        found = groups(service, root, folder)
        manifest = open_bundle(root).manifest
        write_manifest(root, manifest.model_copy(update={"metrics": manifest.metrics | {"groups": found}}))
        for row in found:
            log(f"{service}: {row}")


def groups(service: str, root: Path, folder: Path) -> list[dict[str, Any]]:
    """A row a group of ``folder/test``: what it is, its accuracy with interval, right answers and pictures by class."""
    bundle = open_bundle(root)
    files = split_files(folder, "test", service_definition(service))
    y = np.array([label for _, label in files], np.int64)
    found = inferences(bundle, service, [path.read_bytes() for path, _ in files])
    right = np.array([int(one.probabilities.argmax()) for one in found]) == y
    labels = bundle.manifest.labels
    return [
        _row(by, name, right[member], [labels[at] for at in y[member]])
        for by, name, member in _groups(service, files, labels, found)
        if member.any()
    ]


def _row(by: str, name: str, right: NDArray[np.bool_], truth: list[str]) -> dict[str, Any]:
    accuracy = {key: round(value, 4) for key, value in asdict(share(right.tolist())).items()}
    hits = [label for label, hit in zip(truth, right, strict=True) if hit]
    classes = {label: [hits.count(label), truth.count(label)] for label in dict.fromkeys(truth)}
    return {"by": by, "group": name, "samples": len(truth), "accuracy": accuracy, "classes": classes}


def _groups(
    service: str, files: Sequence[tuple[Path, int]], labels: Sequence[str], found: Sequence[Inference]
) -> Groups:
    yield from _by_source(service, [labels[at] for _, at in files])
    if service == "palm":
        yield from _by_haemoglobin([path for path, _ in files])
    for name, (low, high) in _MEASURED.items():
        values = np.array([getattr(one.quality, name) for one in found])
        yield name, f"{low} half", values < np.median(values)
        yield name, f"{high} half", values >= np.median(values)


def _by_source(service: str, truth: Sequence[str]) -> Groups:
    sources = SOURCES[service].sources if service in SOURCES else {}
    for source in dict.fromkeys(sources.values()):
        yield "source", source, np.array([sources[label] == source for label in truth])


def _by_haemoglobin(files: list[Path]) -> Groups:
    from training.palm_data import haemoglobin

    values = haemoglobin(files)
    for name, (low, high) in _HAEMOGLOBIN.items():
        yield "haemoglobin, g/L", name, (values >= low) & (values < high)
