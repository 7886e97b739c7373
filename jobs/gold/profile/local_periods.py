"""Local months and years of grid intervals: grid days keep a fixed offset, months follow the clock on the wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class LocalPeriods:
    """Which periods to look at, and the clocks that say where they begin.

    Parameters
    ----------
    months, years
        First local days of the months and years looked at, ascending.
    """

    months: tuple[date, ...]
    years: tuple[date, ...]
    utc_offset: timedelta
    zone: str
    interval_minutes: int

    @property
    def slots(self) -> int:
        return 1440 // self.interval_minutes

    def starts(self, kind: str) -> tuple[date, ...]:
        return self.months if kind == "month" else self.years

    def of_intervals(self, kind: str, days: Integers) -> Integers:
        """Place in ``starts(kind)`` of each interval of grid days (days since 1970), (days, slots); -1 in none."""
        months = np.array([_local_months(int(day), self.utc_offset, self.zone, self.interval_minutes) for day in days])
        return self._places(kind, months.reshape(len(days), self.slots))

    def of_days(self, kind: str, days: Integers) -> Integers:
        """Place in ``starts(kind)`` of each grid day by its own date; -1 in none."""
        return self._places(kind, days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))

    def days_expected(self, kind: str) -> Integers:
        """Grid days of each period."""
        unit = "datetime64[M]" if kind == "month" else "datetime64[Y]"
        starts = np.array(self.starts(kind), "datetime64[D]").astype(unit)
        ends = (starts + 1).astype("datetime64[D]")
        days: NDArray[np.int64] = (ends - starts.astype("datetime64[D]")).astype(np.int64)
        return days

    def start_utc(self, number: Integers) -> NDArray[np.datetime64]:
        """Start of intervals given by their running number since 1970 in grid time."""
        grid = number * np.timedelta64(self.interval_minutes, "m") + np.datetime64("1970-01-01T00:00:00", "us")
        return np.asarray(grid - np.timedelta64(self.utc_offset), "datetime64[us]")

    def _places(self, kind: str, months: Integers) -> Integers:
        wanted = np.array([(day.year - 1970) * 12 + day.month - 1 for day in self.starts(kind)], np.int64)
        values = months if kind == "month" else months // 12 * 12
        place = np.searchsorted(wanted, values)
        found = place < len(wanted)
        found[found] = wanted[place[found]] == values[found]
        return np.where(found, place, -1)


@cache
def _local_months(day: int, utc_offset: timedelta, zone: str, interval_minutes: int) -> Integers:
    """Local month (since January 1970) of each interval of a grid day."""
    midnight = datetime.combine(EPOCH + timedelta(days=day), datetime.min.time(), UTC) - utc_offset
    step = timedelta(minutes=interval_minutes)
    local = [(midnight + slot * step).astimezone(ZoneInfo(zone)) for slot in range(1440 // interval_minutes)]
    return np.array([(one.year - 1970) * 12 + one.month - 1 for one in local], np.int64)
