"""The caller's side: from a user's file to a bundle under the model path, or the reason why not."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from shared.bundle import Bundle, is_version, open_bundle
from shared.definition import ServiceDefinition
from shared.errors import DoctorAIError
from shared.manifest import version_key
from shared.versions import Serving, read_serving, versions, write_serving
from training.dataset import service_definition
from training.importing import bundle as bundles
from training.importing import samples
from training.importing.child import Limits, work
from training.importing.errors import Refused
from training.importing.job import Job, Output, Pixels, Proof, ProofJob, Report, Row
from training.importing.sources import Source, take

_WHOLE, _HALF = 1e-3, 2e-2  # what rounding explains, with weights as they are and in half precision
_STAGE = ".import-"
_PICKLE = (
    "is a pickle, which can run code when it is read. If you made it, or trust whoever did: --i-trust-this-file. "
    "Even then only numbers are taken from it, without network or disk"
)


@dataclass(frozen=True)
class Wanted:
    """What to import, as what. ``labels`` in the order of the model's outputs; empty for the service's own;
    ``choices``: where it is written which versions are served, when not beside the bundles."""

    service: str
    source: Path
    models: Path
    choices: Path | None = None
    labels: tuple[str, ...] = ()
    version: str | None = None
    samples: Path | None = None
    pixels: Pixels = "auto"
    output: Output = "auto"
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
    proof: Proof
    pinned: str | None
    """The version that goes on being served; None when there was none."""

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.proof.rows

    @property
    def largest_difference(self) -> float:
        return self.proof.largest_difference


def import_model(wanted: Wanted) -> Imported:
    """Writes ``models/<service>/<version>/``; nothing is written when anything is wrong. Raises Refused."""
    definition = service_definition(wanted.service)
    labels = _labels(wanted, definition)
    with scratch_folders(wanted.models) as (scratch, stage):
        try:
            version = _version(wanted)
            source, report = _read(wanted, scratch, len(labels))
            origin = _origin(wanted, source, report)
            parts = bundles.Parts(definition, labels, version, report, wanted.temperature, origin)
            donor = bundles.find_donor(wanted.models, wanted.service)
            written = bundles.write(parts, scratch, stage / version, donor)
            proof = _proved(wanted, definition, written, scratch)
            pinned = _place(wanted, bundles.finish(written, proof))
        except DoctorAIError as error:
            raise Refused(error.detail) from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise Refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        except OSError as error:
            raise Refused(f"{error.filename or wanted.models}: {error.strerror}") from error
        return Imported(open_bundle(wanted.models / wanted.service / version), report, proof, pinned)


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
    if wanted.version is not None and not is_version(wanted.version):
        raise Refused(f"--version {wanted.version}: three numbers are wanted, 1.2.0")
    if wanted.version in found:
        raise Refused(f"{wanted.service} {wanted.version} is there already; choose another --version")
    return wanted.version or (f"{version_key(found[0])[0] + 1}.0.0" if found else "1.0.0")


@contextmanager
def scratch_folders(models: Path) -> Iterator[tuple[Path, Path]]:
    """A folder for the worker, and one beside the bundles, from where one rename puts the new one in its place.

    Raises Refused while another import to the same folder runs: both would take the same number.
    """
    with _alone(models), tempfile.TemporaryDirectory(prefix="doctorai-import-") as scratch:
        for left in models.glob(f"{_STAGE}*"):  # by an import that was killed
            shutil.rmtree(left, ignore_errors=True)
        try:
            stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=models))
        except OSError as error:
            raise Refused(f"{models} cannot be written: {error.strerror}") from error
        try:
            yield Path(scratch), stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _alone(models: Path) -> Iterator[None]:
    try:
        handle = os.open(models, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Refused(f"{models}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Refused(f"another import to {models} is running") from None
    try:
        yield
    finally:
        os.close(handle)


def _read(wanted: Wanted, scratch: Path, classes: int) -> tuple[Source, Report]:
    source = take(wanted.source, scratch, wanted.sha256)
    if source.kind == "checkpoint":
        raise Refused("a language model is the chatbot's: --service chatbot")
    if source.kind == "pickle" and not wanted.trusted:
        raise Refused(f"{wanted.source.name} {_PICKLE}")
    job = Job(
        kind=source.kind,
        file=str(source.path),
        service=wanted.service,
        classes=classes,
        side=wanted.side,
        pixels=wanted.pixels,
        output=wanted.output,
        half=wanted.half,
        samples=samples.compared(wanted.samples, scratch),
    )
    report = work(job, scratch, wanted.limits, Report)
    for golden in filter(None, (report.golden, report.golden_of_numbers)):
        if len(golden) != classes or not np.isfinite(golden).all():
            raise Refused("the original model gives no probabilities")
    return source, report


def _origin(wanted: Wanted, source: Source, report: Report) -> dict[str, Any]:
    return {**report.facts, "pixels": report.pixels, "file": wanted.source.name, "sha256": source.sha256}


def _proved(wanted: Wanted, definition: ServiceDefinition, written: Bundle, scratch: Path) -> Proof:
    """What the bundle answers, asked behind the sandbox, too. Raises Refused when it is not what the original does."""
    labelled = samples.labelled(wanted.samples, written.manifest.labels, definition, scratch)
    job = ProofJob(bundle=str(written.root), service=wanted.service, labelled=labelled)
    proof = work(job, scratch, wanted.limits, Proof, readable=[written.root])
    worst, most = proof.largest_difference, _HALF if wanted.half else _WHOLE
    if not worst <= most:
        raise Refused(f"the converted model differs from the original by {worst:.4f}, more than {most:g}; not imported")
    return proof


def _place(wanted: Wanted, written: Bundle) -> str | None:
    """Moves the bundle to where it is found; what is served stays what it is. The version that does."""
    home, version = wanted.models / wanted.service, written.manifest.version
    before = versions(wanted.models, wanted.service)
    home.mkdir(exist_ok=True)
    serving = read_serving(wanted.models, wanted.service, wanted.choices)
    if before and serving is None:  # without a choice the highest version would be served, and that is the new one now
        serving = Serving(active=before[0])
        write_serving(wanted.models, wanted.service, serving, wanted.choices)
    if (home / version).exists():
        raise Refused(f"{wanted.service} {version} is there already; choose another --version")
    written.root.rename(home / version)
    return serving.active if serving else None
