"""Installs DoctorAI from an offline archive: images into Docker, source, models and wheels into a folder.

The whole archive is checked first. Needs Python 3.11 or later, and for the images Docker; nothing else.
"""

from __future__ import annotations

import argparse
import sys
import sysconfig
from pathlib import Path

from cli.offline import images
from cli.offline.layout import WHEELS
from cli.offline.place import find_place, staged
from cli.offline.reader import Archive, verify
from cli.tools import Refusal, end, say


def load(path: Path, into: Path, *, with_images: bool, with_wheels: bool, digest: str | None = None) -> None:
    """Raises Refusal, before anything is touched, for an archive or a machine that will not do."""
    say(f"checking {path} …")
    archive = verify(path, digest)
    wheels, packed = with_wheels and bool(archive.under(WHEELS)), archive.images if with_images else None
    if wheels:
        _check_python(archive)
    if packed:
        _check_engine(archive)
    place = find_place(into, archive)
    with staged(place, archive, wheels=wheels):
        if packed:
            say(f"loading {len(archive.manifest.images)} images …")
            with images.loading() as write:
                archive.copy(archive.entries[packed], write)
    say(f"DoctorAI {archive.manifest.version} is in {into.resolve()}. Next, there:")
    if packed:
        say("  docker compose up -d --no-build")
    if wheels:
        say("  make run")


def _check_python(archive: Archive) -> None:
    here = (f"cp{sys.version_info.major}{sys.version_info.minor}", sysconfig.get_platform())
    wanted = (archive.manifest.python, archive.manifest.platform)
    if here != wanted:
        raise Refusal(
            f"the wheels are for {' on '.join(map(str, wanted))}, this is {' on '.join(here)}: run it with that "
            "Python, or leave them out (--no-wheels, in make WHEELS=0)"
        )


def _check_engine(archive: Archive) -> None:
    try:
        here = images.server_platform()
    except Refusal as error:
        raise Refusal(f"{error}; --no-images (in make IMAGES=0) leaves the images out") from error
    if here != archive.manifest.machine:
        raise Refusal(f"the images are for {archive.manifest.machine}, this engine is {here}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="load", description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--into", type=Path, required=True, help="a new folder, or a checkout of the same version")
    parser.add_argument("--sha256", help="of the archive, as whoever made it told")
    parser.add_argument("--no-images", action="store_true", help="no Docker here")
    parser.add_argument("--no-wheels", action="store_true", help="containers only")
    given = parser.parse_args()
    load(
        given.archive,
        given.into,
        with_images=not given.no_images,
        with_wheels=not given.no_wheels,
        digest=given.sha256 or None,
    )


def run() -> None:
    sys.exit(end("load", main))


if __name__ == "__main__":
    run()
