"""Weather by place and hour, as it was known at an instant: observed hours of the past, forecast hours to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.models.demand.clock import Clock

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

VARIABLES = ("temperature_degc", "irradiance_w_per_m2")
KINDS = {
    "forecast": "as it was forecast at issue time",
    "observed": "as it was observed later, which nobody knew at issue time",
    "none": "without weather: none was known",
}
LONGEST_MINUTES = 16 * 1440  # no older issue says anything of a day to come


@dataclass(frozen=True)
class WeatherRows:
    """Rows of weather, ascending by ``known_minute``.

    Parameters
    ----------
    place : (rows,). Number of the place.
    hour : (rows,). Start, hours since 1970 UTC.
    known_minute : (rows,). When it was known, minutes since 1970 UTC; of a forecast at the earliest its issue.
    value : (rows, variables). NaN where the source says nothing.
    """

    place: Integers
    hour: Integers
    known_minute: Integers
    value: Floats

    @classmethod
    def sorted(cls, place: Integers, hour: Integers, known_minute: Integers, value: Floats) -> WeatherRows:
        """Rows in the order in which they were known; those of one instant by place and hour."""
        order = np.lexsort((hour, place, known_minute))
        return cls(place[order], hour[order], known_minute[order], value[order])


@dataclass(frozen=True)
class Weather:
    """All weather of a lake; of a forecast the newest issue that covers an hour counts.

    Parameters
    ----------
    places : names, by number.
    forecast : rows whose ``known_minute`` is that of their issue.
    """

    places: tuple[str, ...]
    observed: WeatherRows
    forecast: WeatherRows

    def of_day(self, day: int, clock: Clock, known_by: int, *, kind: str) -> Floats:
        """Each interval of a grid day at each place, (places, slots, variables); NaN where nothing was known.

        Parameters
        ----------
        known_by : minutes since 1970 UTC.
        kind : ``forecast``: by issues until then; ``past``: as observed and known by then; ``observed``: as observed,
            whenever that was known.
        """
        start = clock.start_minute(day)
        first, last = start // 60, (start + 1439) // 60
        rows = self.forecast if kind == "forecast" else self.observed
        if kind == "observed":
            inside = np.flatnonzero((rows.hour >= first) & (rows.hour <= last))
        else:
            since = known_by - LONGEST_MINUTES if kind == "forecast" else first * 60
            low, high = np.searchsorted(rows.known_minute, [since, known_by + 1])
            inside = low + np.flatnonzero((rows.hour[low:high] >= first) & (rows.hour[low:high] <= last))
        hours = np.full((len(self.places), last - first + 1, len(VARIABLES)), np.nan, np.float32)
        hours[rows.place[inside], rows.hour[inside] - first] = rows.value[inside]  # of two, the later known stays
        of_slot = (start + np.arange(clock.slots) * clock.interval_minutes) // 60 - first
        return hours[:, of_slot]


def no_weather() -> Weather:
    """Of a lake without any."""
    nothing = np.zeros(0, np.int64)
    rows = WeatherRows(nothing, nothing, nothing, np.zeros((0, len(VARIABLES)), np.float32))
    return Weather((), rows, rows)
