"""Feeder profiles by local day and local time of day, packed small enough for a page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.report.load_data import Loads


@dataclass(frozen=True)
class HeatMaps:
    """One matrix (time of day × local day) for each feeder, whole kW, all on one scale.

    Parameters
    ----------
    kw
        Feeder -> matrix in base64, little-endian ``dtype``, row by row; ``missing`` where no reading tells.
    """

    days: list[str]
    times: list[str]
    kw: dict[str, str]
    dtype: str
    missing: int
    lowest_kw: int
    highest_kw: int


def heat_maps(loads: Loads, *, offset: timedelta, zone: str) -> HeatMaps | None:
    """Net load of the feeders; None without a profile."""
    profiles = loads.profiles
    if profiles.empty:
        return None
    minutes = int(profiles["interval_minutes"].max())
    profiles = profiles[profiles["interval_minutes"] == minutes]
    slots = 1440 // minutes
    grids: dict[str, NDArray[np.float64]] = {}
    days = pd.DatetimeIndex(profiles["grid_date"]).unique().sort_values()
    local_days, matrix_of = _local(days, minutes, offset, zone)
    for feeder, rows in profiles.groupby("feeder_id", sort=False):
        net = np.full((len(days), slots), np.nan)
        at = days.get_indexer(pd.DatetimeIndex(rows["grid_date"]))
        net[at] = np.array([np.asarray(one, np.float64) for one in rows["net_wh"]]) * (60 / minutes / 1000)
        grids[str(feeder)] = matrix_of(net)
    known = np.concatenate([grid[np.isfinite(grid)] for grid in grids.values()])
    low, high = (int(np.rint(known.min())), int(np.rint(known.max()))) if known.size else (0, 0)
    dtype = "<i2" if low > -(2**15) and high < 2**15 else "<i4"
    missing = int(np.iinfo(dtype).min)
    packed = {
        feeder: base64.b64encode(np.where(np.isnan(grid), missing, np.rint(grid)).astype(dtype).tobytes()).decode()
        for feeder, grid in grids.items()
    }
    times = [f"{slot * minutes // 60:02d}:{slot * minutes % 60:02d}" for slot in range(slots)]
    return HeatMaps([f"{day:%Y-%m-%d}" for day in local_days], times, packed, dtype, missing, low, high)


def _local(days: pd.DatetimeIndex, minutes: int, offset: timedelta, zone: str):  # type: ignore[no-untyped-def]
    """The local days that grid days touch, and a function from grid days × slots to local time × local days.

    The hour that a clock change skips stays empty; of the hour that comes twice the mean is shown.
    """
    slots = 1440 // minutes
    steps = pd.to_timedelta(np.arange(slots) * minutes, unit="min")
    starts = (days.to_numpy()[:, None] + steps.to_numpy()[None, :]).ravel() - np.timedelta64(offset)
    local = pd.DatetimeIndex(starts).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    day_of = local.normalize()
    local_days = day_of.unique().sort_values()
    cell = (local.hour * 60 + local.minute) // minutes * len(local_days) + local_days.get_indexer(day_of)
    cells = slots * len(local_days)

    def matrix(net: NDArray[np.float64]) -> NDArray[np.float64]:
        values = net.ravel()
        seen = np.isfinite(values)
        total = np.bincount(cell[seen], weights=values[seen], minlength=cells)
        number = np.bincount(cell[seen], minlength=cells)
        with np.errstate(invalid="ignore"):
            return np.asarray(total / number).reshape(slots, len(local_days))

    return local_days, matrix
