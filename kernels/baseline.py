"""What is usual for a channel, by day type and local slot, over windows of days."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kernels import _baseline

Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.uint8]

DAY_TYPES: Final = 3
MOST_DAYS: Final = 128
QUARTERS: Final = 96


@dataclass(frozen=True)
class Baselines:
    """The usual days that there are, one row each, in order of key, window and day type."""

    key: Longs
    window: Longs
    day_type: Longs
    interval_minutes: Ints
    days: Ints
    """Days of that type in the window, of the slot that has most."""
    offset: Longs
    typical: Ints
    """Mean of each local slot, rounded half to even; flat, row r at ``offset[r]``, as are `low` and `high`."""
    low: Ints
    high: Ints
    day_low: Ints
    """Lowest total of a day without gaps; the sum of `typical` where there was no such day."""
    day_high: Ints


def baselines(
    *,
    reading: Ints,
    usable: Flags,
    offset: Longs,
    day: Ints,
    interval_minutes: Ints,
    date_index: Ints,
    local: Ints,
    key_start: Longs,
    windows: list[tuple[int, int]],
    quantile: float,
) -> Baselines:
    """Mean and outer quantiles of each local slot over a window's days of one type.

    Of n reads in order, `low` is the one at ``floor(q (n - 1))`` and `high` that at ``ceil((1 - q)(n - 1))``, counted
    from 0. A day type has a row only where every local slot has a read.

    Parameters
    ----------
    reading, offset : blocks, flat: row r is ``reading[offset[r]:offset[r + 1]]``.
    usable : 1 for reads that may count.
    day : (rows,). Number of the grid day.
    interval_minutes : (rows,). Only rows with the interval of the window's last row count.
    date_index : (rows,). Row of `local`.
    local : (days, 96). Day type x 96 + local quarter-hour of each quarter-hour of a grid day.
    key_start : (keys + 1,). Rows of each key, in order of day.
    windows : first day and the day after the last, at most 128 days.
    quantile : q, from 0 to 0.5.

    Raises
    ------
    ValueError : lengths do not agree, a window is too long, `quantile` or `local` is out of range, or a block is no day
        of its interval or of no day of `local`; names the first.

    Source
    ------
    Places of quantiles: definition 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages, The American
    Statistician 50 (4), 1996; rounded outwards instead of interpolated, so that what is usual is a read that came.

    Examples
    --------
    >>> day = np.arange(3, dtype=np.int32)
    >>> usual = baselines(
    ...     reading=np.repeat(np.array([10, 40, 20], np.int32), 24), usable=np.ones(72, np.uint8),
    ...     offset=np.arange(4) * 24, day=day, interval_minutes=np.full(3, 60, np.int32), date_index=0 * day,
    ...     local=np.arange(96, dtype=np.int32)[None], key_start=np.array([0, 3]), windows=[(0, 3)], quantile=0.05,
    ... )
    >>> usual.typical[:2].tolist(), usual.low[0], usual.high[0], usual.days.tolist(), usual.day_high.tolist()
    ([23, 23], np.int32(10), np.int32(40), [3], [960])
    """
    rows = len(day)
    if not (
        len(offset) - 1 == len(interval_minutes) == len(date_index) == rows == key_start[-1]
        and len(usable) == len(reading)
    ):
        raise ValueError(f"baselines: {rows:,} rows by day; lengths of other arguments do not agree")
    too_long = [window for window in windows if window[1] - window[0] > MOST_DAYS]
    if too_long:
        raise ValueError(f"baselines: windows {too_long} are longer than {MOST_DAYS} days")
    if not 0 <= quantile <= 0.5:
        raise ValueError(f"baselines: quantile {quantile}; needed from 0 to 0.5")
    if local.shape[1:] != (QUARTERS,) or local.min(initial=0) < 0 or local.max(initial=0) >= DAY_TYPES * QUARTERS:
        raise ValueError(
            f"baselines: local quarter-hours of shape {local.shape} from {local.min(initial=0)} to "
            f"{local.max(initial=0)}; needed {QUARTERS} a day, from 0 to {DAY_TYPES * QUARTERS - 1}"
        )
    if key_start[0] != 0 or (np.diff(key_start) < 0).any():
        raise ValueError("baselines: rows of keys do not begin at 0 or fall")
    keys, most = len(key_start) - 1, 1440 // max(int(interval_minutes.min(initial=60)), 1)
    shape = (keys, len(windows), DAY_TYPES)
    interval, days = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    usual = np.zeros((keys, len(windows), DAY_TYPES * 3, most), np.int32)
    total = np.zeros((*shape, 2), np.int32)
    bounds = np.array(windows, np.int32).reshape(-1, 2)
    bad_row = _baseline.baselines(
        reading, usable, offset, day, interval_minutes, date_index, local, key_start,
        np.ascontiguousarray(bounds[:, 0]), np.ascontiguousarray(bounds[:, 1]), float(quantile),
        interval, days, usual, total,
    )  # fmt: skip
    if bad_row >= 0:
        raise ValueError(
            f"baselines: block {bad_row} holds reads {offset[bad_row]} to {offset[bad_row + 1]} of {len(reading):,}, "
            f"of {interval_minutes[bad_row]} min, on day {date_index[bad_row]} of {len(local)} by `date_index`; needed "
            "a whole day of its interval, or nothing, and a day that there is"
        )
    there = np.nonzero(days)
    minutes = interval[there]
    by_row = usual.reshape(*shape, 3, most)[there]
    real = np.arange(most) < (1440 // minutes)[:, None]
    typical, low, high = (by_row[:, kind][real] for kind in range(3))
    starts = np.concatenate([[0], np.cumsum(1440 // minutes)]).astype(np.int64)
    sums = np.add.reduceat(typical, starts[:-1], dtype=np.int64) if len(minutes) else np.zeros(0, np.int64)
    bound = total[there]
    whole = bound[:, 0] <= bound[:, 1]
    day_low, day_high = (
        np.where(whole, bound[:, side], np.minimum(sums, 2**31 - 1)).astype(np.int32) for side in (0, 1)
    )
    key, window, day_type = (axis.astype(np.int64) for axis in there)
    return Baselines(key, window, day_type, minutes, days[there], starts, typical, low, high, day_low, day_high)
