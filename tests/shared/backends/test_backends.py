"""Only weights that a runtime can read, and that cannot run code, ever become a model."""

from __future__ import annotations

import builtins
import os
import pickle  # noqa: TID251 - to prove that nothing loads one
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.backends import open_backend
from shared.bundle import Bundle, open_bundle
from shared.errors import BundleError
from shared.manifest import Golden, ImageInput, Runtime, Signature
from tests.support.bundles import tabular_bundle, weights, write_bundle
from tests.support.pictures import png
from tests.support.toy import MODEL, write_toy_bundle


def image_bundle(models: Path, data: bytes, runtime: Runtime = "litert") -> Bundle:
    signature = Signature(
        file="model.tflite",
        input=ImageInput(height=32, width=32),
        golden=Golden(input="golden.png", probabilities=(0.0, 1.0)),
    )
    files = {"model.tflite": data, "golden.png": png()}
    return open_bundle(write_bundle(models, files, {"image": signature}, runtime=runtime))


class Hostile:
    """Writes ``canary`` when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self._canary}'",)


@pytest.mark.parametrize("runtime", ["litert", "xgboost"])
def test_a_pickle_is_refused_and_never_runs(tmp_path: Path, runtime: str) -> None:
    canary = tmp_path / "canary"
    data = pickle.dumps(Hostile(canary))
    if runtime == "litert":
        bundle, signature = image_bundle(tmp_path, data), "image"
    else:
        bundle, signature = open_bundle(tabular_bundle(tmp_path, data)), "numbers"
    with pytest.raises(BundleError, match="cannot load the weights"):
        open_backend(bundle).runner(signature)
    assert not canary.exists()
    pickle.loads(data)
    assert canary.exists(), "the pickle was harmless: the test above proved nothing"


GARBAGE = {
    "empty": b"",
    "zeros": bytes(4096),
    "text": b"not a model at all\n" * 40,
    "the right magic": b"\x1c\x00\x00\x00TFL3" + bytes(range(256)),
    "JSON": b'{"learner": {}, "version": [3, 2, 0]}',
    "open brace": b"{",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_for_litert_is_a_bundle_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(BundleError, match="LiteRT cannot load"):
        open_backend(image_bundle(tmp_path, GARBAGE[name])).runner("image")


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_for_xgboost_is_a_bundle_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(BundleError, match="XGBoost cannot load"):
        open_backend(open_bundle(tabular_bundle(tmp_path, GARBAGE[name]))).runner("numbers")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_weights_cut_short_are_a_bundle_error(tmp_path: Path, part: float) -> None:
    short = weights()[: int(len(weights()) * part)]
    with pytest.raises(BundleError, match="XGBoost cannot load"):
        open_backend(open_bundle(tabular_bundle(tmp_path / "palm", short))).runner("numbers")
    with pytest.raises(BundleError, match="LiteRT cannot load"):
        open_backend(image_bundle(tmp_path / "eye", MODEL.read_bytes()[: int(MODEL.stat().st_size * part)])).runner(
            "image"
        )


def test_a_runtime_that_this_build_has_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no torch runtime"):
        open_backend(image_bundle(tmp_path, b"x", runtime="torch"))


@pytest.mark.parametrize(
    ("runtime", "library"), [("litert", "ai_edge_litert"), ("xgboost", "xgboost"), ("tensorflow", "tensorflow")]
)
def test_a_library_that_is_not_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: Runtime, library: str
) -> None:
    really = builtins.__import__

    def missing(name: str, *args: Any, **options: Any) -> Any:
        if name.split(".")[0] == library:
            raise ImportError(f"No module named '{library}'")
        return really(name, *args, **options)

    bundle = image_bundle(tmp_path, b"x", runtime=runtime)
    monkeypatch.delitem(sys.modules, f"shared.backends.{runtime}", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(BundleError, match=f"the {runtime} runtime is not installed in this image"):
        open_backend(bundle)


def test_weights_swapped_after_the_bundle_was_opened_are_refused(tmp_path: Path) -> None:
    root = write_toy_bundle(tmp_path)
    bundle = open_bundle(root)
    (root / "model.tflite").write_bytes(MODEL.read_bytes()[:-1] + b"\0")
    with pytest.raises(BundleError, match="does not match its checksum"):
        open_backend(bundle)
