"""Many series side by side: demand by grid day and interval, and when each day's reads were known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jobs.models.demand.clock import Clock

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Names = NDArray[np.object_]

NEVER = np.iinfo(np.int64).max
KINDS = {
    "transformer": "a service transformer: net load of what hangs on it",
    "medium_voltage": "what hangs on a feeder with no service transformer between",
    "losses": "computed losses of a feeder's transformers and lines",
    "feeder": "a feeder: its transformers, what hangs on it at medium voltage, and its losses",
}


def same(names: Names, name: str | None) -> NDArray[np.bool_]:
    """Where a name is the one given; None is a name, too."""
    return np.array([one == name for one in names], np.bool_)


@dataclass(frozen=True)
class Panel:
    """Series of one clock.

    Parameters
    ----------
    kind : (series,). One of `KINDS`.
    series_id : (series,). Of a transformer or feeder its id; of what a feeder has beside, the feeder's.
    feeder_id : (series,). Feeder that the series is part of on its last day; None where it is of none.
    place : (series,). Number of its weather place; -1 where there is none.
    demand_kw : (series, days, slots). Mean net demand; NaN where not enough of it was metered.
    known_minute : (series, days). When the day's reads were known, minutes since 1970 UTC; `NEVER` where never.
    clock : of these days and of all that may be forecast after them.
    """

    kind: Names
    series_id: Names
    feeder_id: Names
    place: Integers
    demand_kw: Floats
    known_minute: Integers
    clock: Clock

    def __post_init__(self) -> None:
        series, days, slots = self.demand_kw.shape
        lengths = {len(one) for one in (self.kind, self.series_id, self.feeder_id, self.place)}
        if lengths != {series} or self.known_minute.shape != (series, days) or slots != self.clock.slots:
            raise ValueError(
                f"demand of {series} series, {days} days of {slots} intervals does not fit names of {sorted(lengths)} "
                f"series, known times of {self.known_minute.shape} and a clock of {self.clock.slots} intervals"
            )

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def first_day(self) -> int:
        """Grid day of the first column, days since 1970."""
        return self.clock.first_day

    @property
    def days(self) -> int:
        return int(self.demand_kw.shape[1])

    def before(self, day: int, length: int, known_by: int) -> Floats:
        """The ``length`` grid days before ``day``, (series, length, slots), as known at a minute: NaN where not.

        Days before the first are not known either.
        """
        end = day - self.first_day
        first = end - length
        inside = slice(max(first, 0), max(min(end, self.days), 0))
        seen = np.full((len(self), length, self.clock.slots), np.nan, np.float32)
        known = self.known_minute[:, inside] <= known_by
        seen[:, inside.start - first : inside.stop - first] = np.where(
            known[:, :, None], self.demand_kw[:, inside], np.float32(np.nan)
        )
        return seen

    def on(self, day: int) -> Floats:
        """What happened on a grid day, (series, slots); NaN where the panel does not hold it."""
        column = day - self.first_day
        if 0 <= column < self.days:
            return self.demand_kw[:, column]
        return np.full((len(self), self.clock.slots), np.nan, np.float32)

    def of(self, chosen: NDArray[np.bool_]) -> Panel:
        """The chosen series."""
        return replace(
            self,
            kind=self.kind[chosen],
            series_id=self.series_id[chosen],
            feeder_id=self.feeder_id[chosen],
            place=self.place[chosen],
            demand_kw=self.demand_kw[chosen],
            known_minute=self.known_minute[chosen],
        )
