"""LiteRT: one picture at a time, from memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shared.backends.litert import LiteRTBackend, _Load
from shared.bundle import MANIFEST, open_bundle
from shared.errors import BundleError
from tests.support.toy import write_toy_bundle


@pytest.fixture
def backend(tmp_path: Path) -> LiteRTBackend:
    return LiteRTBackend(open_bundle(write_toy_bundle(tmp_path)))


def test_one_single_threaded_worker_a_cpu(backend: LiteRTBackend) -> None:
    assert (backend.max_batch, backend.workers(1), backend.workers(7)) == (1, 1, 7)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_batched_is_single(backend: LiteRTBackend, count: int) -> None:
    run = backend.runner("image")
    batch = np.random.default_rng(1).random((count, 32, 32, 3), dtype=np.float32)
    together = run(batch)["logits"]
    assert together.shape == (count, 2)
    assert np.allclose(together, np.concatenate([run(batch[at : at + 1])["logits"] for at in range(count)]))


def test_an_answer_is_not_overwritten_by_the_next(backend: LiteRTBackend) -> None:
    run = backend.runner("image")
    red, blue = np.zeros((2, 1, 32, 32, 3), dtype=np.float32)
    red[..., 0] = blue[..., 2] = 1.0
    first = run(red)["logits"]
    kept = first.copy()
    assert not np.allclose(run(blue)["logits"], kept)
    assert np.array_equal(first, kept)


def test_the_weights_are_read_once_so_a_file_rewritten_later_changes_nothing(tmp_path: Path) -> None:
    root = write_toy_bundle(tmp_path)
    backend = LiteRTBackend(open_bundle(root))
    (root / "model.tflite").write_bytes(b"")
    assert backend.runner("image")(np.zeros((1, 32, 32, 3), dtype=np.float32))["logits"].shape == (1, 2)


@pytest.mark.parametrize("side", [16, 33])
def test_a_manifest_of_another_picture_size_is_refused(tmp_path: Path, side: int) -> None:
    root = write_toy_bundle(tmp_path)
    path = root / MANIFEST
    path.write_text(path.read_text().replace('"height": 32', f'"height": {side}'))
    with pytest.raises(BundleError, match="the manifest says"):
        LiteRTBackend(open_bundle(root)).runner("image")


def test_a_closed_backend_gives_no_runner(backend: LiteRTBackend) -> None:
    backend.close()
    with pytest.raises((BundleError, KeyError)):
        backend.runner("image")


def test_only_the_one_that_is_alone_gets_the_other_cores() -> None:
    load = _Load()
    with load as first:
        with load as second:
            assert (first, second) == (True, False)
        with load as third:
            assert not third
    with load as alone:
        assert alone


def test_alone_and_in_company_give_the_same(backend: LiteRTBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "_threads", 2)
    runner = backend.runner("image")
    picture = np.random.default_rng(0).random((1, 32, 32, 3), dtype=np.float32)
    alone = runner(picture)["logits"]
    with backend._load:
        assert np.array_equal(runner(picture)["logits"], alone)
