"""How grid time stands to the clock on the wall: local slot and day type of each quarter-hour of a grid day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from jobs.settings import GridTime
from jobs.silver.blocks_of import EPOCH
from kernels.block_rules import Ints

WORKDAY, SATURDAY, SUNDAY = range(3)
"""Places in `jobs.silver.usage_point_baseline.DAY_TYPES`."""
QUARTERS = 96


def local_quarters(days: Iterable[date], time: GridTime) -> Ints:
    """Day type x 96 + local quarter-hour, for each grid day and each of its quarter-hours: (days, 96).

    On clock-change days two quarter-hours of a grid day may share a local one, or a local one have none.

    >>> winter, summer = local_quarters(
    ...     [date(2016, 1, 15), date(2016, 7, 15)], GridTime(utc_offset="+01:00", zone="Europe/Berlin")
    ... )
    >>> winter[[0, 95]].tolist(), summer[[0, 91, 92, 95]].tolist()  # 15 July 2016 was a Friday
    ([0, 95], [4, 95, 96, 99])
    """
    local_day, quarter = np.divmod(local_minutes(days, time) // 15, QUARTERS)
    known, place = np.unique(local_day, return_inverse=True)
    of_type = np.array([day_type(EPOCH + timedelta(int(day)), time) for day in known], np.int64)
    rows: Ints = (QUARTERS * of_type[place].reshape(quarter.shape) + quarter).astype(np.int32)
    return rows


def local_minutes(days: Iterable[date], time: GridTime) -> NDArray[np.int64]:
    """The clock on the wall at each quarter-hour of each grid day, as minutes since 1970: (days, 96)."""
    zone, rows = ZoneInfo(time.zone), []
    step = timedelta(minutes=15)
    within = np.arange(QUARTERS) * 15
    for day in days:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - time.offset
        ahead = [(midnight + one * step).astimezone(zone).utcoffset() for one in (0, QUARTERS - 1)]
        if ahead[0] != ahead[1]:  # the clock changes: each quarter-hour by itself
            ahead = [(midnight + quarter * step).astimezone(zone).utcoffset() for quarter in range(QUARTERS)]
        shift = np.array([(one - time.offset) // timedelta(minutes=1) for one in ahead if one is not None])
        rows.append((day - EPOCH).days * 1440 + within + (shift if len(shift) == QUARTERS else shift[0]))
    return np.array(rows, np.int64).reshape(-1, QUARTERS)


def day_type(day: date, time: GridTime) -> int:
    if day.weekday() == 6 or day in time.holidays:
        return SUNDAY
    return SATURDAY if day.weekday() == 5 else WORKDAY
