"""The caller's side: from a user's file to a bundle under the model path, or the reason why not."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from shared.bundle import Bundle, open_bundle
from shared.definition import ServiceDefinition
from shared.errors import BundleError, DoctorAIError
from shared.manifest import version_key
from shared.versions import Serving, read_serving, versions, write_serving
from training.dataset import service_definition
from training.importing import bundle as bundles
from training.importing import proof, samples
from training.importing.child import Limits, work
from training.importing.errors import Refused
from training.importing.job import ANSWERS, INPUTS, Job, Pixels, Report
from training.importing.sources import Source, take

_LARGEST_ARRAY = 1 << 30
_PICKLE = (
    "is a pickle, which can run code when it is read. If you made it, or trust whoever did: --i-trust-this-file. "
    "Even then only numbers are taken from it, without network or disk"
)


@dataclass(frozen=True)
class Wanted:
    """What to import, as what. ``labels`` in the order of the model's outputs; empty for the service's own."""

    service: str
    source: Path
    models: Path
    labels: tuple[str, ...] = ()
    version: str | None = None
    samples: Path | None = None
    pixels: Pixels = "auto"
    side: int | None = None
    half: bool = False
    temperature: float | None = None
    sha256: str | None = None
    trusted: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Imported:
    """The bundle, what was found out about the file, and its answers beside the bundle's."""

    bundle: Bundle
    report: Report
    rows: list[proof.Row]
    pinned: str | None
    """The version that goes on being served; None when there was none."""


def import_model(wanted: Wanted) -> Imported:
    """Writes ``models/<service>/<version>/``; nothing is written when anything is wrong. Raises Refused."""
    definition = service_definition(wanted.service)
    labels = _labels(wanted, definition)
    version = _version(wanted)
    with scratch_folders(wanted.models) as (scratch, stage):
        try:
            source, report = _read(wanted, scratch, len(labels))
            parts = _parts(wanted, definition, labels, version, report, source, scratch)
            donor = bundles.find_donor([wanted.models], wanted.service)
            written = bundles.write(parts, scratch, stage / version, donor)
            rows = proof.compare(written, parts.inputs, parts.answers)
            written = _proved(wanted, definition, written, proof.check(rows, half=wanted.half))
            pinned = _place(wanted, written)
        except DoctorAIError as error:
            raise Refused(error.detail) from error
        except OSError as error:
            raise Refused(f"{error.filename or wanted.models}: {error.strerror}") from error
        return Imported(open_bundle(wanted.models / wanted.service / version), report, rows, pinned)


def _labels(wanted: Wanted, definition: ServiceDefinition) -> tuple[str, ...]:
    labels = wanted.labels or tuple(definition.classes)
    if unknown := [label for label in labels if label not in definition.classes]:
        raise Refused(f"{wanted.service} has no texts for {unknown[0]!r}; it knows {', '.join(definition.classes)}")
    if len(labels) < 2 or len(set(labels)) != len(labels):
        raise Refused("--labels: at least two labels, each once, in the order of the model's outputs")
    return labels


def _version(wanted: Wanted) -> str:
    """The given one, or the next first number: another model is no small change."""
    found = versions(wanted.models, wanted.service)
    if wanted.version in found:
        raise Refused(f"{wanted.service} {wanted.version} is there already; choose another --version")
    return wanted.version or (f"{version_key(found[0])[0] + 1}.0.0" if found else "1.0.0")


@contextmanager
def scratch_folders(models: Path) -> Iterator[tuple[Path, Path]]:
    """A folder for the worker, and one beside the bundles, from where one rename puts the new one in its place."""
    scratch = Path(tempfile.mkdtemp(prefix="doctorai-import-"))
    try:
        try:
            stage = Path(tempfile.mkdtemp(prefix=".import-", dir=models))
        except OSError as error:
            raise Refused(f"{models} cannot be written: {error.strerror}") from error
        try:
            yield scratch, stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _read(wanted: Wanted, scratch: Path, classes: int) -> tuple[Source, Report]:
    source = take(wanted.source, scratch, wanted.sha256)
    if source.kind == "checkpoint":
        raise Refused("a language model is the chatbot's: --service chatbot")
    if source.kind == "pickle" and not wanted.trusted:
        raise Refused(f"{wanted.source.name} {_PICKLE}")
    job = Job(
        kind=source.kind,
        file=source.path.relative_to(scratch).as_posix(),
        service=wanted.service,
        classes=classes,
        side=wanted.side,
        pixels=wanted.pixels,
        half=wanted.half,
        samples=samples.compared(wanted.samples, scratch),
    )
    return source, work(job, scratch, wanted.limits)


def _parts(
    wanted: Wanted,
    definition: ServiceDefinition,
    labels: tuple[str, ...],
    version: str,
    report: Report,
    source: Source,
    scratch: Path,
) -> bundles.Parts:
    inputs, answers = _array(scratch / INPUTS), _array(scratch / ANSWERS)
    if answers.shape != (len(inputs), len(labels)) or not len(inputs) or not np.isfinite(answers).all():
        raise Refused("the original model gives no probabilities")
    origin = {"file": wanted.source.name, "sha256": source.sha256, "pixels": report.pixels, **report.facts}
    return bundles.Parts(definition, labels, version, report, inputs, answers, wanted.temperature, origin)


def _array(path: Path) -> Any:
    if not path.is_file() or path.stat().st_size > _LARGEST_ARRAY:
        raise Refused("the reader left no answers")
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise Refused(f"the reader's answers cannot be read: {error}") from error


def _proved(wanted: Wanted, definition: ServiceDefinition, written: Bundle, difference: float) -> Bundle:
    """Warm, with what it differs by, and scored where there are labelled pictures."""
    provenance = written.manifest.provenance
    origin = provenance["imported"] | {"largest_difference": float(f"{difference:.3g}")}
    written = bundles.rewrite(written, provenance=provenance | {"imported": origin})
    labelled = samples.labelled(wanted.samples, written.manifest.labels, definition)
    with proof.opened(written, definition) as predictor:
        if labelled is None:
            return written
        from training.importing.scored import score

        return score(written, predictor, labelled)


def _place(wanted: Wanted, written: Bundle) -> str | None:
    """Moves the bundle to where it is found; what is served stays what it is. The version that does."""
    home, version = wanted.models / wanted.service, written.manifest.version
    before = versions(wanted.models, wanted.service)
    home.mkdir(exist_ok=True)
    serving = _serving(wanted)
    if before and serving is None:  # without a choice the highest version would be served, and that is the new one now
        serving = Serving(active=before[0])
        write_serving(wanted.models, wanted.service, serving)
    if (home / version).exists():
        raise Refused(f"{wanted.service} {version} is there already; choose another --version")
    written.root.rename(home / version)
    return serving.active if serving else None


def _serving(wanted: Wanted) -> Serving | None:
    try:
        return read_serving(wanted.models, wanted.service)
    except BundleError as error:
        raise Refused(error.detail) from error
