"""Published demand as panels, without a lake: what the core says of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from jobs.models.demand.clock import clock_of
from jobs.models.demand.panel import Panel
from jobs.models.demand.weather import VARIABLES, Weather, WeatherRows, no_weather
from jobs.settings import GridTime

KNOWN_HOURS = 8
Published = tuple[Panel, Weather]


def vic_elec(real_data: Path) -> Published:
    """Victoria's half-hourly demand of 2012 to 2014, with Melbourne's temperature as observed and its holidays."""
    table = pd.read_parquet(real_data / "vic_elec" / "vic_elec.parquet")
    local = table["time_utc"].dt.tz_localize("UTC").dt.tz_convert("Australia/Melbourne")
    holidays = tuple(sorted(set(local[table["holiday"]].dt.date)))
    time = GridTime(utc_offset="+10:00", zone="Australia/Melbourne", holidays=holidays)
    hourly = table.groupby(table["time_utc"].dt.floor("h"))["temperature_c"].mean()
    hour = _minutes(hourly.index) // 60
    value = np.full((len(hour), len(VARIABLES)), np.nan, np.float32)
    value[:, 0] = hourly
    observed = WeatherRows.sorted(np.zeros(len(hour), np.int64), hour, (hour + 1) * 60, value)
    demand = {"Victoria": pd.Series(table["demand"].to_numpy(), _minutes(table["time_utc"]))}
    return _panel(demand, time, 30, [0]), Weather(("Melbourne",), observed, no_weather().forecast)


def ettm1(real_data: Path) -> Published:
    """The six loads of ETTm1, July 2016 to June 2018, every quarter of an hour; without weather."""
    table = pd.read_csv(real_data / "ett" / "ETTm1.csv.gz", parse_dates=["date"])
    time = GridTime(utc_offset="+08:00", zone="Asia/Shanghai")
    at = _minutes(table["date"]) - 8 * 60
    loads = [name for name in table.columns if name not in ("date", "OT")]
    return _panel({name: pd.Series(table[name].to_numpy(), at) for name in loads}, time, 15, [-1] * 6), no_weather()


def _minutes(times: pd.Series | pd.Index) -> np.ndarray:
    """Naive times as minutes since 1970."""
    return pd.DatetimeIndex(times).to_numpy().astype("datetime64[m]").astype(np.int64)


def _panel(demand: dict[str, pd.Series], time: GridTime, minutes: int, place: list[int]) -> Panel:
    """A panel of series by minute (UTC), whole grid days alone."""
    offset, slots = int(time.offset.total_seconds()) // 60, 1440 // minutes
    grid = {name: (one.index.to_numpy() + offset) // minutes for name, one in demand.items()}
    first = max(int(-(-at.min() // slots)) for at in grid.values())
    end = min(int((at.max() + 1) // slots) for at in grid.values())
    values = np.full((len(demand), (end - first) * slots), np.nan, np.float32)
    for row, (name, one) in enumerate(demand.items()):
        at = grid[name] - first * slots
        inside = (at >= 0) & (at < values.shape[1])
        values[row, at[inside]] = one.to_numpy()[inside]
    clock = clock_of(first, end - first + 16, time, minutes)
    ends = np.array([clock.start_minute(first + day + 1) for day in range(end - first)])
    return Panel(
        np.full(len(demand), "medium_voltage", object),
        np.array(list(demand), object),
        np.full(len(demand), None, object),
        np.array(place, np.int64),
        values.reshape(len(demand), end - first, slots),
        np.tile(ends + KNOWN_HOURS * 60, (len(demand), 1)),
        clock,
    )
