"""The edge between rows of usage points without interval meters and the kernels that shape their energy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.batches import Array, lists, numbers
from jobs.settings import GridTime
from jobs.silver.blocks_of import EPOCH
from jobs.silver.local_clock import QUARTERS, local_minutes, local_quarters
from jobs.silver.shaping_settings import ShapingSettings
from jobs.span import Span
from kernels.daylight import dark_share, sunrise_sunset
from kernels.standard_profile import Segments, added_up, day_of_year_factor, spread

SUNSET_TO_SUNRISE = "sunset_to_sunrise"
"""In place of a standard profile: burns while the sun is down."""
ORDERED = (("summer", "transition", "winter"), ("saturday", "sunday", "workday"))
"""Seasons and day types in the order in which a profile's powers come: that of their names."""
_TYPE_AT = np.array([2, 0, 1])  # place among ORDERED of workday, saturday, sunday
_WH_OF_1000_KWH = 1e6
_A_ROW = 1 << 40  # more than any number of slots


@dataclass(frozen=True)
class ShapeDays:
    """The grid days that weights are needed of: those of the span, their years, and as far as two reads lie apart.

    Parameters
    ----------
    cell : (days, 96). Place of each quarter-hour among a profile's powers: season, day type, quarter of the clock.
    factor : (days, 96). By which a dynamic profile follows the day of the year.
    """

    first: date
    cell: NDArray[np.int16]
    factor: NDArray[np.float64]
    offset_minutes: int

    @classmethod
    def of(cls, span: Span, time: GridTime, shaping: ShapingSettings) -> ShapeDays:
        reach = timedelta(days=shaping.longest_register_days)
        first = min(date(span.first.year, 1, 1), span.first - reach)
        end = max(date(span.end.year + 1, 1, 1), span.end + reach)
        days = Span(first, end)
        of_type, quarter = np.divmod(local_quarters(days, time), QUARTERS)
        local_day = local_minutes(days, time) // 1440
        known, place = np.unique(local_day, return_inverse=True)
        dates = [EPOCH + timedelta(int(day)) for day in known]
        season = np.array([ORDERED[0].index(shaping.season(day)) for day in dates])[place].reshape(quarter.shape)
        of_year = np.array([day.timetuple().tm_yday for day in dates])
        return cls(
            first=first,
            cell=((season * 3 + _TYPE_AT[of_type]) * QUARTERS + quarter).astype(np.int16),
            factor=day_of_year_factor(of_year)[place].reshape(quarter.shape),
            offset_minutes=time.offset // timedelta(minutes=1),
        )

    def weights(self, power_w: Array, *, dynamic: bool) -> NDArray[np.float64]:
        """Wh of each quarter-hour of all the days, at 1,000 kWh a year."""
        weights: NDArray[np.float64] = (power_w[self.cell] * (self.factor if dynamic else 1.0)).reshape(-1) / 4
        return weights

    def slot(self, day: Array) -> Array:
        """First quarter-hour of days since 1970, counted from the first day here."""
        return (day - (self.first - EPOCH).days) * QUARTERS

    def year(self, day: Array) -> tuple[Array, Array]:
        """First quarter-hour of the years of these days, and of those after."""
        years = day.astype("datetime64[D]").astype("datetime64[Y]")
        return (
            self.slot(years.astype("datetime64[D]").astype(np.int64)),
            self.slot((years + 1).astype("datetime64[D]").astype(np.int64)),
        )


def shaped_batches(
    batches: Iterable[pa.RecordBatch], *, days: ShapeDays, shaping: ShapingSettings, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Rows of ``jobs.silver.profiled_block`` as its blocks; those with a ``_rule`` without a reading."""
    for batch in batches:
        if batch.num_rows:
            yield _shaped(batch, days, shaping, schema)


def _shaped(batch: pa.RecordBatch, days: ShapeDays, shaping: ShapingSettings, schema: pa.Schema) -> pa.RecordBatch:
    by_sun = numbers(batch["_by_sun"], bool)
    refused = np.asarray(batch["_rule"].is_valid())
    reading = np.zeros((batch.num_rows, QUARTERS), np.int64)
    share = np.zeros(batch.num_rows)
    lit = np.flatnonzero(by_sun & ~refused)
    reading[lit] = _burning(batch.take(pa.array(lit)), days, shaping)
    rule = batch["_rule"].to_numpy(zero_copy_only=False).astype(object)
    customer = np.flatnonzero(~by_sun & ~refused)
    if len(customer):
        reading[customer], share[customer], unknown = _by_profile(batch.take(pa.array(customer)), days, shaping)
        rule[customer[unknown]] = "no_energy"
    made = {
        "interval_minutes": pa.array(np.full(batch.num_rows, 1440 // QUARTERS, np.int32)),
        "reading": lists(reading.reshape(-1), np.arange(batch.num_rows + 1) * QUARTERS, pa.int32()),
        "energy_wh": pa.array(reading.sum(axis=1)),
        "register_share": pa.array(share),
        "_rule": pa.array(rule, pa.string()),
    }
    columns = [made[field.name] if field.name in made else batch[field.name] for field in schema]
    return pa.RecordBatch.from_arrays(
        [column.cast(field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _burning(rows: pa.RecordBatch, days: ShapeDays, shaping: ShapingSettings) -> Array:
    """Wh of lamps that burn while the sun is down, where they stand: (rows, 96)."""
    x, y = (numbers(rows[name].fill_null(np.nan), np.float64) for name in ("x", "y"))
    placed = (np.abs(x) <= 180) & (np.abs(y) <= 90)  # else they are no degrees
    rise_set = sunrise_sunset(
        numbers(rows["grid_date"].cast(pa.int32()), np.int64),
        np.where(placed, y, shaping.latitude),
        np.where(placed, x, shaping.longitude),
        offset_minutes=days.offset_minutes,
    )
    power_w = numbers(rows["installed_w"], np.float64)
    wh = dark_share(rise_set, interval_minutes=1440 // QUARTERS) * power_w[:, None] * (24 / QUARTERS)
    upto = np.rint(np.concatenate([np.zeros((len(wh), 1)), np.cumsum(wh, axis=1)], axis=1)).astype(np.int64)
    return np.diff(upto, axis=1)


def _by_profile(rows: pa.RecordBatch, days: ShapeDays, shaping: ShapingSettings) -> tuple[Array, Array, Array]:
    """Wh of each quarter-hour, the share of them between two reads, and whether some have no energy to share."""
    coded = rows["profile_id"].dictionary_encode()
    profile = numbers(coded.indices, np.int64)
    _, at = np.unique(profile, return_index=True)
    names = coded.dictionary.to_pylist()
    weights = rows["_weights"]
    cumulative = added_up(
        np.stack(
            [
                days.weights(np.array(weights[int(row)].as_py()), dynamic=name in shaping.dynamic)
                for name, row in zip(names, at, strict=True)
            ]
        )
    )
    day = numbers(rows["grid_date"].cast(pa.int32()), np.int64)
    start = days.slot(day)
    windows = rows["_windows"]
    of_row = np.repeat(np.arange(len(day)), np.diff(windows.offsets.to_numpy()))
    struct = windows.flatten()
    base = (days.first - EPOCH).days * QUARTERS
    low, high = (numbers(struct.field(name), np.int64) - base for name in ("from", "to"))
    wh = numbers(struct.field("wh"), np.int64)

    # Within each day: what windows cover, in turn, and between them what only a yearly estimate tells.
    first, end = np.maximum(low, start[of_row]), np.minimum(high, start[of_row] + QUARTERS)
    touching = first < end
    of_row, low, high, wh, first, end = (one[touching] for one in (of_row, low, high, wh, first, end))
    reached = np.maximum.accumulate(end + of_row * _A_ROW) - of_row * _A_ROW  # by the windows of a row so far
    after = np.where(np.append(-1, of_row[:-1]) == of_row, np.append(0, reached[:-1]), start[of_row])
    first, end = np.maximum(first, after), reached  # where two meters overlap, the earlier one keeps what it has
    last = start.copy()
    np.maximum.at(last, of_row, end)

    annual_known = np.asarray(rows["annual_energy_wh"].is_valid())
    annual = numbers(rows["annual_energy_wh"].fill_null(0), np.int64)
    year_first, year_end = days.year(day)
    year_wh = np.rint(annual * (cumulative[profile, year_end] - cumulative[profile, year_first]) / _WH_OF_1000_KWH)
    every = np.arange(len(day))
    owner = np.concatenate([of_row, of_row, every])
    runs = {
        "first": np.concatenate([after, first, last]),
        "end": np.concatenate([np.minimum(first, end), end, start + QUARTERS]),
        "known_first": np.concatenate([year_first[of_row], low, year_first]),
        "known_end": np.concatenate([year_end[of_row], high, year_end]),
        "energy_wh": np.concatenate([year_wh[of_row], wh, year_wh]).astype(np.int64),
    }
    by_register = np.repeat([False, True, False], [len(of_row), len(of_row), len(day)])
    order = np.lexsort((runs["first"], owner))
    order = order[(runs["end"] > runs["first"])[order]]
    owner, by_register = owner[order], by_register[order]
    segments = Segments(profile=profile[owner], **{name: values[order] for name, values in runs.items()})
    slots = segments.end - segments.first
    measured = np.bincount(owner, np.where(by_register, slots, 0), len(day))
    unknown = ~annual_known & (measured < QUARTERS)
    return spread(cumulative, segments).reshape(-1, QUARTERS), measured / QUARTERS, unknown
