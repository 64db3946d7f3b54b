"""A Hugging Face folder of the chatbot's own language model: safetensors and plain text, nothing that runs."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

from training.importing.errors import Refused

_FILES = re.compile(
    r"(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json|"
    r"model(-\d{5}-of-\d{5})?\.safetensors|model\.safetensors\.index\.json|spiece\.model|tokenizer\.model|merges\.txt|"
    r"chat_template\.(jinja|json)"
)
_OTHER_WEIGHTS = re.compile(r".*\.(bin|pt|pth|pkl|ckpt|h5|msgpack|ot)")
_LARGEST_HEADER = 100 << 20


def served_files(folder: Path) -> list[Path]:
    """The files of a checkpoint that are served; notes and training states beside them are left.

    Raises Refused for one without safetensors, with code of its own, or that is cut short.
    """
    found = sorted(path for path in folder.iterdir() if path.is_file() and _FILES.fullmatch(path.name))
    names = {path.name for path in found}
    weights = [path for path in found if path.suffix == ".safetensors"]
    if "config.json" not in names:
        raise Refused(f"{folder.name} holds no config.json")
    if not weights:
        other = next((path.name for path in folder.iterdir() if _OTHER_WEIGHTS.fullmatch(path.name)), None)
        why = f"{other} may run code when it is loaded; " if other else ""
        raise Refused(f"{why}safetensors are wanted: model.save_pretrained(folder, safe_serialization=True)")
    for path in found:
        if path.suffix == ".json":
            _check_text(path)
    for path in weights:
        _check_weights(path)
    return found


def _check_text(path: Path) -> None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(f"{path.name} is not whole: {error}") from error
    if isinstance(found, dict) and (found.get("auto_map") or found.get("custom_pipelines")):
        raise Refused(f"{path.name} wants code of its own (auto_map), which is never loaded")


def _check_weights(path: Path) -> None:
    """The header's offsets must be those of the file: 8 bytes of length, JSON, numbers (safetensors' format)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 0 < length <= min(_LARGEST_HEADER, size - 8):
            raise Refused(f"{path.name} is not whole: its header claims {length} bytes of {size}")
        header = _parsed(path, file.read(length))
    end = max((_end(path, name, entry) for name, entry in header.items() if name != "__metadata__"), default=0)
    if 8 + length + end != size:
        raise Refused(f"{path.name} claims {end / 1e9:.3f} GB of numbers, but is {size / 1e9:.3f} GB long")


def _parsed(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{path.name} is not whole: {error}") from error
    if not isinstance(header, dict):
        raise Refused(f"{path.name} is not whole: its header is none")
    return header


def _end(path: Path, name: str, entry: Any) -> int:
    try:
        return int(entry["data_offsets"][1])
    except (TypeError, KeyError, IndexError, ValueError) as error:
        raise Refused(f"{path.name} is not whole: {name} has no place") from error


def try_out(folder: Path) -> dict[str, Any]:
    """Loads the checkpoint as the service does, and lets it answer once in each language. Raises Refused."""
    import threading

    from services.chatbot.generation import Generator
    from shared.errors import BundleError

    try:
        generator = Generator(folder, (), use_gpu=False, max_tokens=16, timeout_s=300.0)
        texts = {
            language: generator.write(question, [context], language, threading.Event())
            for language, (question, context) in _TRIALS.items()
        }
    except BundleError as error:
        raise Refused(error.detail) from error
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return {"format": "Hugging Face", "architecture": (config.get("architectures") or [None])[0], "wrote": texts}


_TRIALS: dict[Any, tuple[str, str]] = {
    "en": ("What helps against fever?", "Drink enough water and rest."),
    "ar": ("ما الذي يساعد في علاج الحمى؟", "اشرب كمية كافية من الماء واسترح."),
}
