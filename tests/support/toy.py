"""A toy service: tells red pictures from others. Its model is the one that a scaffolded service starts with."""

from __future__ import annotations

from pathlib import Path

from shared.bundle import write_manifest
from shared.definition import ClassText, ServiceDefinition
from shared.manifest import Calibration, Conformal, FileEntry, Golden, ImageInput, Manifest, Signature
from tests.support.pictures import png

MODEL = Path(__file__).resolve().parents[2] / "cli" / "template" / "model.tflite"
RED, BLUE = (230, 20, 20), (20, 20, 230)

TOY = ServiceDefinition(
    service="toy",
    model="toy",
    title="Toy",
    accepts="any picture",
    classes={
        "other": ClassText("Other", "The picture is not red.", "Nothing to do.", "none"),
        "red": ClassText("Red", "The picture is red.", "Nothing to do.", "none"),
    },
    folders={"other": "other", "red": "red"},
)


def write_toy_bundle(models: Path, *, service: str = "toy", model: str = "toy", version: str = "1.0.0") -> Path:
    """Writes ``models/<service>/<version>/`` and gives its path."""
    root = models / service / version
    root.mkdir(parents=True)
    files = {"model.tflite": MODEL.read_bytes(), "golden.png": png(RED)}
    for name, data in files.items():
        (root / name).write_bytes(data)
    write_manifest(root, toy_manifest(files, model=model, version=version))
    return root


def toy_manifest(files: dict[str, bytes], *, model: str = "toy", version: str = "1.0.0") -> Manifest:
    return Manifest(
        model=model,
        version=version,
        created="2026-11-24T00:00:00Z",
        runtime="litert",
        labels=("other", "red"),
        default_signature="image",
        signatures={
            "image": Signature(
                file="model.tflite",
                input=ImageInput(height=32, width=32),
                calibration=Calibration(temperature=4.0, fitted_on="val", samples=10),
                conformal=Conformal(coverage=0.9, threshold=0.6, fitted_on="val", samples=10),
                golden=Golden(input="golden.png", probabilities=(0.0159, 0.9841), tolerance=0.01),
            )
        },
        files={name: entry(data) for name, data in files.items()},
        metrics={"test": {"accuracy": {"value": 1.0, "low": 0.9, "high": 1.0}}},
        provenance={"data": "none", "licence": "MIT"},
    )


def entry(data: bytes) -> FileEntry:
    return FileEntry.of(data)
