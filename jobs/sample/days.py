"""The days of SimBench's year: their types, and how far the clock that people live by is ahead of the grid's."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from jobs.errors import SettingsError
from jobs.sample.simbench import DAYS, SLOTS, YEAR_FIRST
from jobs.settings import GridTime

WALL = ZoneInfo("Europe/Berlin")
GRID_OFFSET = timedelta(hours=1)
HOLIDAYS = ("01-01", "03-25", "03-28", "05-01", "05-05", "05-16", "10-03", "12-25", "12-26")
"""Public holidays of all Germany in 2016, month and day; SimBench's businesses rest on them."""

_DATES = [YEAR_FIRST + timedelta(days=n) for n in range(DAYS)]
RESTING: NDArray[np.bool_] = np.array([day.strftime("%m-%d") in HOLIDAYS for day in _DATES])
KIND: NDArray[np.int64] = np.where(RESTING, 2, np.array([max(day.weekday() - 4, 0) for day in _DATES]))
"""0 workday, 1 Saturday, 2 Sunday or holiday."""
AHEAD: NDArray[np.int64] = np.array(
    [((datetime.combine(day, time(12), WALL).utcoffset() or GRID_OFFSET) - GRID_OFFSET).seconds for day in _DATES]
) // (86400 // SLOTS)
"""Slots by which the wall's clock is ahead of the grid's at noon."""


def check_clock(grid_time: GridTime) -> None:
    """The sample's grid days and truth are of its own clock: settings with another cannot be judged by it."""
    if grid_time.offset != GRID_OFFSET or grid_time.zone != WALL.key:
        raise SettingsError(
            f"grid_time is {grid_time.utc_offset}, {grid_time.zone}; the sample utility lives at +01:00, {WALL.key}"
        )


def at_wall_time_of(rows: NDArray[np.float32], days: slice, day: int) -> NDArray[np.float32]:
    """Days of the year (days x slots) as they would be if the wall's clock stood as on one day.

    >>> winter = np.array([[0, 0, 7, 0], [0, 0, 7, 0]], np.float32)  # 26 and 27 March; summer time began on the 27th
    >>> at_wall_time_of(np.repeat(winter, 24, axis=1), slice(85, 87), 85).argmax(axis=1).tolist()
    [48, 52]
    """
    moved = [np.roll(rows.ravel(), ahead - AHEAD[day]).reshape(rows.shape) for ahead in (0, 4)]
    return np.where((AHEAD[days] == 0)[:, np.newaxis], *moved)
