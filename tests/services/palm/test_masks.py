import numpy as np
import pytest

from services.palm.masks import density, dilate, erode, fill_holes, groups, largest, opened, window_sum

RING = np.array([[0, 0, 0, 0, 0], [0, 1, 1, 1, 0], [0, 1, 0, 1, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]], dtype=bool)


@pytest.mark.parametrize("radius", [0, 1, 3, 9])
def test_window_sum_is_the_sum_over_the_square(radius: int) -> None:
    values = np.random.default_rng(0).normal(size=(7, 5))
    found = window_sum(values, radius)
    for row, column in np.ndindex(values.shape):
        rows, columns = (
            slice(max(row - radius, 0), row + radius + 1),
            slice(max(column - radius, 0), column + radius + 1),
        )
        assert found[row, column] == pytest.approx(values[rows, columns].sum())


def test_groups_number_what_touches_by_a_side() -> None:
    mask = np.array([[1, 1, 0, 1], [0, 0, 1, 0], [1, 0, 1, 1], [1, 1, 1, 0]], dtype=bool)
    numbers = groups(mask)
    assert (numbers > 0).tolist() == mask.tolist()
    assert len(np.unique(numbers[mask])) == 3
    assert numbers[0, 0] == numbers[0, 1]
    assert numbers[1, 2] == numbers[2, 0]


def test_groups_agree_with_a_flood_on_noise() -> None:
    mask = np.random.default_rng(1).random((40, 33)) < 0.6
    numbers = groups(mask)
    for number in np.unique(numbers[mask]):
        assert np.array_equal(_flood(mask, tuple(np.argwhere(numbers == number)[0])), numbers == number)


def _flood(mask: np.ndarray, start: tuple[int, ...]) -> np.ndarray:
    reached, waiting = np.zeros_like(mask), [start]
    while waiting:
        row, column = waiting.pop()
        inside = 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]
        if inside and mask[row, column] and not reached[row, column]:
            reached[row, column] = True
            waiting += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
    return reached


def test_largest_keeps_the_group_with_most_pixels() -> None:
    mask = np.zeros((6, 6), dtype=bool)
    mask[0, 0] = mask[3:, 3:] = True
    assert largest(mask).sum() == 9
    assert not largest(np.zeros_like(mask)).any()


def test_fill_holes_fills_only_what_is_enclosed() -> None:
    assert fill_holes(RING).sum() == 9
    opened_ring = RING.copy()
    opened_ring[1, 2] = False
    assert fill_holes(opened_ring).sum() == 7


def test_erode_does_not_eat_from_the_border_and_dilate_grows() -> None:
    full = np.ones((4, 4), dtype=bool)
    assert erode(full, 1).all()
    dot = np.zeros((5, 5), dtype=bool)
    dot[2, 2] = True
    assert dilate(dot, 1).sum() == 9
    assert not opened(dot, 1).any()
    assert density(full, 2).min() == 1.0
