"""Energy that no interval meter measured, spread over intervals by a standard profile, to the watt-hour.

Intervals are numbered through all days looked at: *slot* ``day * slots + interval``. A profile is its weights
added up, so that a day costs what it holds, however long the time between two reads.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

DYNAMIC: Final = (-3.92e-10, 3.20e-7, -7.02e-5, 2.1e-3, 1.24)
"""Coefficients of the polynomial by which a household's profile follows the day of the year, highest power first."""


@dataclass(frozen=True)
class Segments:
    """Runs of slots whose energy is a share of one known energy; (segments,) each.

    Parameters
    ----------
    profile : int64. Row of the weights.
    first, end : int64. Slots of the run, half-open.
    known_first, known_end : int64. Slots over which the energy is known; they hold the run.
    energy_wh : int64. That energy.
    """

    profile: Integers
    first: Integers
    end: Integers
    known_first: Integers
    known_end: Integers
    energy_wh: Integers


def day_of_year_factor(day_of_year: NDArray[np.int64]) -> Floats:
    """Factor of a dynamic profile on a day of the year, 1 to 366, rounded to four digits.

    Source
    ------
    VDEW/BDEW, Repräsentative VDEW-Lastprofile (1999), dynamic profile of households:
    ``F = -3.92e-10 t^4 + 3.20e-7 t^3 - 7.02e-5 t^2 + 2.1e-3 t + 1.24``.

    Examples
    --------
    >>> day_of_year_factor(np.array([1, 182])).tolist()
    [1.242, 0.7959]
    """
    factor: Floats = np.round(np.polyval(DYNAMIC, day_of_year), 4)
    return factor


def added_up(weights: Floats) -> Floats:
    """Weights of the slots of each profile, (profiles, slots), added up from the first: (profiles, slots + 1).

    Raises
    ------
    ValueError : a weight is negative or no number.
    """
    if not (weights >= 0).all():
        raise ValueError(f"weights: found {weights[~(weights >= 0)][0]}; needed numbers >= 0")
    return np.concatenate([np.zeros((len(weights), 1)), np.cumsum(weights, axis=1)], axis=1)


def spread(cumulative: Floats, segments: Segments) -> Integers:
    """Whole watt-hours of each slot of each segment, one segment after the other.

    ``C(s) = round(E (W(s) - W(a)) / (W(b) - W(a)))`` with W the weights added up and a, b where E is known; a slot
    gets ``C(s + 1) - C(s)``. So the slots from a to b add up to E, in whatever pieces they are asked for, and each is
    within a watt-hour of its share. Where the profile has no weight from a to b, time alone divides.

    Parameters
    ----------
    cumulative : as `added_up` makes it.

    Raises
    ------
    ValueError : a segment reaches beyond what is known of it, or out of the weights.

    Examples
    --------
    10 Wh over four slots of which the second weighs twice as much; asked for the last three.

    >>> weights = added_up(np.array([[1.0, 2.0, 1.0, 1.0]]))
    >>> one = Segments(*(np.array([value]) for value in (0, 1, 4, 0, 4, 10)))
    >>> spread(weights, one).tolist()
    [4, 2, 2]
    """
    s = segments
    within = (s.known_first >= 0) & (s.known_first <= s.first) & (s.first <= s.end) & (s.end <= s.known_end)
    within &= (s.known_end < cumulative.shape[1]) & (s.profile >= 0) & (s.profile < len(cumulative))
    if not within.all():
        bad = int(np.argmin(within))
        found = {name: int(values[bad]) for name, values in vars(s).items()}
        raise ValueError(f"segment {bad}: found {found}; needed 0 <= known_first <= first <= end <= known_end")
    slots = s.end - s.first
    owner = np.repeat(np.arange(len(slots)), slots)
    slot = np.arange(len(owner)) - np.repeat(np.cumsum(slots) - slots - s.first, slots)
    before, after = (_until(cumulative, s, owner, at) for at in (slot, slot + 1))
    return after - before


def _until(cumulative: Floats, s: Segments, owner: Integers, slot: Integers) -> Integers:
    """Energy from where it is known to the start of each slot."""
    start = cumulative[s.profile, s.known_first]
    weight = cumulative[s.profile, s.known_end] - start
    part = np.where(
        weight[owner] > 0,
        (cumulative[s.profile[owner], slot] - start[owner]) / np.where(weight > 0, weight, 1)[owner],
        (slot - s.known_first[owner]) / np.maximum(s.known_end - s.known_first, 1)[owner],
    )
    return np.rint(part * s.energy_wh[owner]).astype(np.int64)
