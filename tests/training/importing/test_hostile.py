"""Files that want to run code, point elsewhere, or are not whole: refused, nothing written, no canary."""

from __future__ import annotations

import json
import os
import pickle  # noqa: TID251 - what users hold
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest
import torch

from tests.training.importing.conftest import Import
from training.importing.child import Limits
from training.importing.errors import Refused

Make = Callable[[Path, Path, Path], Path]
"""(a folder, the originals, the canary) → the hostile file."""


class Touch:
    """A pickle that runs a command."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._canary}",)


def pickled(folder: Path, originals: Path, canary: Path) -> Path:
    file = folder / "XGB-Tuned-balancedPalm.pkl"
    file.write_bytes(pickle.dumps(Touch(canary)))
    return file


def torch_file(folder: Path, originals: Path, canary: Path) -> Path:
    file = folder / "model.pt"
    torch.save(Touch(canary), file)
    return file


def gadget(folder: Path, originals: Path, canary: Path) -> Path:
    """A ``.keras`` whose configuration names a function of the system."""
    return _rewritten(
        folder, originals, lambda config: config.update(module="os", class_name="system", config=f"touch {canary}")
    )


def gadget_inside(folder: Path, originals: Path, canary: Path) -> Path:
    hidden = {"module": "builtins", "class_name": "exec", "config": f"open({str(canary)!r}, 'w')"}
    return _rewritten(folder, originals, lambda config: config["config"]["layers"][1]["config"].update(x=hidden))


def zip_slip(folder: Path, originals: Path, canary: Path) -> Path:
    return _with_member(folder, originals, f"../../../../../..{canary}", b"written")


def more_members(folder: Path, originals: Path, canary: Path) -> Path:
    return _with_member(folder, originals, "assets/evil.py", b"written")


def twice(folder: Path, originals: Path, canary: Path) -> Path:
    return _with_member(folder, originals, "config.json", b"{}")


def claims_10_gb(folder: Path, originals: Path, canary: Path) -> Path:
    """A zip whose weights are zeros, ten billion of them once unpacked."""
    file = folder / "claims.keras"
    with zipfile.ZipFile(originals / "pooled.keras") as source, zipfile.ZipFile(file, "w") as target:
        target.writestr("config.json", source.read("config.json"))
        target.writestr("model.weights.h5", source.read("model.weights.h5"))
    data, size = bytearray(file.read_bytes()), 10_000_000_000 // 4  # the field has 32 bits
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", size)
    file.write_bytes(data)
    return file


def hdf5_claims_10_gb(folder: Path, originals: Path, canary: Path) -> Path:
    file = _copy(folder, originals, "pooled.h5")
    with h5py.File(file, "a") as store:
        store.create_dataset("more", shape=(2_500_000_000,), chunks=(1024,), dtype="f4")
    return file


def hdf5_elsewhere(folder: Path, originals: Path, canary: Path) -> Path:
    file = _copy(folder, originals, "pooled.h5")
    with h5py.File(file, "a") as store:
        store["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")
    return file


def hdf5_outside(folder: Path, originals: Path, canary: Path) -> Path:
    """Numbers that lie in a file of the system."""
    file = _copy(folder, originals, "pooled.h5")
    with h5py.File(file, "a") as store:
        store.create_dataset("outside", shape=(100,), dtype="u1", external=[("/etc/passwd", 0, 100)])
    return file


def hdf5_loop(folder: Path, originals: Path, canary: Path) -> Path:
    file = _copy(folder, originals, "pooled.h5")
    with h5py.File(file, "a") as store:
        loop = store.create_group("loop")
        loop["loop"] = loop
    return file


def truncated_hdf5(folder: Path, originals: Path, canary: Path) -> Path:
    return _cut(_copy(folder, originals, "pooled.h5"))


def truncated_keras(folder: Path, originals: Path, canary: Path) -> Path:
    return _cut(_copy(folder, originals, "pooled.keras"))


def truncated_tflite(folder: Path, originals: Path, canary: Path) -> Path:
    return _cut(_copy(folder, originals, "softmax.tflite"))


def flipped_tflite(folder: Path, originals: Path, canary: Path) -> Path:
    """Bytes changed at the start, where the offsets are."""
    file = _copy(folder, originals, "softmax.tflite")
    data = bytearray(file.read_bytes())
    data[8:64] = bytes(255 - at for at in range(56))
    file.write_bytes(data)
    return file


def cut_ubjson(folder: Path, originals: Path, canary: Path) -> Path:
    file = folder / "model.ubj"
    file.write_bytes(b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner{")
    return file


def empty(folder: Path, originals: Path, canary: Path) -> Path:
    file = folder / "Tumor.h5"
    file.touch()
    return file


def something_else(folder: Path, originals: Path, canary: Path) -> Path:
    file = folder / "Tumor.h5"
    file.write_bytes(b"#!/bin/sh\ntouch " + str(canary).encode())
    return file


def made(name: str) -> Make:
    def make(folder: Path, originals: Path, canary: Path) -> Path:
        (originals / "canary").unlink(missing_ok=True)
        return originals / name

    make.__name__ = name
    return make


REFUSED: list[tuple[Make, str]] = [
    (made("lambda2.h5"), "holds code: 'Lambda'"),
    (made("lambda3.h5"), "holds code: 'Lambda'"),
    (made("lambda.keras"), "holds code: 'Lambda'"),
    (made("own.keras"), "'Mine>Mine', which is not Keras's own"),
    (made("saved-writes"), "the graph holds WriteFile"),
    (made("saved-maps"), "the graph holds ImmutableConst"),
    (made("saved-saves"), "the graph holds SaveV2"),
    (made("saved-registers"), "the graph holds (Map|Random|Register)Dataset"),
    (made("saved-aborts"), "the graph holds Abort"),
    (gadget, "'os', which is not Keras's own"),
    (gadget_inside, "'exec' of the module 'builtins'"),
    (pickled, "posix.system, which no XGBoost classifier needs"),
    (torch_file, "a PyTorch file is a pickle"),
    (zip_slip, "which no model of pictures needs"),
    (more_members, "'assets/evil.py', which no model of pictures needs"),
    (twice, "once each"),
    (claims_10_gb, "claims 2.5 GB"),
    (hdf5_claims_10_gb, "claims 10.0 GB"),
    (hdf5_elsewhere, "points elsewhere"),
    (hdf5_outside, "keeps numbers in another file"),
    (hdf5_loop, "contain themselves"),
    (truncated_hdf5, "no whole HDF5 file"),
    (truncated_keras, "no whole archive"),
    (truncated_tflite, "LiteRT cannot read"),
    (flipped_tflite, "LiteRT cannot read|is damaged"),
    (cut_ubjson, "UBJSON"),
    (empty, "is empty"),
    (something_else, "is no Keras"),
]


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize(("make", "reason"), REFUSED, ids=[make.__name__ for make, _ in REFUSED])
def test_it_is_refused_and_nothing_runs(
    make: Make, reason: str, originals: Path, importing: Import, models: Path, tmp_path: Path
) -> None:
    canary, folder = tmp_path / "canary", tmp_path / "given"
    folder.mkdir()
    file = make(folder, originals, canary)
    service = "palm" if file.suffix in (".pkl", ".ubj") else "tumor"
    with pytest.raises(Refused, match=reason):
        importing(service, file, trusted=True)
    assert not canary.exists()
    assert not (originals / "canary").exists()
    assert list(models.iterdir()) == []


def test_a_pickle_is_not_even_opened_without_trust(importing: Import, tmp_path: Path, originals: Path) -> None:
    canary = tmp_path / "canary"
    with pytest.raises(Refused, match="--i-trust-this-file"):
        importing("palm", pickled(tmp_path, originals, canary))
    assert not canary.exists()


def test_a_wrong_checksum(originals: Path, importing: Import, models: Path) -> None:
    with pytest.raises(Refused, match="not the one that was given"):
        importing("tumor", originals / "pooled.h5", sha256="0" * 64)
    assert list(models.iterdir()) == []


def test_links_in_a_folder(importing: Import, originals: Path, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "saved_model.pb").symlink_to("/etc/passwd")
    with pytest.raises(Refused, match="is a link"):
        importing("tumor", folder)


def test_a_pipe_is_no_file(importing: Import, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Tumor.h5")
    with pytest.raises(Refused, match="is not a file"):
        importing("tumor", tmp_path / "Tumor.h5")


def test_memory_and_time_end(originals: Path, importing: Import) -> None:
    with pytest.raises(Refused, match=r"--memory"):
        importing("tumor", originals / "pooled.h5", limits=Limits(memory_bytes=200 << 20))
    with pytest.raises(Refused, match="longer than 1 s"):
        importing("tumor", originals / "pooled.h5", limits=Limits(seconds=1))


def _rewritten(folder: Path, originals: Path, change: Callable[[dict[str, object]], object]) -> Path:
    """``pooled.keras`` with another configuration."""
    file = folder / "gadget.keras"
    with zipfile.ZipFile(originals / "pooled.keras") as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            config = source.read(name)
            if name == "config.json":
                parsed = json.loads(config)
                change(parsed)
                config = json.dumps(parsed).encode()
            target.writestr(name, config)
    return file


def _with_member(folder: Path, originals: Path, name: str, data: bytes) -> Path:
    file = _copy(folder, originals, "pooled.keras")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, data)
    return file


def _copy(folder: Path, originals: Path, name: str) -> Path:
    file = folder / name
    file.write_bytes((originals / name).read_bytes())
    return file


def _cut(file: Path) -> Path:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 6 // 10])
    return file
