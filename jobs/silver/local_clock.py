"""How grid time stands to the clock on the wall: local slot and day type of each quarter-hour of a grid day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from jobs.settings import GridTime
from kernels.block_rules import Ints

WORKDAY, SATURDAY, SUNDAY = range(3)
"""Places in `jobs.silver.usage_point_baseline.DAY_TYPES`."""


def local_quarters(days: Iterable[date], time: GridTime) -> Ints:
    """Day type x 96 + local quarter-hour, for each grid day and each of its quarter-hours: (days, 96).

    On clock-change days two quarter-hours of a grid day may share a local one, or a local one have none.

    >>> winter, summer = local_quarters(
    ...     [date(2016, 1, 15), date(2016, 7, 15)], GridTime(utc_offset="+01:00", zone="Europe/Berlin")
    ... )
    >>> winter[[0, 95]].tolist(), summer[[0, 91, 92, 95]].tolist()  # 15 July 2016 was a Friday
    ([0, 95], [4, 95, 96, 99])
    """
    zone, rows = ZoneInfo(time.zone), []
    for day in days:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) - time.offset
        row = []
        for quarter in range(96):
            local = (start + timedelta(minutes=15 * quarter)).astimezone(zone)
            row.append(96 * day_type(local.date(), time) + (local.hour * 60 + local.minute) // 15)
        rows.append(row)
    return np.array(rows, np.int32).reshape(-1, 96)


def day_type(day: date, time: GridTime) -> int:
    if day.weekday() == 6 or day in time.holidays:
        return SUNDAY
    return SATURDAY if day.weekday() == 5 else WORKDAY
