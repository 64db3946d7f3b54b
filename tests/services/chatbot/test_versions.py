"""The chatbot follows the operator's choice, and goes on with what it has when the choice is bad."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chatbot.loader import SERVICE, ChatLoader, LoadedChat
from services.chatbot.settings import ChatbotSettings
from shared.errors import BundleError
from shared.versions import SERVING, Serving, versions, write_serving
from tests.services.chatbot.conftest import MODELS
from tests.support.bundles import edit_manifest

OLD, NEW = "1.0.0", "99.0.0"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The shipped bundle under two numbers, the lower one chosen."""
    (shipped, *_) = versions(MODELS, SERVICE)
    for version in (OLD, NEW):
        root = shutil.copytree(MODELS / SERVICE / shipped, tmp_path / SERVICE / version)
        edit_manifest(root, lambda values, version=version: values.update(version=version))  # type: ignore[misc]
    write_serving(tmp_path, SERVICE, Serving(active=OLD))
    return tmp_path


@pytest.fixture
def loader(models: Path) -> ChatLoader:
    return ChatLoader(ChatbotSettings(model_path=models, workers=1))


@pytest.fixture
def old(loader: ChatLoader) -> Iterator[LoadedChat]:
    loaded = loader.load(None)
    assert (loaded.version, loaded.notice) == (OLD, None)
    yield loaded
    loaded.close()


def load(loader: ChatLoader, current: LoadedChat) -> tuple[str, str | None]:
    """The version and the notice of what is served next."""
    loaded = loader.load(current)
    loaded.close()
    return loaded.version, loaded.notice


def test_it_rolls_forward_and_is_seen_to(models: Path, loader: ChatLoader, old: LoadedChat) -> None:
    before = loader.fingerprint()
    write_serving(models, SERVICE, Serving(active=NEW, previous=OLD))
    assert loader.fingerprint() != before
    assert load(loader, old) == (NEW, None)


def test_a_bad_version_leaves_the_old_one(models: Path, loader: ChatLoader, old: LoadedChat) -> None:
    damage(models, NEW)
    write_serving(models, SERVICE, Serving(active=NEW))
    version, notice = load(loader, old)
    assert version == OLD
    assert notice
    assert notice.startswith(f"version {NEW} is not served: kinds.npz does not match")


@pytest.mark.parametrize(("text", "said"), [("{", SERVING), ('{"active": "7.7.7"}', "no bundle chatbot/7.7.7")])
def test_a_choice_that_is_none(models: Path, loader: ChatLoader, old: LoadedChat, text: str, said: str) -> None:
    (models / SERVICE / SERVING).write_text(text)
    version, notice = load(loader, old)
    assert version == OLD
    assert notice
    assert notice.startswith(said)
    with pytest.raises(BundleError, match=said):
        loader.load(None)


def test_the_served_ones_own_files_must_hold(models: Path, loader: ChatLoader, old: LoadedChat) -> None:
    damage(models, OLD)
    with pytest.raises(BundleError, match=r"kinds\.npz does not match"):
        loader.load(old)


def test_without_a_choice_the_highest_that_is_good(models: Path, loader: ChatLoader) -> None:
    (models / SERVICE / SERVING).unlink()
    damage(models, NEW)
    loaded = loader.load(None)
    loaded.close()
    assert loaded.version == OLD
    assert loaded.notice


def damage(models: Path, version: str) -> None:
    (models / SERVICE / version / "kinds.npz").write_bytes(b"cut short")
