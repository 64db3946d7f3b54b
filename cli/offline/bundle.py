"""``make bundle-offline``: images, models, wheels and source in one archive, for a place without a network."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from string import Template

from cli.offline import images, parts
from cli.offline.layout import LOADER, MANIFEST, MODELS, README, SOURCE, WHEELS, Manifest
from cli.offline.writer import ArchiveWriter, new_archive
from cli.tools import end, say

_ROOT = Path(__file__).resolve().parent.parent.parent
_README = Template("""\
DoctorAI $version ($revision), to be installed without a network. Education and research only.

    sha256sum -c $name.sha256              # the .sha256 comes to you another way than the archive
    tar -xf $name load.pyz
    python3 load.pyz $name --into /opt/doctorai
    cd /opt/doctorai
    docker compose up -d --no-build        # in containers, or
    make run                               # on this machine, without Docker: Python 3.11 or 3.12, and make

`python3 load.pyz --help` tells what can be left out. More: docs/offline.md in the folder that it makes.
""")


def bundle(
    root: Path, target: Path, *, models: Path, extras: list[str], with_images: bool, with_wheels: bool, torch_index: str
) -> None:
    """Writes ``target`` and ``target.sha256``, or leaves what was there. Raises Refusal that says what is missing."""
    revision, time = parts.revision(root)
    manifest = Manifest(version=parts.version(root), revision=revision)
    found = images.image_services(images.compose_config(root)) if with_images else {}
    if found:
        manifest = replace(
            manifest,
            machine=images.fetch(found),
            images=tuple(found),
            settings=images.settings(root, os.environ.get("COMPOSE_FILE")),
        )
    if with_wheels:
        python, platform = parts.python_tag()
        manifest = replace(manifest, python=python, platform=platform)
    with new_archive(target, time) as archive:
        archive.add(README, _README.substitute(version=manifest.version, revision=revision, name=target.name).encode())
        archive.add(LOADER, parts.loader(root))
        archive.add(MANIFEST, manifest.to_json())
        # the page after what it is built of, so that it is no older there
        _add(archive, SOURCE, root, [*parts.source_files(root), *parts.page_files(root)])
        _add(archive, MODELS, models, parts.model_files(models))
        if with_wheels:
            say("fetching wheels …")
            with parts.wheels(root, extras, torch_index) as folder:
                _add(archive, WHEELS, folder, sorted(path.name for path in folder.iterdir()))
        if found:
            say(f"saving {len(found)} images …")
            name, write = images.save(list(found))
            with archive.member(name) as member:
                write(member)
    say(f"{target}: {target.stat().st_size / 1e6:.0f} MB")


def _add(archive: ArchiveWriter, place: str, folder: Path, names: list[str]) -> None:
    for name in names:
        archive.add(f"{place}/{name}", folder / name)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bundle-offline", description=__doc__)
    parser.add_argument("--output", type=Path, help="dist/doctorai-VERSION-offline.tar without")
    parser.add_argument("--models", type=Path, default=Path(os.environ.get("MODEL_PATH") or _ROOT / "models"))
    parser.add_argument("--extras", default="gateway,vision,palm,chatbot,cli", help="what the wheels are for")
    parser.add_argument("--torch-index-url", default="", help="PyTorch's own index of CPU builds")
    parser.add_argument("--no-images", action="store_true")
    parser.add_argument("--no-wheels", action="store_true")
    given = parser.parse_args()
    target = given.output or _ROOT / "dist" / f"doctorai-{parts.version(_ROOT)}-offline.tar"
    bundle(
        _ROOT,
        target,
        models=given.models,
        extras=given.extras.split(","),
        with_images=not given.no_images,
        with_wheels=not given.no_wheels,
        torch_index=given.torch_index_url,
    )


if __name__ == "__main__":
    sys.exit(end("bundle-offline", main))
