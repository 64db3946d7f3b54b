"""How often `POST /api/suggest` names the right model: every gate is asked about test pictures of every kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.bundle import find_bundle, open_bundle
from shared.inference.guard import LIMIT
from training.dataset import FOLDERS, service_definition, split_files
from training.metrics import share
from training.tables import estimate, table
from training.worker import inferences

_HEAD = ("pictures of", "pictures", "right first", "right plausible", "a wrong one plausible", "none plausible")
Scores = dict[str, float]
"""Service → how strange its gate finds a picture, 0…1."""


@dataclass(frozen=True)
class Suggested:
    """What a picture of ``service`` got: whether its model comes first, and which are plausible."""

    service: str
    scores: Scores

    @property
    def first(self) -> bool:
        return min(self.scores, key=self.scores.__getitem__) == self.service

    @property
    def plausible(self) -> set[str]:
        return {service for service, score in self.scores.items() if score < LIMIT}


def measure(data: Path, models: Path, most: int, log: Callable[[str], None] = print) -> None:
    """Prints the table for at most ``most`` test pictures of each service."""
    uploads = {service: pictures(data / folder, service, most) for service, folder in FOLDERS.items()}
    log(render(suggested(uploads, models)))


def pictures(folder: Path, service: str, most: int) -> list[bytes]:
    """At most ``most`` of ``folder/test``, evenly from all classes."""
    files = [path for path, _ in split_files(folder, "test", service_definition(service))]
    count = min(most, len(files))
    return [files[at * len(files) // count].read_bytes() for at in range(count)]


def suggested(uploads: dict[str, list[bytes]], models: Path) -> list[Suggested]:
    """What each picture gets; ``uploads``: service → pictures of its kind."""
    every = [data for found in uploads.values() for data in found]
    columns = {service: _scores(service, models, every) for service in uploads}
    truth = [service for service, found in uploads.items() for _ in found]
    return [
        Suggested(service, {name: column[at] for name, column in columns.items()}) for at, service in enumerate(truth)
    ]


def render(found: Sequence[Suggested]) -> str:
    """A row a kind of picture, and one of all."""
    kinds = {service: [one for one in found if one.service == service] for service in {one.service: 0 for one in found}}
    return table(_HEAD, [_row(name, rows) for name, rows in {**kinds, "all": list(found)}.items()])


def _row(name: str, rows: Sequence[Suggested]) -> tuple[str, ...]:
    told = (
        [one.first for one in rows],
        [one.service in one.plausible for one in rows],
        [bool(one.plausible - {one.service}) for one in rows],
        [not one.plausible for one in rows],
    )
    return (name, str(len(rows)), *(estimate(asdict(share(hits))) for hits in told))


def _scores(service: str, models: Path, uploads: Sequence[bytes]) -> list[float]:
    found = inferences(open_bundle(find_bundle(models, service)), service, uploads)
    return [one.outlier.score if one.outlier else 1.0 for one in found]
