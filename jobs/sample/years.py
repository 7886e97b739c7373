"""The years whose events the sample's systems hold; instants of a whole fleet as arrays of seconds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Seconds = NDArray[np.int64]  # since 1970 UTC
Floats = NDArray[np.float64]

FIRST, END = 2001, 2017
YEARS: NDArray[np.int64] = np.arange(FIRST, END)
AHEAD = 8
"""Years after the record that are lived through too: who fails in them may have a fault that shows before its end."""
NEW_YEAR_LIVED: Seconds = (
    np.arange(str(FIRST), str(END + AHEAD + 1), dtype="datetime64[Y]").astype("datetime64[s]").astype(np.int64)
)
NEW_YEAR = NEW_YEAR_LIVED[: len(YEARS) + 1]
"""Where each year of the record begins, and where the last one ends."""
NEVER = np.iinfo(np.int64).max
DAY_S, HOUR_S, YEAR_S = 86_400, 3_600, 31_557_600
_NIGHTLY_S = 20 * HOUR_S
_WORK_BEGINS_S, _WORK_LASTS_S = 6 * HOUR_S, 7 * HOUR_S  # UTC: from 7 or 8 o'clock by the clock on the wall


def instants(seconds: Seconds) -> pd.Series:
    """Instants; NaT for `NEVER`."""
    at = pd.Series(np.where(seconds == NEVER, 0, seconds).astype("datetime64[s]")).dt.tz_localize("UTC")
    return at.mask(seconds == NEVER)


def seconds_of(instant: pd.Series) -> Seconds:
    """The reverse of `instants`."""
    plain = instant.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[s]")
    return np.where(plain.isna(), NEVER, plain.to_numpy().astype(np.int64))


def year_of(seconds: Seconds) -> NDArray[np.int64]:
    """Calendar year in UTC."""
    return seconds.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970


def nightly_after(seconds: Seconds, days: Floats) -> Seconds:
    """The nightly run, at 20:00 UTC, of the day so many days later."""
    night: Seconds = (seconds + (days * DAY_S).astype(np.int64)) // DAY_S * DAY_S + _NIGHTLY_S
    return night


def in_working_hours(seconds: Seconds, share: Floats) -> Seconds:
    """The same day, or the Friday before, at a time of work: ``share`` of the working day after it began."""
    day = seconds // DAY_S
    weekday = (day + 3) % 7  # 1 January 1970 was a Thursday
    working: Seconds = (day - np.maximum(weekday - 4, 0)) * DAY_S
    return working + _WORK_BEGINS_S + (share * _WORK_LASTS_S).astype(np.int64) // 60 * 60
