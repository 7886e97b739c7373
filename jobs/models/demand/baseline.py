"""Baselines: the same time last week, and persistence, each with quantiles by its own past errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.models.demand.history import RECENT_DAYS, History, first_known

Floats = NDArray[np.float32]
NAMES = ("last_week", "persistence")
WEEKS = 4
NEIGHBOURS = 2
"""Errors of so many intervals on either side count for an interval, too: 28 days alone make rough quantiles."""


@dataclass(frozen=True)
class Forecasts:
    """Of one issue and target day.

    Parameters
    ----------
    mean_kw : (series, slots).
    quantile_kw : (series, slots, levels). Never crossing.
    """

    mean_kw: Floats
    quantile_kw: Floats


def baseline(name: str, history: History, levels: tuple[float, ...]) -> Forecasts:
    """A baseline's forecast of the target day.

    ``last_week`` is the target's weekday in the newest week of which it was known, ``persistence`` the newest day
    known, both interval by interval at the same local time. The quantiles are the point plus those of the errors that
    the same rule, with as old a day, made on the last 28 days known.
    """
    back = _days_back(name, history)
    point = first_known(*[_day(history.aligned, number) for number in back])
    errors = _past_errors(history.aligned, back[0] + history.days_ahead)
    found = np.full((*point.shape, len(levels)), np.nan, np.float32)
    some = ~np.isnan(errors).all(axis=(1, 2))
    found[some] = point[some, :, None] + _quantiles(errors[some], levels)
    lacking = np.isnan(found)
    found[lacking] = np.broadcast_to(point[:, :, None], found.shape)[lacking]  # no errors known: no spread
    return Forecasts(point, found)


def _days_back(name: str, history: History) -> list[int]:
    """Days before the issue day to look at, the best first."""
    if name == "persistence":
        return list(range(1, 8))
    first = 7 * history.first_week - history.days_ahead
    return [first + 7 * week for week in range(WEEKS)]


def _day(aligned: Floats, back: int) -> Floats:
    if back > aligned.shape[1]:
        return np.full(aligned[:, 0].shape, np.nan, np.float32)
    return aligned[:, -back]


def _past_errors(aligned: Floats, age: int) -> Floats:
    """Each of the last 28 days less the day ``age`` days before it, (series, days, slots)."""
    days = min(RECENT_DAYS, aligned.shape[1] - age)
    if days <= 0:
        return np.full((len(aligned), 1, aligned.shape[2]), np.nan, np.float32)
    return aligned[:, -days:] - aligned[:, -days - age : aligned.shape[1] - age]


def _quantiles(errors: Floats, levels: tuple[float, ...]) -> Floats:
    """Quantiles of the errors of each interval and its neighbours, (series, slots, levels); NaN where none is known."""
    series, days, slots = errors.shape
    around = (np.arange(slots)[:, None] + np.arange(-NEIGHBOURS, NEIGHBOURS + 1)) % slots
    pooled = errors[:, :, around]  # (series, days, slots, neighbours)
    pooled = np.sort(np.moveaxis(pooled, 1, 2).reshape(series, slots, days * around.shape[1]), axis=2)  # NaN last
    return sorted_quantiles(pooled, levels)


def sorted_quantiles(ascending: Floats, levels: tuple[float, ...]) -> Floats:
    """Quantiles along the last axis of ascending values with NaN at the end, by linear interpolation.

    >>> sorted_quantiles(np.array([[0, 1, 2, 3, 4], [7, 9, np.nan, np.nan, np.nan]], np.float32), (0.25, 0.5)).tolist()
    [[1.0, 2.0], [7.5, 8.0]]
    """
    known = (~np.isnan(ascending)).sum(axis=-1, keepdims=True)
    at = np.maximum(known - 1, 0) * np.array(levels)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(known - 1, 0))
    below, above = (np.take_along_axis(ascending, place, axis=-1) for place in (low, high))
    return np.asarray(below + (above - below) * (at - low), np.float32)
