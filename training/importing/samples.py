"""The pictures that an import is checked with: the user's own, or drawn ones; their labels where folders say so."""

from __future__ import annotations

from pathlib import Path

from shared.definition import ServiceDefinition
from shared.errors import DoctorAIError
from shared.imaging.formats import DEFAULT_MAX_PIXELS
from shared.imaging.intake import decode_image
from training.golden import golden_png
from training.importing.errors import Refused

ENDINGS = frozenset({".png", ".jpg", ".jpeg"})
GOLDEN_SEED = 20261
_COMPARED, _DRAWN = 32, 12
_PER_CLASS = 300
_ENOUGH = 20
"""Pictures of each class, from which on a score is worth telling."""


def compared(folder: Path | None, scratch: Path) -> tuple[str, ...]:
    """Writes the pictures to compare with to ``scratch``, the golden one first. Raises Refused for none."""
    files = _spread(pictures(folder), _COMPARED) if folder else []
    if folder and not files:
        raise Refused(f"{folder} holds no .png, .jpg or .jpeg")
    data = [read(path) for path in files] or [golden_png(seed) for seed in range(_DRAWN)]
    names = []
    for at, content in enumerate([golden_png(GOLDEN_SEED), *data]):
        names.append(f"sample-{at}")
        (scratch / names[-1]).write_bytes(content)
    return tuple(names)


def read(path: Path) -> bytes:
    """The bytes of a picture. Raises Refused, naming the file, for one that a service would not take."""
    try:
        data = path.read_bytes()
        decode_image(data, max_pixels=DEFAULT_MAX_PIXELS)
    except DoctorAIError as error:
        raise Refused(f"{path}: {error.detail}") from error
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error
    return data


def labelled(
    folder: Path | None, labels: tuple[str, ...], definition: ServiceDefinition, scratch: Path
) -> tuple[tuple[str, int], ...]:
    """The pictures in folders named for the classes, written to ``scratch``; none when a class has too few of them."""
    if folder is None:
        return ()
    places = {path.name.lower(): path for path in folder.iterdir() if path.is_dir()}
    found = [places.get(label) or places.get(definition.folders.get(label, label)) for label in labels]
    files = [_spread(pictures(place), _PER_CLASS) if place else [] for place in found]
    if min(map(len, files)) < _ENOUGH:
        return ()
    written = []
    for label, of_class in enumerate(files):
        for at, path in enumerate(of_class):
            written.append((f"labelled-{label}-{at}", label))
            (scratch / written[-1][0]).write_bytes(read(path))
    return tuple(written)


def pictures(folder: Path) -> list[Path]:
    """Every picture beneath ``folder``, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())


def _spread(files: list[Path], most: int) -> list[Path]:
    """At most ``most`` of them, evenly over all."""
    return files if len(files) <= most else [files[at * len(files) // most] for at in range(most)]
