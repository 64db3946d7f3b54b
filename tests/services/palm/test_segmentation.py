import numpy as np
import pytest
from PIL import Image

from services.palm.segmentation import otsu, segment
from training.palm_picture import NAIL, SHEET, SKIN, hand


def test_a_drawn_hand_is_parted_into_sheet_skin_and_nails() -> None:
    regions = segment(hand())
    assert regions.skin_found
    assert regions.nail_found
    assert np.median(regions.pixels[regions.skin], axis=0) == pytest.approx(SKIN, abs=3)
    assert np.median(regions.pixels[regions.nail], axis=0) == pytest.approx(NAIL, abs=3)
    assert np.median(regions.pixels[~(regions.skin | regions.nail)], axis=0).min() > 200


def test_a_small_hand_in_a_large_picture_is_cut_out() -> None:
    sheet = Image.new("RGB", (1600, 1200), SHEET)
    sheet.paste(hand().resize((512, 480)), (1088, 500))
    regions = segment(sheet)
    assert (regions.skin | regions.nail).mean() > 0.4
    assert np.median(regions.pixels[regions.nail], axis=0) == pytest.approx(NAIL, abs=4)


def test_a_sticker_and_a_dark_edge_are_no_skin() -> None:
    picture = Image.new("RGB", (900, 700), SHEET)
    picture.paste((45, 40, 50), (0, 0, 60, 700))
    picture.paste((210, 40, 40), (300, 100, 325, 125))
    picture.paste(hand().resize((512, 480)), (388, 200))
    regions = segment(picture)
    assert np.median(regions.pixels[regions.skin], axis=0) == pytest.approx(SKIN, abs=4)


@pytest.mark.parametrize("colour", ["black", "white", "gray", "blue", "green"])
def test_without_skin_the_whole_picture_is_taken(colour: str) -> None:
    regions = segment(Image.new("RGB", (120, 90), colour))
    assert not regions.skin_found
    assert not regions.nail_found
    assert regions.skin.all()
    assert regions.nail.all()


def test_without_nails_the_skin_stands_for_them() -> None:
    regions = segment(hand(nail=SKIN))
    assert regions.skin_found
    assert not regions.nail_found
    assert np.array_equal(regions.nail, regions.skin)


def test_otsu_parts_two_groups_and_takes_one_value() -> None:
    values = np.array([1.0, 1.1, 0.9, 5.0, 5.2, 4.8], dtype=np.float32)
    assert 1.1 < otsu(values) < 4.8
    assert otsu(np.full(9, 3.0, dtype=np.float32)) == 3.0
