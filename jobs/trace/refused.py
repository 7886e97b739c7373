"""Records that never came into bronze.interval_block, and name a meter of the usage point."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from jobs.errors import SourceError
from jobs.intake.ingest import source_named
from jobs.settings import Settings
from jobs.sources.instants import day_starts, parse_instants
from jobs.trace.ids import identity
from jobs.trace.lines import EPOCH
from jobs.trace.lookup import Lookup, Values, same
from jobs.trace.pieces import Day, covering_files
from jobs.trace.structure import Refused


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
    span = _span_of(settings, source, record)
    return span is None or (span[0] < day.end and day.start < span[1])


def _span_of(settings: Settings, source: str, record: str) -> tuple[datetime, datetime] | None:
    """The time that a record says, until its end; None where it says none that can be told."""
    try:
        facts: Any = json.loads(record)
        if not isinstance(facts, dict):
            return None
        if "start_utc" in facts:
            start = datetime.fromisoformat(f"{facts['start_utc']}+00:00")
            return start, start + len(facts["values"]) * timedelta(minutes=facts["minutes"])
        declared = source_named(settings, source)
        how = declared.readings
        if how is None or how.interval_minutes is None or facts.get(how.time) is None:
            return None
        written = pa.array([str(facts[how.time])])
        if declared.format == "wide":
            first, end, bad = day_starts(written, declared.time.zone, declared.time.format)
            return None if bad[0] else (_instant(first[0]), _instant(end[0]))
        times = parse_instants(written, declared.time.zone, declared.time.format)
    except (ValueError, SourceError):
        return None
    step = timedelta(minutes=how.interval_minutes)
    start = _instant(times.utc_us[0]) - (step if declared.time.label == "end" else timedelta(0))
    return None if times.bad[0] else (start, start + step)


def _instant(microseconds: Any) -> datetime:
    return EPOCH + timedelta(microseconds=int(microseconds))
