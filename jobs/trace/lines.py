"""On which line of its file each value of a record stands.

Most records are one line. A record of a long file is a run of readings whose lines may lie anywhere between its first
and its last: the file, where it still stands as it was read, is read again by its own reader.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from jobs.errors import SourceError
from jobs.intake.file_plan import content_hash
from jobs.intake.ingest import source_named
from jobs.settings import Settings
from jobs.sources.declaration import Source
from jobs.sources.delivery import Delivery, Rejects, UnreadableError
from jobs.sources.readings_long import read_long

Values = dict[str, Any]
Lines = dict[tuple[str, int, int], list[int]]  # register, version and start in microseconds -> lines, ascending
ONE_LINE = ("wide", "nem12")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def lines_of(settings: Settings, records: list[Values], file: Values, meter: str) -> list[list[int | None]]:
    """Of each record of one file and meter the line of each value; None where that cannot be known any more.

    Parameters
    ----------
    records
        Rows of bronze.interval_block.
    file
        The file's row of bronze.file.
    meter
        The meter's number as the source writes it.
    """
    runs = [row for row in records if row["last_line"] > row["first_line"] and len(row["value"]) > 1]
    source = _declared(settings, records[0]["source"]) if runs else None
    found: Lines = {}
    if source is not None and source.format == "long":
        found = _lines_of_meter(settings, source, file, meter)
    elif source is not None and source.format in ONE_LINE:
        runs = []
    told = {id(row): [row["first_line"]] * len(row["value"]) for row in records}
    for row in sorted(runs, key=lambda row: row["first_line"]):
        told[id(row)] = [_next(found, row, number) for number in range(len(row["value"]))]
    return [told[id(row)] for row in records]


def microseconds(instant: datetime) -> int:
    """An instant as files' readers count it, since 1970."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def _next(found: Lines, row: Values, number: int) -> int | None:
    """The next line of that reading: the n-th delivery of an interval stands in the n-th run."""
    start = microseconds(row["start_utc"]) + number * row["interval_minutes"] * 60_000_000
    lines = found.get((row["register"], row["version"], start), [])
    within = [one for one in lines if row["first_line"] <= one <= row["last_line"]]
    if not within:
        return None
    lines.remove(within[0])
    return within[0]


def _lines_of_meter(settings: Settings, source: Source, file: Values, meter: str) -> Lines:
    path = Path(file["kept_path"])
    try:
        if not path.is_file() or content_hash(source, path)[0] != file["file_id"]:
            return {}
        offset_us = settings.grid_time.offset // timedelta(microseconds=1)
        arrived_us = microseconds(file["arrived_utc"])
        return _read(Delivery(source, str(path), file["file_id"], arrived_us, offset_us), meter)
    except (OSError, UnreadableError):
        return {}


def _read(delivery: Delivery, meter: str) -> Lines:
    for lenient in (False, True):
        found: Lines = defaultdict(list)
        try:
            for runs in read_long(delivery, Rejects(), lenient=lenient, only=meter):
                registers = runs.register.array().fill_null("").to_pylist()
                each = zip(
                    registers, runs.version.tolist(), runs.start_us.tolist(), runs.first_line.tolist(), strict=True
                )
                for register, version, start_us, line in each:
                    found[register, version, start_us].append(line)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            continue
        return {reading: sorted(lines) for reading, lines in found.items()}
    return {}


def _declared(settings: Settings, name: str) -> Source | None:
    """The source as the configuration declares it; None where it does not (any more)."""
    try:
        return source_named(settings, name)
    except SourceError:
        return None
