"""From rows of `profile_days` and of weather, as Arrow, to a panel and its weather."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.batches import from_bytes, numbers
from jobs.gold.profile.settings import ProfileSettings
from jobs.models.demand.clock import Clock, clock_of
from jobs.models.demand.panel import NEVER, Panel, same
from jobs.models.demand.profile_days import COUNTS, ENERGY, LOSSES
from jobs.models.demand.weather import VARIABLES, Weather, WeatherRows
from jobs.settings import GridTime

Floats = NDArray[np.float64]
Names = NDArray[np.object_]
AHEAD_DAYS = 16  # the clock reaches so far beyond the last day


class ProfileRows:
    """Rows of `profile_days` as arrays, (rows,) and (rows, slots)."""

    def __init__(self, rows: pa.RecordBatch, profile: ProfileSettings) -> None:
        slots, hours = 1440 // profile.interval_minutes, profile.interval_minutes / 60
        self.slots = slots

        def plane(name: str, kind: Any) -> NDArray[Any]:
            return from_bytes(rows.column(name), kind)[0].reshape(rows.num_rows, slots)

        def number(name: str) -> Floats:
            column: Any = rows.column(name)
            return numbers(column.fill_null(0.0), np.float64)

        delivered, received, profiled, unmetered = (plane(name, np.int64) for name in ENERGY)
        seen, estimated = (plane(name, np.int32) for name in COUNTS)
        expected = numbers(rows.column("meters_expected"), np.int64)[:, None]
        self.enough = np.asarray(profile.enough(seen, estimated, expected), np.bool_)
        self.net_kw = (delivered - received + profiled + unmetered) / (1000 * hours)
        no_load, load, lines = (number(name) for name in LOSSES)  # one that is not known counts as none
        apparent = plane("apparent_va", np.float64)
        self.loss_kw = (no_load[:, None] + (load + lines)[:, None] * apparent**2) / 1000
        self.day = numbers(rows.column("grid_date").cast(pa.int32()), np.int64)
        self.known_minute = numbers(rows.column("known_minute"), np.int64)
        self.own = numbers(rows.column("own"), np.bool_)
        self.group, self.transformer, self.feeder_now, self.feeder = (
            np.array(rows.column(name).to_pylist(), object)
            for name in ("group_id", "transformer_id", "feeder_now", "feeder_id")
        )
        self.is_feeder = same(self.transformer, None)


def panel_of(
    rows: ProfileRows,
    places: dict[str, int],
    *,
    first_day: int,
    end_day: int,
    time: GridTime,
    clock: Clock | None = None,
) -> Panel:
    """The series of whole groups: their transformers, and what each feeder has at medium voltage and loses.

    A feeder's series at medium voltage is its profile less its transformers' of that day; where that is nothing
    throughout there is no such series, and none of losses that nothing is known of.
    """
    days = end_day - first_day
    clock = clock or clock_of(first_day, days + AHEAD_DAYS, time, 1440 // rows.slots)
    inside = (rows.day >= first_day) & (rows.day < end_day)
    series: dict[tuple[str, str, str | None], int] = {}
    of_transformer = np.flatnonzero(inside & ~rows.is_feeder & rows.own)
    of_feeder = np.flatnonzero(inside & rows.is_feeder)
    keys = [("transformer", rows.transformer[at], rows.feeder_now[at]) for at in of_transformer]
    place_of = {key: rows.group[at] for key, at in zip(keys, of_transformer, strict=True)}
    for kind in ("medium_voltage", "losses"):
        keys += [(kind, rows.group[at], rows.group[at]) for at in of_feeder]
        place_of |= {(kind, rows.group[at], rows.group[at]): rows.group[at] for at in of_feeder}
    for key in sorted(place_of, key=str):
        series[key] = len(series)
    demand = np.full((len(series), days, rows.slots), np.nan, np.float32)
    known = np.full((len(series), days), NEVER, np.int64)
    number = np.array([series[key] for key in keys], np.int64)
    split = np.split(number, [len(of_transformer), len(of_transformer) + len(of_feeder)])
    at_medium, losses = _beside(rows, of_feeder, inside)
    for places_in, at, value in (
        (split[0], of_transformer, rows.net_kw[of_transformer]),
        (split[1], of_feeder, at_medium),
        (split[2], of_feeder, losses),
    ):
        column = rows.day[at] - first_day
        demand[places_in, column] = np.where(rows.enough[at], value, np.nan)
        known[places_in, column] = rows.known_minute[at]
    kept = np.array([key[0] == "transformer" for key in series], np.bool_) | (
        np.nan_to_num(np.abs(demand)).max(axis=(1, 2), initial=0) > 0
    )
    names = [np.array([key[part] for key in series], object) for part in range(3)]
    place = np.array([places.get(place_of[key], -1) for key in series], np.int64)
    return Panel(names[0], names[1], names[2], place, demand, known, clock).of(kept)


def _beside(rows: ProfileRows, of_feeder: NDArray[np.int64], inside: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """What each feeder's day has at medium voltage, and what it loses, kW: (feeder days, slots)."""
    row_of = {(rows.group[at], rows.day[at]): row for row, at in enumerate(of_feeder)}
    at_medium, losses = rows.net_kw[of_feeder].copy(), rows.loss_kw[of_feeder].copy()
    under = np.flatnonzero(inside & ~rows.is_feeder & (rows.feeder == rows.group))
    into = np.array([row_of.get((rows.group[at], rows.day[at]), -1) for at in under], np.int64)
    hit = into >= 0
    np.subtract.at(at_medium, into[hit], rows.net_kw[under[hit]])
    np.add.at(losses, into[hit], rows.loss_kw[under[hit]])
    at_medium[np.abs(at_medium) < 1e-6] = 0.0  # whole watt-hours differ by 1e-3 kW or more
    return at_medium, losses


def weather_of(rows: pa.Table) -> Weather:
    """Weather from rows of `jobs.models.demand.profile_days.weather_rows`."""
    names = tuple(sorted(set(rows["place_id"].to_pylist())))
    number = {name: place for place, name in enumerate(names)}
    place = np.array([number[name] for name in rows["place_id"].to_pylist()], np.int64)
    hour, known = (rows[name].to_numpy().astype(np.int64) for name in ("hour", "known_minute"))
    value = np.stack(
        [np.asarray(rows[name].cast(pa.float32()).to_numpy(zero_copy_only=False), np.float32) for name in VARIABLES], 1
    )
    forecast = np.asarray(rows["forecast"].to_numpy(zero_copy_only=False), np.bool_)
    parts = [
        WeatherRows.sorted(place[which], hour[which], known[which], value[which].reshape(-1, len(VARIABLES)))
        for which in (~forecast, forecast)
    ]
    return Weather(names, parts[0], parts[1])
