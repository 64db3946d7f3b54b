"""Gathers everyday pictures from free packages that any Debian machine can have: animals, food, tools, landscapes.

    apt-get download tuxpaint-stamps-default mate-backgrounds gnome-backgrounds plasma-workspace-wallpapers
    for package in *.deb; do dpkg-deb -x "$package" unpacked; done
    python -m training.gate.everyday unpacked everyday

Writes ``everyday/train`` and ``everyday/test``. Whole kinds of things are in one of the two, so the gate is tested on
kinds that it was not fitted on. Licences are the packages' own (GPL-2+, CC BY-SA, CC0, public domain); no picture is
part of a bundle.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

_SHOWN = 256
_SMALLEST = 64
_TRAIN = ("animals", "food", "plants", "symbols", "space")
_STAMPS = Path("usr/share/tuxpaint/stamps")
_BACKGROUNDS = ("usr/share/backgrounds", "usr/share/wallpapers")


def main(unpacked: Path, out: Path) -> int:
    """Writes JPEGs of at most 256 pixels a side; how many."""
    count = 0
    for split, path in _pictures(unpacked):
        picture = _read(path)
        if picture is None:
            continue
        (out / split).mkdir(parents=True, exist_ok=True)
        picture.save(out / split / f"{count:04d}_{path.stem}.jpg", quality=90)
        count += 1
    return count


def _pictures(unpacked: Path) -> Iterator[tuple[str, Path]]:
    stamps = unpacked / _STAMPS
    for path in sorted(stamps.rglob("*.png")):
        kinds = path.relative_to(stamps).parts
        letters = kinds[0] == "symbols" and "asl" not in kinds and "coins" not in kinds
        if "cartoon" not in kinds and not letters:
            yield ("train" if kinds[0] in _TRAIN else "test"), path
    for folder in _BACKGROUNDS:
        for path in sorted((unpacked / folder).rglob("*")):
            if path.suffix.lower() in (".jpg", ".png", ".webp") and "screenshot" not in path.name:
                yield "test", path


def _read(path: Path) -> Image.Image | None:
    picture = Image.open(path).convert("RGBA")
    if max(picture.size) < _SMALLEST:
        return None
    shown = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    shown.thumbnail((_SHOWN, _SHOWN))
    return shown


if __name__ == "__main__":
    print(f"wrote {main(Path(sys.argv[1]), Path(sys.argv[2]))} pictures")
