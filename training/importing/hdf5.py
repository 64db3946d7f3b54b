"""An HDF5 file of Keras: read only when it is whole, and holds its numbers itself.

HDF5 can point to other files (external links, external and virtual storage), and can claim more numbers than it holds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py

from training.importing.errors import Refused

_SMALL = 64 << 20
_DENSEST = 16  # times that weights may be larger than the file that holds them compressed


def check_hdf5(path: Path) -> None:
    """Raises Refused for a file that is cut short, points elsewhere, or claims more than it can hold."""
    try:
        with h5py.File(path, "r") as file:
            claimed = _claimed(file, frozenset())
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise Refused(f"{path.name} is no whole HDF5 file: {_first_line(error)}") from error
    if claimed > max(_SMALL, _DENSEST * path.stat().st_size):
        raise Refused(f"{path.name} claims {claimed / 1e9:.1f} GB of numbers, more than a file of its size can hold")


def model_config(path: Path) -> tuple[dict[str, Any], str]:
    """The configuration, and the version of Keras that wrote it. Raises Refused when the file holds weights alone."""
    with h5py.File(path, "r") as file:
        raw, version = file.attrs.get("model_config"), file.attrs.get("keras_version", "")
    if raw is None:
        raise Refused(f"{path.name} holds weights without their model; save the whole model: model.save(...)")
    try:
        return json.loads(raw), version.decode() if isinstance(version, bytes) else str(version)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{path.name}: its configuration cannot be read: {_first_line(error)}") from error


def _claimed(group: h5py.Group, above: frozenset[int]) -> int:
    """Bytes of all datasets beneath ``group``."""
    total = 0
    for name in group:
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise Refused(f"it points elsewhere ({name}): {type(link).__name__}")
        total += _size(group[name], above)
    return total


def _size(item: h5py.Group | h5py.Dataset, above: frozenset[int]) -> int:
    if isinstance(item, h5py.Group):
        address = h5py.h5o.get_info(item.id).addr
        if address in above:
            raise Refused("its groups contain themselves")
        return _claimed(item, above | {address})
    if item.external or item.is_virtual:
        raise Refused(f"it keeps numbers in another file ({item.name})")
    return int(item.size * item.dtype.itemsize) if item.shape is not None else 0


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
