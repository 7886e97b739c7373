"""What stands in for load and ambient that are not known: the day and the three before it, nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def filled(days: Floats, longest_gap: int) -> Floats:
    """The values of days that follow each other, NaN filled.

    A gap of at most ``longest_gap`` intervals between two known ones takes the straight line between them. Any other
    interval takes what is known of the same time on the nearest day, of two as near the earlier; where no day knows
    that time, the mean of what is known. NaN stays where nothing is.

    Parameters
    ----------
    days : (rows, days, intervals) float64.
    longest_gap : in intervals.

    Returns
    -------
    (rows, days x intervals) float64.

    Examples
    --------
    >>> nan = np.nan
    >>> filled(np.array([[[1.0, nan, 3.0], [nan, nan, nan]]]), 1).tolist()
    [[1.0, 2.0, 3.0, 1.0, 2.0, 3.0]]
    """
    rows, number, steps = days.shape
    known = _bridged(days.reshape(rows, number * steps), longest_gap).reshape(days.shape)
    result: Floats = known.copy()
    for day in range(number):
        for other in sorted(range(number), key=lambda one: (abs(one - day), one)):
            missing = np.isnan(result[:, day])
            if not missing.any():
                break
            result[:, day] = np.where(missing, known[:, other], result[:, day])
    result = result.reshape(rows, number * steps)
    missing = np.isnan(result)
    if missing.any():
        there = ~np.isnan(known).reshape(rows, number * steps)
        count = there.sum(axis=1)
        total = np.where(there, known.reshape(rows, -1), 0.0).sum(axis=1)
        mean = np.divide(total, count, out=np.full(rows, np.nan), where=count > 0)
        result = np.where(missing, mean[:, None], result)
    return result


def _bridged(values: Floats, longest_gap: int) -> Floats:
    """The values with each short gap between known ones filled by a straight line."""
    length = values.shape[1]
    place = np.arange(length)
    known = ~np.isnan(values)
    if known.all() or longest_gap == 0:
        return values
    before = np.maximum.accumulate(np.where(known, place, -1), axis=1)
    after = np.minimum.accumulate(np.where(known, place, length)[:, ::-1], axis=1)[:, ::-1]
    short = ~known & (before >= 0) & (after < length) & (after - before - 1 <= longest_gap)
    row, column = np.nonzero(short)
    first, last = before[row, column], after[row, column]
    share = (column - first) / (last - first)
    bridged = values.copy()
    bridged[row, column] = values[row, first] * (1 - share) + values[row, last] * share
    return bridged
