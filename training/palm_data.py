"""The people of one split as numbers: features, five means, label and haemoglobin. One photo is one person."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.palm.definition import SERVICE
from services.palm.features import extract, five_means
from services.palm.segmentation import segment
from shared.imaging.intake import decode_image
from training.dataset import split_files

FOLDER = "hand_hb"
CONTROL = "sheet"


@dataclass(frozen=True)
class People:
    """``inputs`` maps a signature, or ``CONTROL``, to ``float32`` (n, numbers).

    ``y`` (n,) is 0 for healthy, 1 for anemia; ``hb`` (n,) in g/L, NaN where it is not known.
    """

    inputs: dict[str, NDArray[np.float32]]
    y: NDArray[np.int64]
    hb: NDArray[np.float64]

    def join(self, other: People) -> People:
        inputs = {name: np.concatenate([rows, other.inputs[name]]) for name, rows in self.inputs.items()}
        return People(inputs, np.concatenate([self.y, other.y]), np.concatenate([self.hb, other.hb]))


def task_folder(data: Path) -> Path:
    """``data`` itself, or its ``hand_hb`` folder where it is the root of all data."""
    return data / FOLDER if (data / FOLDER).is_dir() else data


def load_people(data: Path, split: str) -> People:
    """Reads ``<split>/{non_anemic,anemic}/*`` the way the service reads an upload."""
    folder = task_folder(data)
    files = split_files(folder, split, SERVICE)
    pictures = [decode_image(path.read_bytes()) for path, _ in files]
    inputs = {
        "image": np.stack([extract(picture) for picture in pictures]),
        "means": np.array([five_means(picture) for picture in pictures], dtype=np.float32),
        CONTROL: np.stack([sheet(picture) for picture in pictures]),
    }
    return People(inputs, np.array([label for _, label in files], np.int64), haemoglobin([path for path, _ in files]))


def sheet(picture: Image.Image) -> NDArray[np.float32]:
    """Median L*, a*, b* of what is not hand, shape (3,): a control without blood; of all where there is none."""
    regions = segment(picture)
    around = ~(regions.skin | regions.nail)
    colours = regions.lab[around] if around.any() else regions.lab.reshape(-1, 3)
    return np.median(colours, axis=0).astype(np.float32)


def haemoglobin(files: list[Path]) -> NDArray[np.float64]:
    """g/L from ``labels.csv`` (``file``, ``hb_g_per_l``) beside the splits, by file name; NaN where not given."""
    table = files[0].parents[2] / "labels.csv"
    if not table.is_file():
        return np.full(len(files), np.nan)
    with table.open(encoding="utf-8", newline="") as lines:
        known = {Path(row["file"]).name: float(row["hb_g_per_l"]) for row in csv.DictReader(lines)}
    return np.array([known.get(path.name, np.nan) for path in files])
