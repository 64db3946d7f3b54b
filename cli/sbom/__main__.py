"""``make sbom``: writes ``dist/sbom/IMAGE.cdx.json`` for each image that the compose system uses.

Which these are, Compose says. With ``--environment`` it is one document, of the Python environment that runs this.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from cli import bundles
from cli.bom import now
from cli.bom_bundle import BomBundle, read_bundle
from cli.offline.images import compose_config
from cli.plan import ROOT, known_services
from cli.sbom.document import document
from cli.sbom.image import Content, read_image, read_python
from cli.tools import end, say
from shared.files import replace_file
from shared.versions import versions


def write(content: Content, models: list[BomBundle], folder: Path) -> Path:
    """The file that it wrote; it is whole or it is not there."""
    path = folder / f"{content.name.rpartition(':')[0].rpartition('/')[2] or content.name}.cdx.json"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document(content, models, now()), indent=2, ensure_ascii=False)
    replace_file(path, f"{text}\n".encode(), 0o644)
    return path


def served_by(services: set[str]) -> list[str]:
    """Whose models an image with these compose services serves: its own; all where it prepares them."""
    return [name for name in known_services() if name in services or "models" in services]


def shipped(services: list[str]) -> list[BomBundle]:
    """Every version of their bundles."""
    home = bundles.folder(None)
    return [read_bundle(home, name, version) for name in services for version in versions(home, name)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make sbom", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist" / "sbom", help="a folder")
    parser.add_argument("--environment", action="store_true", help="no Docker: of the environment of `make run`")
    given = parser.parse_args()
    if given.environment:
        content = Content("environment", "", python=read_python(sys.executable))
        say(str(write(content, shipped(known_services()), given.output)))
        return
    users: dict[str, set[str]] = {}
    for name, service in compose_config(ROOT)["services"].items():
        users.setdefault(service["image"], set()).add(name)
    for image, services in sorted(users.items()):
        say(str(write(read_image(image), shipped(served_by(services)), given.output)))


if __name__ == "__main__":
    sys.exit(end("sbom", main))
