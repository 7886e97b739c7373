"""The clock on the wall at each interval of grid days: people live by it, grid time does not change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from jobs.settings import GridTime
from jobs.silver.local_clock import day_type

Integers = NDArray[np.int64]
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Clock:
    """Local time of the intervals of consecutive grid days; every array is (days, slots).

    Parameters
    ----------
    first_day : grid day of the first row, days since 1970.
    ahead : how far the clock on the wall is ahead of grid time, in intervals.
    minute : local minute of the day at the interval's start.
    weekday : of the local day, 0 is Monday.
    day_type : 0 workday, 1 Saturday, 2 Sunday or holiday, of the local day.
    yearday : of the local day, from 1.
    """

    first_day: int
    interval_minutes: int
    offset_minutes: int
    ahead: Integers
    minute: Integers
    weekday: Integers
    day_type: Integers
    yearday: Integers

    @property
    def slots(self) -> int:
        return 1440 // self.interval_minutes

    def row(self, day: int) -> int:
        """Row of a grid day.

        Raises
        ------
        IndexError
            The day lies outside the days of this clock.
        """
        row = day - self.first_day
        if not 0 <= row < len(self.ahead):
            raise IndexError(f"grid day {EPOCH + timedelta(days=day)} lies outside this clock's {len(self.ahead)} days")
        return row

    def start_minute(self, day: int) -> int:
        """First instant of a grid day, minutes since 1970 UTC."""
        return day * 1440 - self.offset_minutes


def clock_of(first_day: int, days: int, time: GridTime, interval_minutes: int) -> Clock:
    """The clock of ``days`` grid days from ``first_day`` (days since 1970).

    >>> berlin = GridTime(utc_offset="+01:00", zone="Europe/Berlin")
    >>> clock = clock_of((date(2016, 3, 26) - EPOCH).days, 2, berlin, 60)
    >>> clock.ahead[:, [0, 1, 2, 23]].tolist(), clock.minute[1, :4].tolist()  # the clock goes forward on 27 March
    ([[0, 0, 0, 0], [0, 0, 1, 1]], [0, 60, 180, 240])
    """
    zone, slots = ZoneInfo(time.zone), 1440 // interval_minutes
    step = timedelta(minutes=interval_minutes)
    ahead = np.zeros((days, slots), np.int64)
    for row in range(days):
        midnight = datetime.combine(EPOCH + timedelta(days=first_day + row), datetime.min.time(), UTC) - time.offset
        ends = [_ahead_minutes(midnight + at * step, zone, time) for at in (0, slots - 1)]
        if ends[0] == ends[1]:
            ahead[row] = ends[0]
        else:  # the clock changes: each interval by itself
            ahead[row] = [_ahead_minutes(midnight + at * step, zone, time) for at in range(slots)]
    grid = (first_day + np.arange(days))[:, None] * 1440 + np.arange(slots) * interval_minutes
    local_day, minute = np.divmod(grid + ahead, 1440)
    known, place = np.unique(local_day, return_inverse=True)
    dates = [EPOCH + timedelta(days=int(day)) for day in known]
    of_day = np.array([(one.weekday(), day_type(one, time), one.timetuple().tm_yday) for one in dates], np.int64)
    weekday, kind, yearday = (of_day[place.reshape(ahead.shape), column] for column in range(3))
    return Clock(
        first_day,
        interval_minutes,
        int(time.offset.total_seconds()) // 60,
        ahead // interval_minutes,
        minute,
        weekday,
        kind,
        yearday,
    )


def _ahead_minutes(instant: datetime, zone: ZoneInfo, time: GridTime) -> int:
    local = instant.astimezone(zone).utcoffset()
    assert local is not None  # a zone always says it
    return (local - time.offset) // timedelta(minutes=1)
