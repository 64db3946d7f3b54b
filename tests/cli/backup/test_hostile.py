"""Archives that are damaged, or made to do harm: each is refused, in one line, before anything is touched."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest

from cli.backup.manifest import Manifest, encode, signed
from cli.backup.naming import named
from tests.cli.backup.helpers import Members, Place, members, repacked, with_manifest
from tests.shared.audit.helpers import SECRET

MODEL = "models/tumor/1.0.0/model.tflite"


@pytest.fixture(autouse=True)
def _destroyed(request: pytest.FixtureRequest, place: Place) -> None:
    """Where a test begins with an archive, its system is destroyed."""
    if "archive" in request.fixturenames:
        place.destroy()


def refused(place: Place, path: Path, *words: str) -> str:
    """The one line that says why; nothing has changed."""
    before = _paths(place)
    tree = place.tree()
    result = place.restore(path, "--force", "--other-key", *words)
    assert result.exit_code == 1, result.output
    assert result.stderr.count("\n") == 1, result.stderr
    assert place.tree() == tree
    assert _paths(place) == before
    return str(result.stderr)


def _paths(place: Place) -> set[Path]:
    return {path for path in place.root.rglob("*") if path.name != "lock"}


def thing(name: str, kind: bytes = tarfile.REGTYPE, data: bytes = b"", link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(data), link
    return info, data


@pytest.mark.parametrize(
    ("added", "says"),
    [
        (thing("../../etc/passwd", data=b"x"), "nothing that a backup holds"),
        (thing("/etc/passwd", data=b"x"), "nothing that a backup holds"),
        (thing("models/../../x", data=b"x"), "nothing that a backup holds"),
        (thing("models//x", data=b"x"), "nothing that a backup holds"),
        (thing("models/./x", data=b"x"), "nothing that a backup holds"),
        (thing("models/.doctorai-restore/x", data=b"x"), "nothing that a backup holds"),
        (thing("models/a\\b", data=b"x"), "nothing that a backup holds"),
        (thing("audit/../x", data=b"x"), "nothing that a backup holds"),
        (thing("secrets/authorized_keys", data=b"x"), "nothing that a backup holds"),
        (thing("redis/redis.conf", data=b"x"), "nothing that a backup holds"),
        (thing("README", data=b"x"), "nothing that a backup holds"),
        (thing("models/link", tarfile.SYMTYPE, link="/etc"), "a link, a device"),
        (thing("models/link", tarfile.LNKTYPE, link=MODEL), "a link, a device"),
        (thing("models/device", tarfile.CHRTYPE), "a link, a device"),
        (thing("models/device", tarfile.BLKTYPE), "a link, a device"),
        (thing("models/pipe", tarfile.FIFOTYPE), "a link, a device"),
        (thing("models/folder", tarfile.DIRTYPE), "a link, a device"),
        (thing("models/sparse", tarfile.GNUTYPE_SPARSE), "a link, a device"),
        (thing("models/extended", tarfile.XHDTYPE, b"20 path=/etc/passwd\n"), "a link, a device"),
        (thing("models/" + "a" * 150, data=b"x"), "a link, a device"),
        (thing("models/tumor/extra", data=b"x"), "models/tumor/extra does not match its checksum"),
        (thing(MODEL, data=b"x"), "where it cannot be"),
        (thing("manifest.json", data=b"{}"), "where it cannot be"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_member_that_is_not_ours(
    place: Place, archive: Path, added: tuple[tarfile.TarInfo, bytes], says: str
) -> None:
    repacked(archive, lambda found: [added, *found])
    assert says in refused(place, archive)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda found: found[:-1], "no manifest"),
        (lambda found: [], "no manifest"),
        (lambda found: [one for one in found if one[0].name != MODEL], f"{MODEL} does not match"),
        (lambda found: [(info, b"y" * info.size if info.name == MODEL else data) for info, data in found], MODEL),
        (lambda found: [found[-1], *found[:-1]], "where it cannot be"),
        (lambda found: [*found, thing("models/tumor/last", data=b"x")], "where it cannot be"),
    ],
)
def test_members_that_are_not_as_they_were(
    place: Place, archive: Path, change: Callable[[Members], Members], says: str
) -> None:
    repacked(archive, change)
    assert says in refused(place, archive)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": 2}, "cannot be read: format"),
        ({"surprise": 1}, "cannot be read: surprise"),
        ({"files": "all"}, "cannot be read: files"),
        ({"time": "yesterday"}, "cannot be read: time"),
        ({"id": "0" * 16}, "of another archive"),
        ({"chain": ["0" * 16]}, "of another archive"),
        ({"doctorai": "9.9.9"}, "its manifest was changed"),
        ({"redis": "1.0.0"}, "its manifest was changed"),
        ({"mac": ""}, "its manifest was changed"),
    ],
)
def test_a_manifest_that_was_changed(place: Place, archive: Path, change: dict[str, Any], says: str) -> None:
    repacked(archive, lambda found: with_manifest(found, lambda document: document.update(change)))
    assert says in refused(place, archive)


def test_checksums_that_were_made_to_fit(place: Place, archive: Path) -> None:
    """Whoever changes a file and its checksum, too, has not the key that signs."""

    def change(found: Members) -> Members:
        found = [(info, bytes(info.size) if info.name == MODEL else data) for info, data in found]

        def fit(document: dict[str, Any]) -> None:
            (entry,) = (entry for entry in document["files"] if entry["name"] == MODEL)
            entry["sha256"] = hashlib.sha256(bytes(entry["size"])).hexdigest()

        return with_manifest(found, fit)

    repacked(archive, change)
    assert "its manifest was changed" in refused(place, archive)


def test_a_file_that_is_also_a_folder(place: Place, archive: Path) -> None:
    """Even signed with the right key."""
    manifest = Manifest.model_validate_json(members(archive)["manifest.json"])
    (model,) = (entry for entry in manifest.files if entry.name == MODEL)
    inside = model.model_copy(update={"name": f"{MODEL}/inside"})
    forged = encode(signed(manifest.model_copy(update={"files": (*manifest.files, inside)}), SECRET))

    def change(found: Members) -> Members:
        (data,) = (data for info, data in found if info.name == MODEL)
        return [*found[:-1], thing(f"{MODEL}/inside", data=data), thing("manifest.json", data=forged)]

    repacked(archive, change)
    assert "is a file and a folder" in refused(place, archive)


def test_absurd_sizes(place: Place, archive: Path) -> None:
    whole = archive.read_bytes()
    header = thing("models/huge")[0]
    header.size = 1 << 60
    archive.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(5000)))
    assert "larger than --max-size allows" in refused(place, archive)
    header.size = 2 << 30
    archive.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(5000)))
    assert "larger than --max-size allows" in refused(place, archive, "--max-size", "1")
    header = thing("manifest.json")[0]
    header.size = 1 << 30
    archive.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(5000)))
    assert "larger than it can be" in refused(place, archive)
    archive.write_bytes(whole)
    assert place.restore(archive).exit_code == 0


def test_cut_anywhere(place: Place, archive: Path) -> None:
    whole = archive.read_bytes()
    for at in {0, 1, 9, 10, 11, 100, len(whole) // 3, len(whole) // 2, len(whole) - 9, len(whole) - 1}:
        archive.write_bytes(whole[:at])
        assert archive.name in refused(place, archive), at


def test_changed_anywhere(place: Place, archive: Path) -> None:
    """It is refused, but for a bit of the packing that stands for nothing: then every file is as it was."""
    whole = archive.read_bytes()
    assert place.restore(archive).exit_code == 0
    wanted, refusals = place.tree(), 0
    for at in [0, 1, 2, *range(10, len(whole), len(whole) // 40), len(whole) - 1]:
        place.destroy()
        archive.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        if place.restore(archive, "--dry-run").exit_code:
            refused(place, archive)
            refusals += 1
        else:
            assert place.restore(archive).exit_code == 0
            assert place.tree() == wanted
    assert refusals > 35


@pytest.mark.parametrize("rest", [b"more", gzip.compress(b"more"), gzip.compress(bytes(1024))])
def test_something_behind_it(place: Place, archive: Path, rest: bytes) -> None:
    archive.write_bytes(archive.read_bytes() + rest)
    refused(place, archive)


def test_an_encrypted_one_cut_or_changed(place: Place) -> None:
    identity = pyrage.x25519.Identity.generate()
    key = place.root / "key"
    key.write_text(str(identity))
    archive = place.backup("--recipient", str(identity.to_public()))
    place.destroy()
    whole = archive.read_bytes()
    for at in {0, 10, 100, len(whole) // 2, len(whole) - 1}:
        archive.write_bytes(whole[:at])
        refused(place, archive, "--identity", str(key))
        archive.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        refused(place, archive, "--identity", str(key))
    archive.write_bytes(whole)
    assert place.restore(archive, "--identity", str(key)).exit_code == 0


class TestChain:
    def test_the_whole_of_it_is_checked(self, place: Place) -> None:
        full = place.backup()
        second = place.backup("--on", "latest")
        place.destroy()
        whole = full.read_bytes()
        full.write_bytes(whole[:-100] + bytes(100))
        assert full.name in refused(place, second)
        full.unlink()
        assert "not beside it" in refused(place, second)
        full.write_bytes(whole)
        assert place.restore(second).exit_code == 0

    def test_another_archive_under_the_name_of_its_base(self, place: Place) -> None:
        full = place.backup()
        second = place.backup("--on", "latest")
        other = place.backup()
        place.destroy()
        other.replace(full)
        assert "of another archive" in refused(place, second)

    def test_it_rests_on_itself(self, place: Place) -> None:
        path = place.backup()
        found = named(path)
        assert found
        renamed = path.rename(path.with_name(path.name.replace("full", f"on-{found.id}")))
        place.destroy()
        assert "rests on itself" in refused(place, renamed)

    def test_a_base_that_does_not_have_it(self, place: Place) -> None:
        place.backup()
        second = place.backup("--on", "latest")
        place.destroy()
        manifest = Manifest.model_validate_json(members(second)["manifest.json"])
        entries = tuple(
            entry.model_copy(update={"name": "models/tumor/other"}) if entry.name == MODEL else entry
            for entry in manifest.files
        )
        forged = encode(signed(manifest.model_copy(update={"files": entries}), SECRET))
        repacked(second, lambda found: [*found[:-1], thing("manifest.json", data=forged)])
        assert "is not in the archive that should hold it" in refused(place, second)


def test_a_plain_tar_reads_it(place: Place) -> None:
    """Whoever has no DoctorAI left still gets at the files."""
    with tarfile.open(fileobj=io.BytesIO(place.backup().read_bytes())) as tar:
        tar.extractall(place.root / "out", filter="data")
    assert json.loads((place.root / "out" / "manifest.json").read_bytes())["kind"] == "full"
