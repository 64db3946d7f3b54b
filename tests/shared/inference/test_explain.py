"""What an explanation shows lies where the model looked."""

from __future__ import annotations

import base64
import io
from typing import cast

import numpy as np
import pytest
from PIL import Image

from shared.backends import Outputs, Runner
from shared.inference.explain import explain
from shared.inference.prepare import Prepared
from shared.manifest import ImageInput, Signature

HOT = np.ones((7, 7, 2), dtype=np.float32) * (0.0, 1.0)


@pytest.mark.parametrize(("resize", "warm"), [("stretch", (0, 224)), ("crop", (56, 168)), ("pad", (0, 224))])
def test_the_heat_map_covers_what_was_not_cropped(resize: str, warm: tuple[int, int]) -> None:
    signature = Signature.model_construct(input=ImageInput(height=96, width=96, resize=resize))
    prepared = Prepared(np.zeros((96, 96, 3), np.float32), size=(600, 300))
    found = explain(cast(Runner, None), cast(Outputs, {"cam": HOT}), prepared, signature, ("a", "b"), 1)
    assert found is not None
    assert found.image_png_base64
    alpha = np.asarray(Image.open(io.BytesIO(base64.b64decode(found.image_png_base64))).convert("RGBA"))[..., 3]
    columns = np.flatnonzero(alpha.max(axis=0))
    assert alpha.shape == (112, 224)
    assert (columns[0], columns[-1] + 1) == warm
