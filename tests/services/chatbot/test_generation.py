"""The user's own language model: loaded safely, used only when what it writes passes the checks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.chatbot.engine import Engine, Question
from services.chatbot.generation import PREFIXES, Cancelled, Generator, find_checkpoint
from services.chatbot.grounding import fault, repetition
from services.chatbot.loader import LoadedChat
from shared.errors import BundleError
from tests.services.chatbot.checkpoints import write_causal, write_t5

SOURCE = "Migraine is a headache that comes in attacks. Rest in a dark, quiet room. It may last three days."


def _open(folder: Path, **changes: Any) -> Generator:
    options: dict[str, Any] = {"use_gpu": False, "max_tokens": 12, "timeout_s": 30.0} | changes
    return Generator(folder, (), **options)


@pytest.mark.parametrize("write", [write_t5, write_causal])
def test_a_checkpoint_writes(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    generator = _open(write(tmp_path / "chatbot"))
    text = generator.write("what is a migraine", [SOURCE], "en", threading.Event())
    assert isinstance(text, str)
    assert not text.startswith(PREFIXES["en"]), "the prompt is not a part of the answer"


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    generator = _open(write_t5(tmp_path / "chatbot"))
    assert len({generator.write("what is a migraine", [SOURCE], "en", threading.Event()) for _ in range(3)}) == 1


def test_a_caller_who_has_gone_ends_it(tmp_path: Path) -> None:
    generator, gone = _open(write_causal(tmp_path / "chatbot"), max_tokens=2000), threading.Event()
    threading.Timer(0.2, gone.set).start()
    with pytest.raises(Cancelled):
        generator.write("what is a migraine", [SOURCE], "en", gone)


def test_it_is_cut_off_when_it_takes_too_long(tmp_path: Path) -> None:
    generator = _open(write_causal(tmp_path / "chatbot"), max_tokens=2000, timeout_s=0.01)
    assert generator.write("what is a migraine", [SOURCE], "en", threading.Event()) == ""


def test_where_a_checkpoint_is_found(tmp_path: Path) -> None:
    assert find_checkpoint(tmp_path) is None
    direct = write_t5(tmp_path / "a" / "chatbot")
    assert find_checkpoint(tmp_path / "a") == direct
    nested = write_t5(tmp_path / "b" / "chatbot" / "my-t5")
    assert find_checkpoint(tmp_path / "b") == nested


def test_weights_that_may_run_code_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "chatbot"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(BundleError, match="safetensors"):
        find_checkpoint(tmp_path)


def test_remote_code_is_never_run(tmp_path: Path) -> None:
    folder = write_t5(tmp_path / "chatbot")
    canary = tmp_path / "canary"
    (folder / "evil.py").write_text(f"open({str(canary)!r}, 'w')\nclass Evil: pass\n", encoding="utf-8")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Evil", "AutoModelForCausalLM": "evil.Evil"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(BundleError, match="cannot be loaded"):
        _open(folder)
    assert not canary.exists()


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors"])
def test_a_damaged_checkpoint(tmp_path: Path, damage: str) -> None:
    folder = write_t5(tmp_path / "chatbot")
    (folder / damage).write_bytes(b"\x00" * 64)
    with pytest.raises(BundleError):
        _open(folder)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Migraine is a headache that comes in attacks.", None),
        ("Rest in a quiet, dark room. Migraine comes in attacks.", None),
        ("Migraine.", "too short"),
        ("Migraine is caused by aliens from the outer planets of another galaxy.", "says what no source says"),
        ("Migraine is a headache. " * 6, "repeats itself"),
        ("Rest in a dark room and take 400 mg for migraine attacks.", "reads like a dose"),
        ("Migraine is a headache that comes in 72 attacks.", "has a number that no source has"),
        ("الشقيقة صداع يأتي على شكل نوبات متكررة.", "not in the language of the question"),
    ],
)
def test_grounding(text: str, reason: str | None) -> None:
    assert fault(text, [SOURCE], "en") == reason


def test_repetition_of_nothing() -> None:
    assert repetition(["a"]) == 0


class Scripted:
    """Stands in for a language model that writes what a test wants."""

    def __init__(self, text: str | Exception) -> None:
        self._text = text

    def write(self, *_: Any) -> str:
        if isinstance(self._text, Exception):
            raise self._text
        return self._text


def _engine(model: LoadedChat, text: str | Exception) -> Engine:
    engine = Engine.__new__(Engine)
    engine.__dict__.update(model.engine.__dict__ | {"_generator": Scripted(text)})
    return engine


def test_what_passes_is_shown_with_its_sources(model: LoadedChat) -> None:
    text = "Migraine is a common brain condition that causes attacks of headache, often throbbing, often on one side."
    draft = _engine(model, text).answer(Question("What is a migraine?"))
    assert draft.generated
    (stage,) = draft.stages
    assert stage.name == "generate"
    assert stage.began <= stage.ended
    assert draft.response.startswith(f"{text}\n\nWhen to get help: ")
    assert draft.sources


@pytest.mark.parametrize(
    "text", ["", "Take 500 mg twice.", "I love football very much indeed.", RuntimeError("out of memory")]
)
def test_what_does_not_pass_gives_way_to_the_knowledge_base(model: LoadedChat, text: str | Exception) -> None:
    draft = _engine(model, text).answer(Question("What is a migraine?"))
    assert not draft.generated
    assert "Migraine" in draft.response


def test_an_emergency_never_reaches_the_model(model: LoadedChat) -> None:
    engine = _engine(model, AssertionError("asked"))
    assert engine.answer(Question("I want to kill myself")).kind == "emergency"
