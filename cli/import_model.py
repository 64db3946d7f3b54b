"""``doctorai models import``: a user's own model becomes a bundle, without its file running code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import bundles, importing, originals, preparing, show, versions
from cli.ask import DEFAULT_URL, Url
from cli.plan import known_services
from cli.show import Failure
from shared.manifest import Calibration

if TYPE_CHECKING:
    from training.importing.importer import Imported

_SHOWN = 8
_PIXELS = "Values that it was trained on: 0-1, -1-1, 0-255, imagenet or caffe; told from the file, else 0-1."
_FOUND = "Import the original system's files in FILE, a folder, or in the model path."
Source = Annotated[Path | None, typer.Argument(help="A .h5, .keras, .tflite, .json, .ubj or .pkl, or a folder.")]
Samples = Annotated[Path | None, typer.Option(help="Pictures to compare with; in folders named for classes, to score.")]
Size = Annotated[int | None, typer.Option(help="Side in pixels, where the file leaves it open.", min=16, max=2048)]


def import_model(
    source: Source = None,
    service: Annotated[str, typer.Option(help="Whose model it is: tumor, xray, …, chatbot.")] = "",
    labels: Annotated[str, typer.Option(help="Comma-separated, in the order of the model's outputs.")] = "",
    samples: Samples = None,
    version: Annotated[str | None, typer.Option(help="Of the bundle; the next first number.")] = None,
    pixels: Annotated[str, typer.Option(help=_PIXELS)] = "auto",
    output: Annotated[str, typer.Option(help="logits, softmax or sigmoid, where the file does not tell.")] = "auto",
    size: Size = None,
    half: Annotated[bool, typer.Option("--half", help="Weights in half precision: half the size.")] = False,
    temperature: Annotated[float | None, typer.Option(help="Of a temperature scaling that you have.", min=0.01)] = None,
    sha256: Annotated[str | None, typer.Option(help="What the file must have.")] = None,
    trusted: Annotated[bool, typer.Option("--i-trust-this-file", help="Let a pickle be read.")] = False,
    memory: Annotated[float, typer.Option(help="GB of address space for whatever reads the file.", min=1)] = 24,
    timeout: Annotated[int, typer.Option(help="Seconds for it.", min=10)] = 900,
    activate: Annotated[bool, typer.Option("--activate", help="Serve it from now on.")] = False,
    found: Annotated[bool, typer.Option("--found", help=_FOUND)] = False,
    models: versions.Models = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Import your own model: checked, converted, compared with the original, and written as a new version."""
    from training.importing.child import Limits

    home = bundles.folder(models)
    limits = Limits(int(memory * (1 << 30)), timeout)
    if found:
        originals.import_all(originals.find(source or home), home, limits)
        return
    if source is None or not service:
        raise Failure("a FILE and --service are wanted, or --found")
    name = bundles.service_named(service)
    if name == "chatbot":
        importing.language_model(source, home, limits, sha256)
        return
    order = tuple(label.strip() for label in labels.split(",")) if labels else ()
    given: dict[str, Any] = {"version": version, "samples": samples, "pixels": pixels, "side": size, "half": half}
    given |= {
        "temperature": temperature,
        "sha256": sha256,
        "trusted": trusted,
        "limits": limits,
        "labels": order,
        "output": output,
    }
    done = importing.run(name, source, home, **given)
    tell(name, done)
    _serve(name, done, home, url, activate=activate)


def prepare(models: versions.Models = None) -> None:
    """Give each service a model: of the storage, of the original system's files there, or else the one that ships."""
    preparing.prepare(bundles.folder(models), known_services())


def _serve(name: str, done: Imported, models: Path, url: str, *, activate: bool) -> None:
    version = done.bundle.manifest.version
    if activate and done.pinned:
        versions.activate(name, version, models, url=url)
    elif done.pinned:
        show.note(
            f"{done.pinned} goes on being served; to serve the new one: doctorai models activate {name} {version}"
        )
    else:
        show.line(f"{name}: {version} will be served")


def tell(service: str, done: Imported) -> None:
    """The original's answers beside the bundle's, and what there is to know."""
    rows = [
        (str(at), row.label, f"{row.original:.6f}", f"{row.converted:.6f}", f"{row.difference:.1e}")
        for at, row in enumerate(done.rows[:_SHOWN])
    ]
    show.table(("input", "class", "original", "imported", "largest difference"), rows)
    show.line(f"{len(done.rows)} inputs compared, largest difference {done.largest_difference:.1e}")
    manifest = done.bundle.manifest
    facts = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in done.report.facts.items())
    show.line(f"{service} {manifest.version}: {facts}; served by {manifest.runtime}")
    signature = manifest.signatures[manifest.default_signature]
    show.line(f"  labels, in the order of its outputs: {', '.join(manifest.labels)}")
    if done.report.size:
        show.line(f"  pictures: {' × '.join(map(str, done.report.size))}, pixels {done.report.pixels}")
    show.line(f"  calibration: {_calibration(signature.calibration)}")
    show.line(f"  gates for other and bad pictures: {'those of the model that ships' if signature.guard else 'none'}")
    if isinstance(accuracy := manifest.metrics.get("test", {}).get("accuracy"), dict):
        show.line(
            f"  accuracy on your pictures: {accuracy['value']:.3f} ({accuracy['low']:.3f}…{accuracy['high']:.3f})"
        )
    for note in done.report.notes:
        show.note(f"  {note}")


def _calibration(calibration: Calibration | None) -> str:
    if calibration is None:
        return "none, its probabilities are its own (fitted on --samples with 20 pictures or more for each class)"
    return f"temperature {calibration.temperature:g}, {calibration.fitted_on}"
