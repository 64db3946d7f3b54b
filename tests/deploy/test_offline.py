"""The offline archive: what goes in comes out elsewhere, and one that is damaged or hostile changes nothing."""

from __future__ import annotations

import gzip
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.offline.load import load as load_here
from cli.tools import Refusal
from tests.support.offline import IMAGES, Toy, members, repack, tree, write_toy

Members = list[tuple[tarfile.TarInfo, bytes]]
BUNDLE = (sys.executable, "-m", "cli.offline.bundle", "--extras", "run")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """With its archive."""
    toy = write_toy(tmp_path_factory.mktemp("offline"))
    done = toy.run(*BUNDLE)
    assert done.returncode == 0, done.stderr
    return toy


@pytest.fixture
def toy(made: Toy) -> Toy:
    (made.tools / "calls").unlink(missing_ok=True)
    return made


def load(toy: Toy, archive: Path, into: Path, *options: str, code: int = 0) -> str:
    """By the archive's own loader, with nothing but the standard library."""
    loader = toy.root.parent / "load.pyz"
    if not loader.exists():
        loader.write_bytes({info.name: data for info, data in members(toy.archive)}["load.pyz"])
    done = toy.run(sys.executable, "-I", "-S", str(loader), str(archive), "--into", str(into), *options)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_what_goes_in(toy: Toy) -> None:
    found = {info.name: data for info, data in members(toy.archive)}
    assert {"source/run.sh", "source/docker-compose.yml", "models/tumor/1.0.0/model.tflite"} <= found.keys()
    assert found["models/tumor/2.0.0/model.tflite"] == b"own weights"
    assert {name for name in found if name.startswith("wheels/")} == {
        f"wheels/{name}-1.0-py3-none-any.whl" for name in ("toylib", "toyextra", "toybuild")
    }
    assert not [name for name in found if ".env" in name or "source/models" in name or "source/dist" in name]
    assert len(found["images.tar.zst" if "images.tar.zst" in found else "images.tar.gz"]) < len(IMAGES) / 10
    digest = hashlib.sha256(toy.archive.read_bytes()).hexdigest()
    assert toy.archive.with_suffix(".tar.sha256").read_text() == f"{digest}  {toy.archive.name}\n"
    assert sorted(path.name for path in toy.archive.parent.iterdir()) == [
        toy.archive.name,
        toy.archive.name + ".sha256",
    ]


def test_sha256sum_agrees(toy: Toy, tmp_path: Path) -> None:
    """Whoever trusts no program of ours can check it by hand."""
    with tarfile.open(toy.archive) as tar:
        tar.extractall(tmp_path, filter="data")
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)


def test_a_new_place(toy: Toy, tmp_path: Path) -> None:
    said = load(toy, toy.archive, tmp_path / "deep" / "site")
    found, before = tree(tmp_path / "deep" / "site"), tree(toy.root)
    tracked = toy.run("git", "ls-files").stdout.split()
    assert {name: found[name] for name in tracked} == {name: before[name] for name in tracked}
    assert found[".env"] == "644 b'# more: .env.example\\nTAG=t1\\n'"
    assert "wheels/toylib-1.0-py3-none-any.whl" in found
    assert os.listdir(tmp_path / "deep") == ["site"]
    built = tmp_path / "deep/site/frontend/dist"
    assert (built / "index.html").read_text() == "the page"
    assert (built / "assets/index-1a2b.js").read_text() == "its script"
    of_it = (tmp_path / "deep/site/frontend/index.html").stat().st_mtime_ns
    assert (built / "index.html").stat().st_mtime_ns >= of_it, "make would build it again"
    assert "docker compose up -d --no-build" in said
    packed = (toy.tools / "loaded").read_bytes()
    unpack = ["zstd", "-dc"] if packed[:4] == b"\x28\xb5\x2f\xfd" else ["gzip", "-dc"]
    assert subprocess.run(unpack, input=packed, capture_output=True, check=True).stdout == IMAGES


def test_the_wheels_install_without_an_index(toy: Toy, tmp_path: Path) -> None:
    load(toy, toy.archive, tmp_path / "site", "--no-images")
    assert "load" not in toy.calls
    options = ["--no-index", "--find-links", str(tmp_path / "site" / "wheels"), "--target", str(tmp_path / "libraries")]
    command = [sys.executable, "-m", "pip", "install", "--quiet", *options, "toylib", "toyextra", "toybuild"]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    subprocess.run(command, check=True, env=bare | {"PIP_CONFIG_FILE": os.devnull})
    assert (tmp_path / "libraries" / "toyextra.py").is_file()


def test_a_checkout_gets_what_it_lacks(toy: Toy, tmp_path: Path) -> None:
    site = tmp_path / "site"
    load(toy, toy.archive, site)
    (site / "run.sh").write_text("changed here")
    (site / "models/tumor/2.0.0/model.tflite").unlink()
    (site / "models/tumor/serving.json").write_text("{}")
    (site / "wheels" / "old.whl").write_text("of an older archive")
    load(toy, toy.archive, site)
    assert (site / "run.sh").read_text() == "changed here"
    assert (site / "models/tumor/2.0.0/model.tflite").read_bytes() == b"own weights"
    assert not (site / "wheels" / "old.whl").exists()
    assert not list(site.glob(".load-*"))


def test_an_empty_folder_may_be_there(toy: Toy, tmp_path: Path) -> None:
    load(toy, toy.archive, tmp_path, "--no-images", "--no-wheels")
    assert (tmp_path / "run.sh").is_file()
    assert not (tmp_path / "wheels").exists()


def test_places_that_will_not_do(toy: Toy, tmp_path: Path) -> None:
    load(toy, toy.archive, tmp_path / "site")
    (toy.tools / "calls").unlink()
    (tmp_path / "site/models/tumor/1.0.0/model.tflite").write_text("other weights")
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "pyproject.toml").write_text('[project]\nname = "doctorai"\nversion = "7.0.0"\n')
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.txt").write_text("mine")
    before = tree(tmp_path)
    assert "1.0.0/model.tflite is another" in load(toy, toy.archive, tmp_path / "site", code=1)
    assert "holds DoctorAI 7.0.0" in load(toy, toy.archive, tmp_path / "older", code=1)
    assert "not DoctorAI's" in load(toy, toy.archive, tmp_path / "photos", code=1)
    assert tree(tmp_path) == before
    assert "load" not in toy.calls


def _add(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[Members], Members]:
    def added(found: Members) -> Members:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        return [*found[:3], (info, b""), *found[3:]]

    return added


def _altered(found: Members) -> Members:
    return [(info, data.replace(b"own", b"OWN") if "models/" in info.name else data) for info, data in found]


def _without(name: str) -> Callable[[Members], Members]:
    return lambda found: [(info, data) for info, data in found if info.name != name]


def _manifest(old: bytes, new: bytes) -> Callable[[Members], Members]:
    def changed(found: Members) -> Members:
        contents = {info.name: data for info, data in found}
        before, after = contents["manifest.json"], contents["manifest.json"].replace(old, new)
        assert before != after
        sums = contents["SHA256SUMS"].decode()
        sums = sums.replace(hashlib.sha256(before).hexdigest(), hashlib.sha256(after).hexdigest())
        other = {"manifest.json": after, "SHA256SUMS": sums.encode()}
        return [(info, other.get(info.name, data)) for info, data in found]

    return changed


HOSTILE = {
    "leads out": (_add("source/../../evil"), "not a place for a file"),
    "absolute": (_add("/tmp/evil"), "not a place for a file"),
    "no known place": (_add("etc/evil"), "not a place for a file"),
    "backslash": (_add("source\\evil"), "not a place for a file"),
    "control characters": (_add("source/\x1b[2Jevil"), "not a place for a file"),
    "symbolic link": (_add("source/evil", tarfile.SYMTYPE, "/etc"), "not a plain file"),
    "hard link": (_add("source/evil", tarfile.LNKTYPE, "source/run.sh"), "not a plain file"),
    "device": (_add("source/evil", tarfile.CHRTYPE), "not a plain file"),
    "folder": (_add("source/evil", tarfile.DIRTYPE), "not a plain file"),
    "twice": (_add("README.txt"), "there twice"),
    "below a file": (_add("source/run.sh/evil"), "lies below a file"),
    "file without a sum": (_add("source/evil"), "source/evil does not match"),
    "altered": (_altered, "2.0.0/model.tflite does not match"),
    "file taken out": (_without("source/run.sh"), "source/run.sh does not match"),
    "no sums": (_without("SHA256SUMS"), "has no SHA256SUMS"),
    "another format": (_manifest(b'"format": 1', b'"format": 9'), "format 9 is not known"),
    "setting with a line of its own": (_manifest(b'"t1"', b'"t1\\nSECRET_KEY=x"'), "not allowed"),
    "unknown field": (_manifest(b'"format"', b'"evil": 1, "format"'), "not one of an offline archive"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_touches_nothing(toy: Toy, tmp_path: Path, case: str) -> None:
    change, words = HOSTILE[case]
    archive = repack(tmp_path / "bad.tar", change(members(toy.archive)))
    assert words in load(toy, archive, tmp_path / "site", code=1)
    assert os.listdir(tmp_path) == ["bad.tar"]
    assert toy.calls == ""


@pytest.mark.parametrize("share", [0, 0.0001, 0.3, 0.7, 0.999])
def test_one_that_is_cut_short_touches_nothing(toy: Toy, tmp_path: Path, share: float) -> None:
    data = toy.archive.read_bytes()
    (tmp_path / "bad.tar").write_bytes(data[: int(len(data) * share)])
    load(toy, tmp_path / "bad.tar", tmp_path / "site", code=1)
    assert os.listdir(tmp_path) == ["bad.tar"]
    assert toy.calls == ""


def test_one_that_goes_on(toy: Toy, tmp_path: Path) -> None:
    (tmp_path / "bad.tar").write_bytes(toy.archive.read_bytes() + b"more")
    assert "goes on after its end" in load(toy, tmp_path / "bad.tar", tmp_path / "site", code=1)


def test_one_that_is_cut_between_two_files(toy: Toy, tmp_path: Path) -> None:
    with tarfile.open(toy.archive) as tar:
        end = tar.getmember("SHA256SUMS").offset
    (tmp_path / "bad.tar").write_bytes(toy.archive.read_bytes()[:end])
    assert "has no SHA256SUMS" in load(toy, tmp_path / "bad.tar", tmp_path / "site", code=1)


def test_the_digest_that_was_told(toy: Toy, tmp_path: Path) -> None:
    digest = hashlib.sha256(toy.archive.read_bytes()).hexdigest()
    words = load(toy, toy.archive, tmp_path / "site", "--sha256", "0" * 64, code=1)
    assert "not the archive that you expect" in words
    assert os.listdir(tmp_path) == []
    load(toy, toy.archive, tmp_path / "site", "--sha256", digest)


def test_other_machines_are_refused(toy: Toy, tmp_path: Path) -> None:
    found = members(toy.archive)
    python = repack(tmp_path / "python.tar", _manifest(b'"cp3', b'"cp9')(found))
    assert "the wheels are for cp9" in load(toy, python, tmp_path / "site", code=1)
    engine = repack(tmp_path / "engine.tar", _manifest(b"linux/amd64", b"linux/riscv")(found))
    assert "the images are for linux/riscv" in load(toy, engine, tmp_path / "site", code=1)
    assert not (tmp_path / "site").exists()


def test_no_engine(toy: Toy, tmp_path: Path) -> None:
    (toy.tools / "down").touch()
    try:
        said = load(toy, toy.archive, tmp_path / "site", code=1)
    finally:
        (toy.tools / "down").unlink()
    assert "Cannot connect; --no-images (in make IMAGES=0) leaves the images out" in said
    assert os.listdir(tmp_path) == []


def test_too_little_space(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(2, 1, 1))  # type: ignore[attr-defined]
    with pytest.raises(Refusal, match=r"MB are needed, 0 MB are free"):
        load_here(toy.archive, tmp_path / "site", with_images=False, with_wheels=True)
    assert os.listdir(tmp_path) == []


def test_without_zstd_it_is_gzip(toy: Toy, tmp_path: Path) -> None:
    target = tmp_path / "a.tar"
    environment = toy.environment | {"PATH": f"{toy.tools}:{_path_of(tmp_path, 'git', 'sh', 'cat', 'dirname')}"}
    command = [*BUNDLE, "--output", str(target), "--no-wheels"]
    subprocess.run(command, cwd=toy.root, env=environment, check=True, capture_output=True)
    found = {info.name: data for info, data in members(target)}
    assert gzip.decompress(found["images.tar.gz"]) == IMAGES
    load(toy, target, tmp_path / "site")
    assert gzip.decompress((toy.tools / "loaded").read_bytes()) == IMAGES


def _no_file_over(size: int) -> Callable[[], None]:
    """As a full disk, which a test cannot have without being root."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_leaves_nothing(toy: Toy, tmp_path: Path) -> None:
    before = tree(toy.root / "dist")
    done = toy.run(*BUNDLE, limit=_no_file_over(30_000))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert tree(toy.root / "dist") == before
    command = (sys.executable, "-m", "cli.offline.load", str(toy.archive), "--into", str(tmp_path / "site"))
    assert toy.run(*command, limit=_no_file_over(1_000)).returncode == 1
    assert os.listdir(tmp_path) == []
    (toy.tools / "full").touch()
    try:
        assert "no space left on device" in load(toy, toy.archive, tmp_path / "site", code=1)
    finally:
        (toy.tools / "full").unlink()
    assert os.listdir(tmp_path) == []


def test_stopped_halfway_leaves_nothing(toy: Toy) -> None:
    before = tree(toy.root / "dist")
    (toy.tools / "hang").touch()
    process = subprocess.Popen(BUNDLE, cwd=toy.root, env=toy.environment, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while "save" not in toy.calls and time.monotonic() < deadline:
            time.sleep(0.05)
        other = toy.run(*BUNDLE)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    finally:
        (toy.tools / "hang").unlink()
        process.kill()
    assert "is being written by somebody else" in other.stderr
    assert process.returncode == 143
    assert tree(toy.root / "dist") == before


def test_parts_can_be_left_out(toy: Toy, tmp_path: Path) -> None:
    target = tmp_path / "small.tar"
    done = toy.run(*BUNDLE, "--output", str(target), "--no-images", "--no-wheels")
    assert done.returncode == 0, done.stderr
    assert toy.calls == ""
    assert not [info.name for info, _ in members(target) if info.name.startswith(("images", "wheels"))]
    load(toy, target, tmp_path / "site")
    assert toy.calls == ""


def test_what_is_missing_is_one_line(toy: Toy, tmp_path: Path) -> None:
    done = toy.run(*BUNDLE, "--output", str(tmp_path / "a.tar"), "--models", str(tmp_path / "none"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "there is no model in" in done.stderr
    (toy.tools / "docker").rename(toy.tools / "away")
    try:
        command = [sys.executable, "-m", "cli.offline.bundle", "--output", str(tmp_path / "a.tar")]
        environment = toy.environment | {"PATH": str(toy.tools) + ":" + _path_of(tmp_path, "git")}
        missing = subprocess.run(command, cwd=toy.root, env=environment, capture_output=True, text=True)
    finally:
        (toy.tools / "away").rename(toy.tools / "docker")
    assert missing.stderr == "bundle-offline: docker is not on this machine; IMAGES=0 leaves the images out\n"
    assert sorted(os.listdir(tmp_path)) == ["tools"]


def _path_of(folder: Path, *programs: str) -> str:
    """A PATH with these alone."""
    (folder / "tools").mkdir()
    for name in programs:
        (folder / "tools" / name).symlink_to(str(shutil.which(name)))
    return str(folder / "tools")
