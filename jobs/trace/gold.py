"""Rows of gold that rest on a usage point's day, or on a unit; found by the tables' keys and by what their jobs read.

A table whose job reads the day's blocks, be it by way of others, holds such rows: those whose key has the day, or a
period that the day touches, and the usage point, transformer, feeder or area of that day. So a new table of gold is in
the traces from its declaration on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.sums import SUMMED_KINDS, blocks_of
from jobs.lake.arrow import Condition, arrow_schema
from jobs.plan import needed_for
from jobs.registry import all_jobs, all_tables
from jobs.settings import Settings
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.span import Span
from jobs.trace.lookup import Lookup, Values
from jobs.trace.pieces import Day
from jobs.trace.structure import GoldRow
from kernels.load_profile import add_blocks, profiles, sums_of_no_blocks

THINGS = ("usage_point_id", "transformer_id", "feeder_id", "area_id", "asset_id")
"""Whose row it is: the first of these that a table has."""
SUMMED = (
    "delivered_wh", "received_wh", "estimated_wh", "reactive_varh", "resampled_delivered_wh", "resampled_received_wh",
    "meters_seen", "meters_estimated", "meters_expected",
)  # fmt: skip
"""Columns of profiles that are sums over usage points."""


def gold_rows(
    lookup: Lookup, settings: Settings, blocks: list[Values], assets: Collection[str], day: Day
) -> list[GoldRow]:
    """Rows of gold that rest on the blocks of one usage point and day.

    Parameters
    ----------
    assets
        Units that stood at the usage point's transformer on the day.
    """
    if not blocks:
        return []
    known: dict[str, Collection[Any]] = {
        name: {block[name] for block in blocks} for name in (*THINGS[:-1], "channel", "customer_class", "grid_date")
    }
    known |= {"asset_id": assets, "period_start": _periods(settings, day)}
    own = _contribution(settings, blocks)
    found = []
    for name in sorted(_resting_on(INTERVAL_BLOCK.name)):
        sums = own if set(SUMMED) <= set(all_tables()[name].column_names) else None
        found += rows_of(lookup, name, known, sums)
    return found


def rows_of(
    lookup: Lookup, name: str, known: Mapping[str, Collection[Any]], contribution: Values | None = None
) -> list[GoldRow]:
    """Rows of a table about what is known: ids, days, periods and the like by name of column; a null is no id."""
    table = all_tables()[name]
    thing = next((one for one in THINGS if one in table.column_names and one in known), None)
    if thing is None:
        return []
    where: list[Condition] = []
    for column in sorted({thing, *table.key} & known.keys()):
        values = {value for value in known[column] if value is not None}
        if not values:
            return []
        where.append((column, "in", values))
    rows = sorted(lookup.rows(name, where), key=lambda row: [str(row[one]) for one in table.key])
    return [
        GoldRow(
            table=name,
            version=lookup.version(name),
            key={one: row[one] for one in table.key},
            values={one: value for one, value in row.items() if one not in table.key},
            contribution=contribution,
        )
        for row in rows
    ]


def _resting_on(name: str) -> Iterable[str]:
    return [one for one in all_jobs() if one.startswith("gold.") and name in needed_for([one], all_jobs())]


def _periods(settings: Settings, day: Day) -> set[Any]:
    """The day, and first days of the local months and years that its intervals lie in or that its date names."""
    near = Span(day.date - timedelta(days=1), day.date + timedelta(days=2))
    clock, minutes = settings.grid_time, settings.profile.interval_minutes
    periods = LocalPeriods(tuple(near.months), tuple(near.years), clock.offset, clock.zone, minutes)
    number = np.array([np.datetime64(day.date, "D").astype(np.int64)])
    touched = {day.date}
    for kind in ("month", "year"):
        places = {*periods.of_intervals(kind, number).ravel().tolist(), *periods.of_days(kind, number).tolist()}
        touched |= {periods.starts(kind)[place] for place in places if place >= 0}
    return touched


def _contribution(settings: Settings, blocks: list[Values]) -> Values | None:
    """What the blocks add to each column of `SUMMED`, by the kernel that makes profiles; None where they enter none."""
    summed = [block for block in blocks if block["kind"] in SUMMED_KINDS]
    if not summed:
        return None
    minutes = settings.profile.interval_minutes
    sums = sums_of_no_blocks(1, profile_minutes=minutes)
    batch = pa.RecordBatch.from_pylist(summed, schema=arrow_schema(INTERVAL_BLOCK))
    add_blocks(sums, np.zeros(len(summed), np.int32), blocks_of(batch), profile_minutes=minutes)
    made = profiles(sums, profile_minutes=minutes, power_factor=settings.profile.power_factor)
    return {name: getattr(made, name)[0].tolist() for name in SUMMED}
