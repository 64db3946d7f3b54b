"""`make new-service NAME=retina`: a new service, with a toy bundle, that passes the contract tests at once."""

from __future__ import annotations

import hashlib
import io
import keyword
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from PIL import Image

from cli.plan import ROOT
from shared.bundle import write_manifest
from shared.manifest import FileEntry, Golden, ImageInput, Manifest, Signature

_TEMPLATE = Path(__file__).resolve().parent / "template"
_LABELS = ("negative", "positive")
_GOLDEN_COLOUR = (178, 128, 128)
_GOLDEN_PROBABILITIES = (0.0194, 0.9806)  # softmax([0, 20 · (178 − 128) / 255])
_SIDE = 32


def scaffold(name: str, root: Path = ROOT) -> list[Path]:
    """Writes ``services/<name>/`` and ``models/<name>/0.1.0/``; the files that it wrote.

    Raises ValueError for a name that cannot be a service's, or is one already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name) or keyword.iskeyword(name):
        raise ValueError(f"'{name}': lower-case letters, digits and _ are wanted, a letter first")
    service, bundle = root / "services" / name, root / "models" / name / "0.1.0"
    for folder in (service, bundle):
        if folder.exists():
            raise ValueError(f"{folder.relative_to(root)} is there already")
    return [*_write_service(service, name), *_write_bundle(bundle, name)]


def _write_service(folder: Path, name: str) -> list[Path]:
    folder.mkdir(parents=True)
    written = []
    for source in sorted(_TEMPLATE.glob("*.template")):
        target = folder / source.name.removesuffix(".template")
        text = Template(source.read_text(encoding="utf-8")).substitute(name=name, title=name.replace("_", " "))
        target.write_text(text, encoding="utf-8")
        written.append(target)
    return written


def _write_bundle(folder: Path, name: str) -> list[Path]:
    folder.mkdir(parents=True)
    files = {"model.tflite": (_TEMPLATE / "model.tflite").read_bytes(), "golden.png": _golden()}
    for file, data in files.items():
        (folder / file).write_bytes(data)
    write_manifest(folder, _manifest(name, files))
    return [folder / file for file in (*files, "manifest.json")]


def _golden() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (_SIDE, _SIDE), _GOLDEN_COLOUR).save(buffer, "PNG")
    return buffer.getvalue()


def _manifest(name: str, files: dict[str, bytes]) -> Manifest:
    return Manifest(
        model=name,
        version="0.1.0",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        runtime="litert",
        labels=_LABELS,
        default_signature="image",
        signatures={
            "image": Signature(
                file="model.tflite",
                input=ImageInput(height=_SIDE, width=_SIDE),
                golden=Golden(input="golden.png", probabilities=_GOLDEN_PROBABILITIES),
            )
        },
        files={
            file: FileEntry(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data)) for file, data in files.items()
        },
        provenance={"data": "none: a toy that tells red pictures from others; replace it before you show it to anyone"},
    )


def main(arguments: list[str]) -> int:
    try:
        written = scaffold("".join(arguments))
    except ValueError as error:
        sys.stderr.write(f"new-service: {error}\n")
        return 2
    for path in written:
        sys.stdout.write(f"  {path.relative_to(ROOT)}\n")
    sys.stdout.write("Next: docs/adding-a-service.md\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
