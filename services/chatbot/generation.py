"""The user's own language model: a Hugging Face checkpoint (T5 or a causal model), safetensors only, never remote code.

It words what the retrieved passages say. What it wrote is checked (``grounding``) before anybody sees it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from services.chatbot.topics import Language
from shared.bundle import Fingerprint
from shared.errors import BundleError
from shared.logs import get_logger

_log = get_logger(__name__)
PREFIXES: dict[Language, str] = {"ar": "سؤال طبي: ", "en": "Medical question: "}
"""The original system's."""

_CONTEXT: dict[Language, str] = {"ar": "المعلومات: ", "en": "Information: "}
_ANSWER: dict[Language, str] = {"ar": "الإجابة: ", "en": "Answer: "}
_INSTRUCTION: dict[Language, str] = {
    "ar": "أجب عن السؤال بالعربية من المعلومات المذكورة فقط، بإيجاز. لا تذكر مقادير أدوية ولا تشخّص.",
    "en": "Answer the question from the given information only, briefly. Give no doses and no diagnosis.",
}
_LONGEST_PROMPT = 1024  # tokens


class Cancelled(Exception):
    """The caller has gone."""


def find_checkpoint(models: Path) -> Path | None:
    """``models/chatbot`` or a folder in it that holds a checkpoint; None when none does.

    Raises BundleError for a checkpoint without safetensors: other forms of weights run code when they are loaded.
    """
    home = models / "chatbot"
    for folder in (home, *sorted(path for path in home.glob("*") if path.is_dir())):
        if (folder / "config.json").is_file():
            if not any(folder.glob("*.safetensors")):
                raise BundleError(f"{folder.name}: the checkpoint has no .safetensors file; other forms are not loaded")
            return folder
    return None


class Generator:
    """One checkpoint in memory. ``write`` may be called from any thread, one at a time."""

    def __init__(self, folder: Path, seen: Fingerprint, *, use_gpu: bool, max_tokens: int, timeout_s: float) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        transformers = importlib.import_module("transformers")
        torch = importlib.import_module("torch")
        config = _read_config(folder)
        self._seq2seq = bool(config.get("is_encoder_decoder"))
        kind = transformers.AutoModelForSeq2SeqLM if self._seq2seq else transformers.AutoModelForCausalLM
        options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **options)
            self._model = kind.from_pretrained(folder, use_safetensors=True, **options).eval()
        except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
            raise BundleError(f"the checkpoint {folder.name} cannot be loaded: {error}") from error
        self._device = "cuda" if use_gpu and torch.cuda.is_available() else "cpu"
        if use_gpu and self._device == "cpu":
            _log.warning("no_gpu", detail="CHATBOT_USE_GPU is set, but PyTorch sees no CUDA device")
        self._model.to(self._device)
        self._stop = transformers.StoppingCriteria
        self._stops = transformers.StoppingCriteriaList
        self._torch = torch
        self._max_tokens = max_tokens
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        positions = config.get("max_position_embeddings") or config.get("n_positions")
        own = 0 if self._seq2seq else max_tokens  # a causal model's answer shares the positions with the prompt
        self._room = max(16, min(_LONGEST_PROMPT, positions - own) if positions else _LONGEST_PROMPT)
        self.name = folder.name
        self.seen = seen

    def write(self, question: str, passages: list[str], language: Language, cancelled: threading.Event) -> str:
        """What the model makes of ``question`` and ``passages``; nothing when it is busy or takes too long.

        Raises Cancelled within a token of ``cancelled``.
        """
        late = time.monotonic() + self._timeout_s
        if not self._lock.acquire(blocking=False):
            return ""  # an emergency must not wait behind another's answer
        with self._torch.inference_mode(), contextlib.ExitStack() as held:
            held.callback(self._lock.release)
            if cancelled.is_set():
                raise Cancelled
            stop = _stop_when(self._stop, self._torch, lambda: cancelled.is_set() or time.monotonic() > late)
            inputs = self._tokens(question, passages, language)
            output = self._model.generate(
                **inputs,
                max_new_tokens=self._max_tokens,
                do_sample=False,
                no_repeat_ngram_size=3,
                stopping_criteria=self._stops([stop]),
            )
            if cancelled.is_set():
                raise Cancelled
            if time.monotonic() > late:
                _log.warning("generation_too_slow", limit_s=self._timeout_s)
                return ""
            start = 0 if self._seq2seq else inputs["input_ids"].shape[1]
            return str(self._tokenizer.decode(output[0][start:], skip_special_tokens=True)).strip()

    def _tokens(self, question: str, passages: list[str], language: Language) -> Any:
        """The prompt; passages are left out from the last one on until it fits."""
        for kept in range(len(passages), 0, -1):
            tokens = self._tokenizer(self._prompt(question, passages[:kept], language), return_tensors="pt")
            if tokens["input_ids"].shape[1] <= self._room:
                break
        return {name: tokens[name][:, : self._room].to(self._device) for name in ("input_ids", "attention_mask")}

    def _prompt(self, question: str, passages: list[str], language: Language) -> str:
        context = _CONTEXT[language] + "\n".join(passages)
        asked = PREFIXES[language] + question
        if self._seq2seq:
            return f"{asked}\n{context}"
        if getattr(self._tokenizer, "chat_template", None):
            turns = [{"role": "user", "content": f"{_INSTRUCTION[language]}\n\n{context}\n\n{asked}"}]
            return str(self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))
        return f"{_INSTRUCTION[language]}\n{context}\n{asked}\n{_ANSWER[language]}"


def _stop_when(base: Any, torch: Any, condition: Callable[[], bool]) -> Any:
    class _Stop(base):  # type: ignore[misc]
        def __call__(self, input_ids: Any, scores: Any, **rest: Any) -> Any:
            return torch.full((input_ids.shape[0],), condition(), device=input_ids.device)

    return _Stop()


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{folder.name}/config.json cannot be read: {error}") from error
    return config
