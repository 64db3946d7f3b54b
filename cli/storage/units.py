"""Which blobs make up what is fetched as a whole. A blob's name is only ever compared, and split where it is plain.

``<service>/<version>/…``           a bundle
``Tumor.h5``, ``tumor/Tumor.h5``    a file of the original system, by its name
``<name>/config.json`` and beside   a language model; also ``chatbot/<name>/`` and ``chatbot/`` itself
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from cli.originals import CHATBOT, service_of
from cli.plan import known_services
from cli.storage.store import Blob

_PLAIN = re.compile(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}")
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){2}")
_CHECKPOINT = re.compile(r".+\.(json|safetensors|model|txt|jinja)")
_CONFIG = "config.json"


@dataclass
class Unit:
    """``folder``: where the files come to lie, under the model path. ``blobs``: by their path in there.

    ``loose``: the folder holds other things, too.
    """

    name: str
    service: str
    folder: str
    loose: bool = False
    bundle: bool = False
    blobs: dict[str, Blob] = field(default_factory=dict)


def find_units(blobs: Iterable[Blob]) -> tuple[list[Unit], list[str]]:
    """The units, in the order of their names; and the names of the blobs that belong to none."""
    found = list(blobs)
    sorter = _Sorter(found)
    units: dict[str, Unit] = {}
    strange = []
    for blob in found:
        unit = sorter.unit(blob.name)
        if unit is None:
            strange.append(blob.name)
            continue
        path = PurePosixPath(blob.name).relative_to(unit.folder).as_posix()
        units.setdefault(unit.name, unit).blobs[path] = blob
    return [units[name] for name in sorted(units)], strange


class _Sorter:
    def __init__(self, blobs: list[Blob]) -> None:
        self._services = known_services()
        parents = [blob.name.removesuffix(f"/{_CONFIG}") for blob in blobs if blob.name.endswith(f"/{_CONFIG}")]
        self._checkpoints = {parent for parent in parents if self._may_be_checkpoint(parent.split("/"))}

    def _may_be_checkpoint(self, folder: list[str]) -> bool:
        match folder:
            case [name]:
                return name == CHATBOT or name not in self._services
            case [service, name]:
                return service == CHATBOT and not _VERSION.fullmatch(name)
        return False

    def unit(self, name: str) -> Unit | None:
        """An empty unit that a blob of this name belongs to."""
        parts = name.split("/")
        if not all(_PLAIN.fullmatch(part) for part in parts):
            return None
        *parents, file = parts
        folder = "/".join(parents)
        if len(parts) > 2 and parts[0] in self._services and _VERSION.fullmatch(parts[1]):
            root = f"{parts[0]}/{parts[1]}"
            return Unit(root, parts[0], root, bundle=True)
        service = service_of(PurePosixPath(file))
        if service and folder in ("", service):
            return Unit(name, service, folder, loose=True)
        if folder in self._checkpoints and _CHECKPOINT.fullmatch(file):
            return Unit(folder, CHATBOT, folder, loose=folder == CHATBOT)
        return None
