from __future__ import annotations

import io

from PIL import Image

from training.golden import golden_png


def test_the_golden_picture_is_drawn_from_its_seed() -> None:
    assert golden_png(1) == golden_png(1)
    assert golden_png(1) != golden_png(2)
    image = Image.open(io.BytesIO(golden_png(1)))
    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (224, 224))
