"""Records that never came into bronze.interval_block, and name a meter of the usage point."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from jobs.errors import SourceError
from jobs.ingest import source_named
from jobs.settings import Settings
from jobs.sources.instants import parse_instants
from jobs.trace.ids import identity
from jobs.trace.lines import EPOCH
from jobs.trace.lookup import Lookup, Values, same
from jobs.trace.pieces import Day, covering_files
from jobs.trace.structure import Refused

BESIDE = timedelta(days=1)  # a wall clock's day is not the grid's


def refused_of(lookup: Lookup, settings: Settings, point: str, day: Day) -> list[Refused]:
    """Records in the day's files that name one of the usage point's meters, save those whose time is of another day."""
    files = {row["file_id"] for row in covering_files(lookup, day.date)}
    rows = lookup.rows("bronze.interval_block_rejected", [("file_id", "in", files)]) if files else []
    if not rows:
        return []
    stays = lookup.rows("silver.meter", same(usage_point_id=point), ["meter_id"])
    written = {identity(lookup, "meter_id", row["meter_id"]).source_id for row in stays}
    names = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in sorted(written)) or "(?!)")
    found = []
    for row in rows:
        record = row["record"] or _protected(lookup, row)
        if record is not None and names.search(record) and _may_be_of(settings, row["source"], record, day):
            found.append(
                Refused(
                    delivered=lookup.at(row["source"], row["file_id"], row["line"]),
                    rule_id=row["rule_id"],
                    reason=row["reason"],
                    reads=row["reads"],
                    record=record,
                )
            )
    return sorted(found, key=lambda one: (one.delivered.source, str(one.delivered.path), one.delivered.first_line))


def _protected(lookup: Lookup, row: Values) -> str | None:
    place = same(file_id=row["file_id"], source=row["source"], line=row["line"], rule_id=row["rule_id"])
    return next((one["record"] for one in lookup.rows("protected.rejected_record", place)), None)


def _may_be_of(settings: Settings, source: str, record: str, day: Day) -> bool:
    """False where the record says its time, and that lies on another day."""
    start = _start_of(settings, source, record)
    return start is None or day.start - BESIDE < start < day.end + BESIDE


def _start_of(settings: Settings, source: str, record: str) -> datetime | None:
    """The time that a record says; None where it says none that can be told."""
    try:
        facts: Any = json.loads(record)
        if not isinstance(facts, dict):
            return None
        if "start_utc" in facts:
            return datetime.fromisoformat(f"{facts['start_utc']}+00:00")
        declared = source_named(settings, source)
        if declared.readings is None or facts.get(declared.readings.time) is None:
            return None
        times = parse_instants(pa.array([str(facts[declared.readings.time])]), declared.time.zone, declared.time.format)
    except (ValueError, SourceError):
        return None
    return None if times.bad[0] else EPOCH + timedelta(microseconds=int(times.utc_us[0]))
