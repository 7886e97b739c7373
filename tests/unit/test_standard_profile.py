"""Energy spread by a standard profile: exact in sum, in proportion, the same in whatever pieces it is asked for."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.standard_profile import Segments, added_up, day_of_year_factor, spread

WEIGHTS = st.lists(st.integers(0, 50), min_size=1, max_size=40)


def segments(*rows: tuple[int, int, int, int, int]) -> Segments:
    """Segments of one profile from (first, end, known_first, known_end, energy)."""
    columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)]
    return Segments(np.zeros(len(rows), np.int64), *columns)


@given(WEIGHTS, st.integers(0, 10**7), st.data())
def test_pieces_add_up_to_the_whole_and_each_slot_is_within_a_watt_hour(
    weights: list[int], energy: int, data: st.DataObject
) -> None:
    n = len(weights)
    known_first = data.draw(st.integers(0, n - 1))
    known_end = data.draw(st.integers(known_first + 1, n))
    cuts = sorted({known_first, known_end, *data.draw(st.lists(st.integers(known_first, known_end), max_size=4))})
    pieces = [(a, b, known_first, known_end, energy) for a, b in pairwise(cuts)]
    found = spread(added_up(np.array([weights], np.float64)), segments(*pieces))
    assert found.sum() == energy
    assert (found >= 0).all()
    inside = weights[known_first:known_end]
    if sum(inside) == 0:
        inside = [1] * len(inside)
    for value, weight in zip(found.tolist(), inside, strict=True):
        assert abs(value - Fraction(energy * weight, sum(inside))) <= 1


def test_segments_may_be_of_several_profiles() -> None:
    cumulative = added_up(np.array([[1.0, 3.0], [3.0, 1.0]]))
    both = Segments(np.array([1, 0]), *(np.array([one, one]) for one in (0, 2, 0, 2)), np.array([8, 4]))
    assert spread(cumulative, both).tolist() == [6, 2, 1, 3]


@pytest.mark.parametrize("row", [(0, 3, 1, 3, 5), (0, 3, 0, 2, 5), (2, 1, 0, 3, 5), (0, 4, 0, 4, 5), (-1, 1, -1, 2, 5)])
def test_a_segment_beyond_what_is_known_is_refused(row: tuple[int, int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="segment 1: found"):
        spread(added_up(np.ones((1, 3))), segments((0, 3, 0, 3, 7), row))


def test_weights_that_are_no_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="weights: found -1"):
        added_up(np.array([[1.0, -1.0]]))
    with pytest.raises(ValueError, match="weights: found nan"):
        added_up(np.array([[1.0, np.nan]]))


def test_the_household_factor_as_worked_by_hand() -> None:
    """Day 100: -0.0392 + 0.32 - 0.702 + 0.21 + 1.24; day 200: -0.6272 + 2.56 - 2.808 + 0.42 + 1.24."""
    assert day_of_year_factor(np.array([100, 200])).tolist() == [1.0288, 0.7848]
