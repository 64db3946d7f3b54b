"""A bundle is served only as its manifest describes it, to the byte."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.bundle import MANIFEST, find_bundle, fingerprint, open_bundle
from shared.errors import BundleError
from tests.support.toy import MODEL, write_toy_bundle


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_toy_bundle(tmp_path)


def edit(root: Path, **changes: object) -> None:
    path = root / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_whole_bundle_opens_and_its_digest_follows_the_manifest(root: Path) -> None:
    first = open_bundle(root)
    assert first.read("model.tflite") == MODEL.read_bytes()
    edit(root, created="later")
    assert open_bundle(root).digest != first.digest


def flip_one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "one bit differs": (flip_one_bit, "does not match its checksum"),
    "one byte more": (lambda path: path.write_bytes(path.read_bytes() + b"\0"), "does not match its checksum"),
    "cut short": (lambda path: path.write_bytes(path.read_bytes()[:-1]), "does not match its checksum"),
    "empty": (lambda path: path.write_bytes(b""), "does not match its checksum"),
    "missing": (Path.unlink, "cannot be read: No such file"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "cannot be read: Is a directory"),
}


@pytest.mark.parametrize("name", DAMAGE)
@pytest.mark.parametrize("file", ["model.tflite", "golden.png"])
def test_a_damaged_file_is_named(root: Path, name: str, file: str) -> None:
    damage, message = DAMAGE[name]
    damage(root / file)
    with pytest.raises(BundleError, match=f"{file} {message}"):
        open_bundle(root)


@pytest.mark.parametrize("name", DAMAGE)
def test_a_file_swapped_after_the_bundle_was_opened_is_never_read(root: Path, name: str) -> None:
    bundle = open_bundle(root)
    damage, message = DAMAGE[name]
    damage(root / "model.tflite")
    with pytest.raises(BundleError, match=message):
        bundle.read("model.tflite")


def test_a_wrong_size_in_the_manifest_is_refused_though_the_digest_matches(root: Path) -> None:
    files = json.loads((root / MANIFEST).read_text())["files"]
    files["model.tflite"]["bytes"] += 1
    edit(root, files=files)
    with pytest.raises(BundleError, match="does not match"):
        open_bundle(root)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"toy"', "\x00", "{}"])
def test_a_manifest_that_is_not_one_is_refused_in_words(root: Path, text: str) -> None:
    (root / MANIFEST).write_text(text)
    with pytest.raises(BundleError, match=r"^manifest\.json[.\w]* is not valid: \w"):
        open_bundle(root)


def test_a_manifest_of_bytes_that_are_no_text_is_refused(root: Path) -> None:
    (root / MANIFEST).write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(BundleError, match="is not valid"):
        open_bundle(root)


def test_the_message_names_the_field(root: Path) -> None:
    edit(root, runtime="pickle")
    with pytest.raises(BundleError, match=r"manifest\.json\.runtime is not valid"):
        open_bundle(root)


def test_a_missing_manifest_is_refused(root: Path) -> None:
    (root / MANIFEST).unlink()
    with pytest.raises(BundleError, match=r"manifest\.json cannot be read"):
        open_bundle(root)


def test_the_folder_and_the_manifest_must_agree_on_the_version(root: Path) -> None:
    moved = root.rename(root.parent / "2.0.0")
    with pytest.raises(BundleError, match=r"says version 1\.0\.0, its folder 2\.0\.0"):
        open_bundle(moved)


def test_the_highest_version_is_found_by_number(tmp_path: Path) -> None:
    for version in ("1.9.0", "1.10.0", "0.99.0"):
        write_toy_bundle(tmp_path, version=version)
    assert find_bundle(tmp_path, "toy").name == "1.10.0"
    assert find_bundle(tmp_path, "toy", "1.9.0").name == "1.9.0"


@pytest.mark.parametrize("name", ["latest", "2.0", "v2.0.0", "2.0.0-rc1", "2.0.0.bak", "2..0", "1.².0", "9.0.0.0"])
def test_a_folder_that_is_no_version_is_ignored(root: Path, name: str) -> None:
    (root.parent / name).mkdir()
    (root.parent / name / MANIFEST).write_text("{}")
    assert find_bundle(root.parent.parent, "toy") == root


def test_a_version_without_a_manifest_is_ignored(root: Path) -> None:
    (root.parent / "2.0.0").mkdir()
    assert find_bundle(root.parent.parent, "toy") == root


@pytest.mark.parametrize(("service", "version"), [("other", None), ("toy", "3.0.0"), ("other", "1.0.0")])
def test_what_is_not_there_is_told_without_the_path(root: Path, service: str, version: str | None) -> None:
    models = root.parent.parent
    with pytest.raises(BundleError, match=f"no bundle .*{service}") as caught:
        find_bundle(models, service, version)
    assert str(models) not in caught.value.detail


def test_the_fingerprint_differs_after_any_rewrite(root: Path) -> None:
    path, seen = root / "model.tflite", {fingerprint(root)}
    stat = path.stat()
    other = root / "other"
    other.write_bytes(path.read_bytes())
    seen.add(fingerprint(root))
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.rename(path)  # same name, size and time: the inode is another
    seen.add(fingerprint(root))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    seen.add(fingerprint(root))
    assert len(seen) == 4
    assert fingerprint(root) in seen
