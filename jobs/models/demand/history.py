"""What was known of each series at an issue, laid out by the clock of the day that is forecast."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jobs.models.demand.panel import Panel

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
RECENT_DAYS = 28


@dataclass(frozen=True)
class History:
    """Days before an issue at the local time of a target day's intervals.

    Habits follow the clock on the wall: interval s of the target day stands beside the interval of each past day at
    which the clock showed the same.

    Parameters
    ----------
    panel : its series.
    issue_day, target_day : grid days since 1970; the issue lies in the first.
    seen : (series, days, slots). The days before the issue day as they were known, oldest first; NaN where not.
    """

    panel: Panel
    issue_day: int
    target_day: int
    seen: Floats

    @property
    def days_ahead(self) -> int:
        return self.target_day - self.issue_day

    @cached_property
    def aligned(self) -> Floats:
        """``seen`` by the target day's clock, (series, days, slots)."""
        clock, (series, days, slots) = self.panel.clock, self.seen.shape
        rows = np.clip(np.arange(self.issue_day - days, self.issue_day) - clock.first_day, 0, None)
        shift = clock.ahead[clock.row(self.target_day)] - clock.ahead[rows]  # (days, slots)
        if not shift.any():
            return self.seen
        at = np.arange(days)[:, None] * slots + np.arange(slots) + shift
        inside = (at >= 0) & (at < days * slots)
        flat = self.seen.reshape(series, days * slots)
        return np.where(inside, flat[:, np.clip(at, 0, days * slots - 1)], np.float32(np.nan))

    @cached_property
    def day_types(self) -> Integers:
        """Day type of each past day at noon."""
        clock = self.panel.clock
        rows = np.arange(self.issue_day - self.seen.shape[1], self.issue_day) - clock.first_day
        kinds = clock.day_type[np.clip(rows, 0, None), clock.slots // 2]
        return np.where(rows >= 0, kinds, -1)

    def day_back(self, number: int) -> Floats:
        """The ``number``-th day before the issue day, (series, slots)."""
        return self.aligned[:, -number]

    def week_back(self, number: int) -> Floats:
        """The target's weekday in the ``number``-th week before it that ends before the issue day, (series, slots)."""
        back = 7 * (self.first_week + number - 1) - self.days_ahead
        if back > self.aligned.shape[1]:
            return np.full(self.aligned[:, 0].shape, np.nan, np.float32)
        return self.aligned[:, -back]

    @property
    def first_week(self) -> int:
        """Weeks from the target back to the first day of its weekday that ends before the issue day."""
        return self.days_ahead // 7 + 1


def history_of(panel: Panel, issue_day: int, target_day: int, known_by: int, length: int) -> History:
    """What was known at minute ``known_by`` of the ``length`` days before the issue day."""
    return History(panel, issue_day, target_day, panel.before(issue_day, length, known_by))


def mean_known(values: NDArray[np.floating], axis: int | tuple[int, ...]) -> Floats:
    """Mean of what is known; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of an empty slice: its mean is NaN, as it should be
        return np.asarray(np.nanmean(values, axis=axis, dtype=np.float64), np.float32)


def deviation_known(values: NDArray[np.floating], axis: int | tuple[int, ...]) -> Floats:
    """Standard deviation of what is known; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanstd(values, axis=axis, dtype=np.float64), np.float32)


def first_known(*choices: Floats) -> Floats:
    """The first of the choices that is known, element by element."""
    found = choices[0]
    for choice in choices[1:]:
        found = np.where(np.isnan(found), choice, found)
    return found
