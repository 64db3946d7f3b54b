"""The images that the compose system uses, out of one Docker Engine and into another.

Which these are, Compose says: with ``COMPOSE_FILE``, ``COMPOSE_PROFILES`` and ``.env`` as for any of its commands.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from cli.offline.layout import BLOCK, GZIP_IMAGES, ZSTD_IMAGES
from cli.tools import Refusal, failed, output, say

_VARIABLE = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)")
_IMAGE_LINE = re.compile(r"^\s*image:\s*(.*)$", re.M)
_DEFAULT_FILE = "docker-compose.yml"


def compose_config(root: Path) -> dict[str, Any]:
    """What Compose makes of its files in ``root``."""
    try:
        found: dict[str, Any] = json.loads(output("docker", "compose", "config", "--format", "json", cwd=root))
    except Refusal as error:
        raise Refusal(f"{error}; IMAGES=0 leaves the images out") from error
    return found


def image_services(config: dict[str, Any]) -> dict[str, bool]:
    """Image → whether it is built here. An image that several services use is there once."""
    found: dict[str, bool] = {}
    for name, service in config["services"].items():
        if "image" not in service:
            raise Refusal(f"the service {name} names no image in its compose file")
        found[service["image"]] = found.get(service["image"], False) or "build" in service
    return dict(sorted(found.items()))


def fetch(images: dict[str, bool]) -> str:
    """Pulls what is not here and not ours; the platform that all of them are for.

    Raises Refusal for one of ours that is not built, and for images of several platforms.
    """
    for image, ours in images.items():
        if not _is_here(image):
            if ours:
                raise Refusal(f"{image} is not built: `make images` first, with the same TAG")
            say(f"fetching {image} …")
            output("docker", "pull", "--quiet", image)
    form = "{{.Os}}/{{.Architecture}}"
    found = {image: output("docker", "image", "inspect", "--format", form, image).strip() for image in images}
    if len(set(found.values())) != 1:
        raise Refusal(f"the images are for several platforms: {found}")
    return next(iter(found.values()))


def settings(root: Path, files: str | None) -> dict[str, str]:
    """The settings that the images' names are made of, as far as they are set: ``TAG=1.2`` and the like.

    ``files``: ``COMPOSE_FILE``. Compose itself reads them, from the environment and ``.env``.
    """
    texts = [(root / name).read_text(encoding="utf-8") for name in (files or _DEFAULT_FILE).split(":")]
    lines = "\n".join(line for text in texts for line in _IMAGE_LINE.findall(text))
    names = sorted(set(_VARIABLE.findall(lines)))
    asked = {"asked": {"image": "none", "environment": {name: f"${{{name}-}}" for name in names}}}
    command = ("docker", "compose", "--project-directory", str(root), "-f", "-", "config", "--format", "json")
    told = json.loads(output(*command, given=json.dumps({"name": "asked", "services": asked})))
    values = told["services"]["asked"].get("environment", {})
    return {name: value for name, value in values.items() if value}


def save(images: list[str]) -> tuple[str, Callable[[IO[bytes]], None]]:
    """The member's name, and what writes it: one ``docker save``, so that layers that they share are there once.

    zstd, where this machine has it, takes a quarter of gzip's time; ``docker load`` reads both.
    """
    return (ZSTD_IMAGES, lambda out: _save(images, out, _zstd)) if shutil.which("zstd") else (
        GZIP_IMAGES, lambda out: _save(images, out, _gzip)
    )  # fmt: skip


def server_platform() -> str:
    """Of the engine that answers. Raises Refusal where none does."""
    return output("docker", "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}").strip()


@contextmanager
def loading() -> Iterator[Callable[[bytes], object]]:
    """What is written becomes ``docker load``'s input."""
    with _process("docker", "load", "--quiet", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        yield process.stdin.write
        process.stdin.close()


def _is_here(image: str) -> bool:
    try:
        output("docker", "image", "inspect", image)
    except Refusal as error:
        if "No such image" in str(error):
            return False
        raise
    return True


def _save(images: list[str], out: IO[bytes], compress: Callable[[IO[bytes], IO[bytes]], None]) -> None:
    with _process("docker", "save", *images, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        compress(process.stdout, out)


def _zstd(source: IO[bytes], out: IO[bytes]) -> None:
    with _process("zstd", "-T0", "-3", "--quiet", "--stdout", stdin=source, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        shutil.copyfileobj(process.stdout, out, BLOCK)


def _gzip(source: IO[bytes], out: IO[bytes]) -> None:
    with gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=out, mtime=0) as packed:
        shutil.copyfileobj(source, packed, BLOCK)


@contextmanager
def _process(*command: str, **pipes: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Killed when the block fails. Raises Refusal when the program does, with what it said."""
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(command, stderr=said, **pipes)  # noqa: S603 - no shell
        except FileNotFoundError as error:
            raise Refusal(f"{command[0]} is not on this machine") from error
        broken = False
        try:
            yield process
        except BrokenPipeError:
            broken = True
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                _close(pipe)
        if process.wait() or broken:
            said.seek(0)
            raise failed(command, said.read().decode(errors="replace"))


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError):
            pipe.close()
