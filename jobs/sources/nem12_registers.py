"""Register reads of NEM12 files: the 500 records, which hold what a meter's register showed when it was visited.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5, section 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from jobs.errors import SourceError
from jobs.sources.delivery import Delivery, Identities, Longs, Rejects
from jobs.sources.entity import entity_schema
from jobs.sources.instants import parse_instants
from jobs.sources.nem12 import Streams, streams_of
from jobs.sources.nem12_lines import Lines, nem12_lines
from jobs.sources.records import numbers, texts
from jobs.sources.runs import register_of
from jobs.sources.units import conversion

_FIELDS = 5  # RecordIndicator, TransCode, RetServiceOrder, ReadDateTime, IndexRead
_WHEN, _SHOWN = 3, 4
_REASONS = {
    "B01": "a 500 record of five fields is needed",
    "B02": "the meter's number is empty",
    "B03": "IndexRead is no number of zero or more",
    "B04": "ReadDateTime is no time CCYYMMDDhhmmss",
    "B06": "the 200 record's register is not declared in the source's registers",
    "B07": "the 200 record's unit is unknown, or does not measure what its register is declared to",
    "B12": "a 500 record before any 200 record",
}


def read_registers(delivery: Delivery, identities: Identities, rejects: Rejects) -> pa.Table:
    """Rows of bronze.register_read: each 500 record that has a time and a read, of the 200 record before it.

    A read is known when it was taken, plus the source's lag; where none is declared, when the file arrived. Where
    versions go by update time, its version is the time of the file's 100 record, for it has none of its own.
    """
    found = [entity_schema("register_read").empty_table()]
    version, before = delivery.file_version(), None
    for lines in nem12_lines(delivery):
        if lines.kind[0] == 100 and delivery.source.version.by == "update_time":
            version = _written_us(lines, delivery)
        streams = streams_of(lines, delivery, before)
        rows = np.flatnonzero(lines.kind == 500)
        if len(rows):
            found.append(_reads(lines, rows, streams, version, delivery, identities, rejects))
        before = streams.last() if streams is not None else None
    return pa.concat_tables(found)


def _written_us(lines: Lines, delivery: Delivery) -> int:
    """When the file was written, by its 100 record; its arrival where that does not say it."""
    header = [*lines.texts(np.array([0]))[0].as_py().split(","), ""]
    written = parse_instants(pa.array(header[2:3]), delivery.source.time.zone, "%Y%m%d%H%M")
    return delivery.arrived_us if written.bad[0] else int(written.utc_us[0])


def _reads(
    lines: Lines,
    rows: Longs,
    streams: Streams | None,
    version: int,
    delivery: Delivery,
    identities: Identities,
    rejects: Rejects,
) -> pa.Table:
    """One row a record, in Python: meters are visited a few times a year."""
    source, lag = delivery.source, delivery.source.lag
    records = [line.split(",") for line in lines.texts(rows).to_pylist()]
    when, shown = (texts(pa.array([[*one, *[""] * _FIELDS][at] for one in records])) for at in (_WHEN, _SHOWN))
    taken, (value, no_number) = parse_instants(when, source.time.zone, "%Y%m%d%H%M%S"), numbers(shown)
    owner = (
        np.full(len(rows), -1) if streams is None else np.searchsorted(streams.line, lines.number[rows], "right") - 1
    )
    found: list[dict[str, Any]] = []
    broken: dict[str, list[int]] = {rule: [] for rule in _REASONS}
    for number, record in enumerate(records):
        meter, suffix, unit = ("", "", "") if streams is None or owner[number] < 0 else streams.named(owner[number])
        register = register_of(suffix, source)
        factor = None if register is None else _factor(register.unit or unit, register.channel)
        faults = {
            "B01": len(record) != _FIELDS,
            "B12": owner[number] < 0,
            "B02": not meter,
            "B06": register is None,
            "B07": factor is None,
            "B03": bool(no_number[number]) or value[number] < 0,
            "B04": bool(taken.bad[number]) and when[number].is_valid,
        }
        fault = next((rule for rule, holds in faults.items() if holds), None)
        if fault is not None:
            broken[fault].append(number)
        elif register is not None and factor is not None and when[number].is_valid and shown[number].is_valid:
            read_at = int(taken.utc_us[number])
            found.append(
                {
                    "channel": register.channel,
                    "meter_id": identities.hashed("meter_id", source.namespaces["meter_id"], meter),
                    "read_at_utc": read_at,
                    "register_wh": round(value[number] * factor),
                    "file_id": delivery.file_id,
                    "first_line": int(lines.number[rows[number]]),
                    "version": version,
                    "known_from_utc": delivery.arrived_us
                    if lag is None
                    else read_at + round(lag.total_seconds() * 1e6),
                    "known_from_basis": "arrival" if lag is None else "lag",
                    "source": source.name,
                    "synthetic": source.synthetic,
                }
            )
    for rule, bad in broken.items():
        at = rows[np.array(bad, np.int64)]
        rejects.add(rule, lines.number[at], _REASONS[rule], lines.texts(at), 0)
    return pa.Table.from_pylist(found, schema=entity_schema("register_read"))


def _factor(unit: str, channel: str) -> float | None:
    """Wh or varh per unit of a register; None where the unit does not measure the channel."""
    try:
        return conversion(unit, "varh" if channel.startswith("reactive") else "Wh")[0]
    except SourceError:
        return None
