"""What stands in for missing load and air, by hand: two days of four intervals, gaps of one bridged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.gold.ageing.gaps import filled

NAN = np.nan


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        # a short gap takes the straight line, over midnight too
        ([[1, NAN, 3, NAN], [5, 6, 7, 8]], [1, 2, 3, 4, 5, 6, 7, 8]),
        # a long one takes the same times of the other day
        ([[1, NAN, NAN, 4], [5, 6, 7, 8]], [1, 6, 7, 4, 5, 6, 7, 8]),
        # a short one at an end lies between no two known values
        ([[NAN, 2, 3, 4], [5, 6, 7, NAN]], [5, 2, 3, 4, 5, 6, 7, 4]),
        # a time that no day knows takes the mean of what is known: (1 + 4 + 6 + 9) / 4
        ([[1, NAN, NAN, 4], [6, NAN, NAN, 9]], [1, 5, 5, 4, 6, 5, 5, 9]),
    ],
)
def test_gaps_worked_by_hand(days: list[list[float]], expected: list[float]) -> None:
    assert filled(np.array([days], float), 1).tolist() == [expected]


def test_of_two_days_as_near_the_earlier_speaks() -> None:
    days = np.array([[[1.0, 2.0], [NAN, NAN], [8.0, 9.0]]])
    assert filled(days, 0).tolist() == [[1, 2, 1, 2, 8, 9]]


def test_nothing_known_stays_unknown_and_rows_do_not_mix() -> None:
    days = np.array([[[NAN, NAN]], [[3.0, NAN]]])
    found = filled(days, 1)
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [3.0, 3.0]


@given(st.lists(st.one_of(st.just(NAN), st.floats(0, 100)), min_size=12, max_size=12), st.integers(0, 4))
def test_what_is_known_stays_and_what_fills_lies_within_it(values: list[float], longest: int) -> None:
    days = np.array(values).reshape(1, 3, 4)
    found, known = filled(days, longest), ~np.isnan(days.reshape(1, -1))
    assert (found[known] == days.reshape(1, -1)[known]).all()
    if known.any():
        low, high = np.nanmin(days), np.nanmax(days)
        assert ((found >= low - 1e-9) & (found <= high + 1e-9)).all()
