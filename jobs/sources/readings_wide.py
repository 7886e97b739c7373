"""Wide files: a row is one day of one register, its values side by side."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from jobs.sources.delivery import Delivery, Flags, Longs, Rejects, UnreadableError
from jobs.sources.instants import day_starts
from jobs.sources.records import CODES, as_json, header, numbers, record_batches
from jobs.sources.runs import MINUTE_US, Coded, Runs
from jobs.sources.versions import record_versions


def read_wide(delivery: Delivery, rejects: Rejects, *, lenient: bool) -> Iterator[Runs]:
    """A run for each row, as long as the row's day in the source's zone; blanks at a short day's end are no reads.

    Raises
    ------
    UnreadableError
        See ``record_batches``; or the declared columns of values do not stand in the file.
    """
    source = delivery.source
    readings = source.readings
    assert readings is not None
    assert readings.time is not None
    assert readings.values is not None
    assert readings.interval_minutes is not None
    value_names = _value_columns(header(delivery), *readings.values)
    few = (
        readings.meter,
        readings.time,
        readings.register_column,
        readings.unit,
        readings.quality,
        source.version.column,
    )
    types = {name: CODES for name in few if name} | dict.fromkeys(value_names, pa.float64())
    step_us = readings.interval_minutes * MINUTE_US
    for batch, lines in record_batches(delivery, types, rejects, lenient=lenient, reads=len(value_names)):
        value, bad_value = _matrix(batch, value_names, source.text.decimal)
        rejects.delivered += int((~np.isnan(value)).sum() + bad_value.sum())
        days = batch[readings.time]
        start, end, bad_day = day_starts(days, source.time.zone, source.time.format)
        version, bad_version = record_versions(batch, delivery)
        # A day that fits no whole number of intervals holds none that could be kept.
        slots = np.where((end - start) % step_us == 0, (end - start) // step_us, 0)
        beyond = ~np.isnan(value[:, slots.min(initial=len(value_names)) :]).all()
        too_many = _values_beyond(value, slots) if beyond else np.zeros(len(lines), bool)
        rows_bad = np.select([bad_day, bad_version, too_many], ["B04", "B11", "B10"], "")
        _reject_rows(batch, lines, rows_bad, value, bad_value, rejects, slots, readings.time)
        kept = np.flatnonzero(rows_bad == "")
        whole = len(kept) == len(lines) and (slots == len(value_names)).all()
        length = np.minimum(slots[kept], len(value_names))
        flat = value.ravel() if whole else value[kept][np.arange(len(value_names)) < length[:, None]]
        quality = Coded.of(batch[readings.quality]).take(kept) if readings.quality else None
        yield Runs(
            meter=Coded.of(batch[readings.meter]).take(kept),
            register=_register(batch, readings.register_column).take(kept),
            unit=Coded.of(batch[readings.unit]).take(kept) if readings.unit else None,
            minutes=np.full(len(kept), readings.interval_minutes, np.int32),
            start_us=start[kept],
            first_line=lines[kept],
            last_line=lines[kept],
            version=version[kept],
            offsets=np.concatenate([[0], np.cumsum(length)]),
            value=flat,
            quality=None if quality is None else quality.take(np.repeat(np.arange(len(kept)), length)),
        )


def _value_columns(names: list[str], first: str, last: str) -> list[str]:
    if first not in names or last not in names or names.index(first) > names.index(last):
        raise UnreadableError(f"values from '{first}' to '{last}' are needed; the header has {len(names)} columns")
    return names[names.index(first) : names.index(last) + 1]


def _matrix(batch: pa.RecordBatch, names: list[str], decimal: str) -> tuple[np.ndarray, Flags]:
    """Values by row, and rows with a cell that is no number (NaN there)."""
    value = np.empty((batch.num_rows, len(names)))
    bad = np.zeros((batch.num_rows, len(names)), bool)
    for slot, name in enumerate(names):
        value[:, slot], bad[:, slot] = numbers(batch[name], decimal)
    return value, bad


def _register(batch: pa.RecordBatch, column: str | None) -> Coded:
    return Coded.of(batch[column]) if column else Coded.same("", batch.num_rows)


def _values_beyond(value: np.ndarray, slots: Longs) -> Flags:
    flags: Flags = (~np.isnan(value) & (np.arange(value.shape[1]) >= slots[:, None])).any(axis=1)
    return flags


def _reject_rows(
    batch: pa.RecordBatch,
    lines: Longs,
    rule: np.ndarray,
    value: np.ndarray,
    bad_value: np.ndarray,
    rejects: Rejects,
    slots: Longs,
    day: str,
) -> None:
    """Rows that cannot be kept, with all their reads; of kept rows the cells that are no numbers."""
    reads = (~np.isnan(value)).sum(axis=1) + bad_value.sum(axis=1)
    reasons = {
        "B04": f"column '{day}' holds no day that can be parsed",
        "B11": "the version cannot be parsed",
        "B10": "there are values beyond the day's last interval",
    }
    for name, reason in reasons.items():
        rows = np.flatnonzero(rule == name)
        if len(rows):
            rejects.add(name, lines[rows], reason, as_json(batch, rows), reads[rows])
    cells = bad_value.sum(axis=1) * (rule == "")
    rows = np.flatnonzero(cells)
    if len(rows):
        first = np.array(batch.schema.names)[batch.num_columns - value.shape[1] + bad_value[rows].argmax(axis=1)]
        reason = pa.array(
            [f"{count} value(s) are no numbers, first '{name}'" for count, name in zip(cells[rows], first, strict=True)]
        )
        rejects.add("B03", lines[rows], reason, as_json(batch, rows), cells[rows])
