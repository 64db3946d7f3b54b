"""What an image installs is what `pyproject.toml` pins, and no more than it needs."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from tests.conftest import REPOSITORY
from tests.deploy.programs import load_program


@pytest.fixture(scope="module")
def program() -> ModuleType:
    return load_program("requirements")


def names(program: ModuleType, *extras: str) -> set[str]:
    lines = program.requirements(REPOSITORY / "pyproject.toml", list(extras))
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z0-9,-]+\])?==[\w.]+", line) for line in lines), lines
    return {re.split(r"[\[=]", line)[0] for line in lines}


def test_an_extra_brings_those_that_it_names(program: ModuleType) -> None:
    assert names(program, "palm") == names(program, "vision") | {"xgboost-cpu"}


def test_no_image_holds_what_is_not_its_own(program: ModuleType) -> None:
    assert not names(program, "gateway") & {"numpy", "pillow", "tensorflow", "torch", "ai-edge-litert"}
    assert not names(program, "vision") & {"tensorflow", "torch", "xgboost-cpu"}
    assert not names(program, "chatbot") & {"tensorflow", "pillow", "ai-edge-litert"}


def test_what_reads_gpus_is_in_the_images_that_use_them(program: ModuleType) -> None:
    reader = {"nvidia-ml-py"}
    assert names(program, "chatbot", "gpu") == names(program, "chatbot") | reader
    assert names(program, "tensorflow-gpu") >= reader
    assert not names(program, "vision", "gateway", "chatbot", "tensorflow") & reader


def test_an_extra_that_is_none(program: ModuleType) -> None:
    with pytest.raises(KeyError):
        names(program, "nothing")


def test_every_service_is_in_compose() -> None:
    text = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    for folder in (REPOSITORY / "services").glob("*/__main__.py"):
        assert f"\n  {folder.parent.name}:\n" in text
