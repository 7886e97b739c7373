"""The trace of a usage point's day: from reads as received to rows of gold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from jobs.errors import GridlakeError
from jobs.gold.profile.sums import SUMMED_KINDS
from jobs.settings import Settings
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.network_models import ALWAYS
from jobs.silver.usage_point import KINDS
from jobs.trace.gold import gold_rows
from jobs.trace.ids import usage_point_of
from jobs.trace.judged import WAITING
from jobs.trace.lookup import AsOf, Lookup, is_valid, same
from jobs.trace.pieces import Day, meters_at
from jobs.trace.received import records_of
from jobs.trace.refused import refused_of
from jobs.trace.structure import Delivered, Row, UsagePointTrace
from jobs.trace.validated import channel_days


def trace_usage_point(
    lookup: Lookup, settings: Settings, written: str, grid_date: date, namespace: str | None = None
) -> UsagePointTrace:
    """All that is known of one usage point and grid day.

    Raises
    ------
    GridlakeError
        No usage point has that id, or nothing is known of the day: neither reads nor a place in a built day.
    """
    day = Day(grid_date, settings.grid_time.offset)
    point = usage_point_of(lookup, written, namespace, day.start)
    blocks = lookup.rows(INTERVAL_BLOCK.name, same(usage_point_id=point.id, grid_date=grid_date))
    records = records_of(lookup, settings, point.id, day)
    refused = refused_of(lookup, settings, point.id, day)
    if not blocks and not records and not refused:
        raise GridlakeError(_nothing_known(lookup, written, grid_date))
    place = _place(lookup, point.id, day)
    channels = channel_days(lookup, blocks, point.id, day)
    transformer = place.values["transformer_id"] if place else None
    went_into = gold_rows(lookup, settings, blocks, _units_at(lookup, transformer, day), day)
    meters, meters_now = meters_at(lookup, point.id, day)
    master_data = _master_data(lookup, point.id, day, meters)
    trace = UsagePointTrace(
        traced="usage_point",
        lake=lookup.reader.root,
        release=lookup.release,
        usage_point=point,
        grid_date=grid_date,
        start_utc=day.start,
        end_utc=day.end,
        zone=settings.grid_time.zone,
        master_data=master_data,
        place=place,
        records=records,
        refused=refused,
        channels=channels,
        went_into=went_into,
        made_by=lookup.made_by(grid_date),  # the last: of all tables met
        remarks=[],
    )
    corrected = _counted(meters, day) != _counted(meters_now, day)
    return replace(trace, remarks=list(_remarks(trace, corrected)))


def _place(lookup: Lookup, point: str, day: Day) -> Row | None:
    """Where the usage point hung at the day's start, with the model or link file that says so."""
    found = lookup.valid_at("silver.connectivity", day.start, usage_point_id=point)
    if found is None:
        return None
    row = lookup.row("silver.connectivity", found)
    if row.delivered_in:
        return row
    models = lookup.rows(
        "bronze.network_connection",
        same(connection_id=point, source=found["source"]),
        ["file_id", "source", "valid_from_utc"],
    )
    first = min((one["valid_from_utc"] for one in models), default=None)
    since = first if found["valid_from_utc"] == ALWAYS else found["valid_from_utc"]
    files = sorted({one["file_id"] for one in models if one["valid_from_utc"] == since})
    delivered: list[Delivered] = [lookup.at(found["source"], one) for one in files]
    return Row(table=row.table, version=row.version, values=row.values, delivered_in=delivered)


def _master_data(lookup: Lookup, point: str, day: Day, meters: AsOf) -> list[Row]:
    """Usage point and agreement valid at the day's start, and its meters."""
    found = []
    for name in ("silver.usage_point", "silver.customer_agreement"):
        row = lookup.valid_at(name, day.start, usage_point_id=point)
        if row is not None:
            found.append(lookup.row(name, row))
    return found + [lookup.row("silver.meter", row, meters.version) for row in meters.rows]


def _units_at(lookup: Lookup, transformer: str | None, day: Day) -> set[str]:
    if transformer is None:
        return set()
    stood = lookup.rows("silver.asset_deployment", same(transformer_id=transformer))
    return {row["asset_id"] for row in stood if is_valid(row, day.start)}


def _counted(meters: AsOf, day: Day) -> list[tuple[Any, ...]]:
    """Which meter counted from when to when on the day, times what."""
    return [
        (
            row["meter_id"],
            max(row["valid_from_utc"], day.start),
            min(row["valid_to_utc"] or day.end, day.end),
            row["multiplier"],
        )
        for row in meters.rows
    ]


def _remarks(trace: UsagePointTrace, corrected: bool) -> Iterator[str]:
    day = trace.grid_date
    build = f"`gridlake build --from {day} --to {day + timedelta(days=1)}`"
    reads = [(record, read) for record in trace.records for read in record.reads]
    waiting = [str(record.delivered.path) for record, read in reads if read.outcome == WAITING]
    if waiting:
        yield f"{len(waiting)} reads wait for {build}: no build that stands has met {', '.join(sorted(set(waiting)))}"
    if corrected:
        yield f"its meters are registered otherwise since the day was built: {build} makes it anew"
    if not trace.channels:
        yield "it has no block of that day: it was not connected with an interval meter, or no build has met it"
    if trace.channels and not trace.went_into:
        yield f"no row of gold rests on the day yet: {build} makes them"
    if any(read.line is None for _, read in reads):
        yield "a line is not told where the file no longer stands as it was read, or its source is no longer declared"
    if trace.refused:
        yield "a refused record names a meter of it; one whose time cannot be read may be of another day"
    kinds = {row.values["kind"] for row in trace.master_data if row.table == "silver.usage_point"}
    for kind in sorted(kinds - {*SUMMED_KINDS}):
        yield f"{KINDS[kind]}: the day is in no profile"
    provisional = sorted(one.table for one in trace.made_by if one.provisional)
    if provisional:
        yield f"the day is provisional in {', '.join(provisional)}: less was received than makes a day complete"


def _nothing_known(lookup: Lookup, written: str, grid_date: date) -> str:
    days = lookup.reader.days(INTERVAL_BLOCK)
    if not days:
        stand = "no day is built: `gridlake build` makes silver.interval_block of what was ingested"
    elif grid_date in days:
        stand = "the day is built, but it was not connected with an interval meter then"
    else:
        stand = f"{len(days)} days are built, {days[0]} to {days[-1]}"
    return (
        f"'{written}' on {grid_date}: no read of a meter of it was received, and it has no place in that day; {stand}"
    )
