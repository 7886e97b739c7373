"""Long files: a row is one reading; readings that follow one another become one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.sources.declaration import Readings, Source
from jobs.sources.delivery import Delivery, Flags, Longs, Rejects
from jobs.sources.instants import DAY_US, Instants, parse_instants
from jobs.sources.records import CODES, as_json, numbers, record_batches
from jobs.sources.repeated_hour import RepeatedHour
from jobs.sources.runs import MINUTE_US, Coded, Runs
from jobs.sources.versions import record_versions

_CHUNK_ROWS = 1 << 21  # packed together: bounds memory, whatever the length of the file


class _Order(NamedTuple):
    """Rows in order of their runs, and where each run begins."""

    rows: Longs
    begins: Longs


def read_long(delivery: Delivery, rejects: Rejects, *, lenient: bool, only: str | None = None) -> Iterator[Runs]:
    """Runs of readings that follow one another within a grid day, by meter, register, unit and version.

    A reading delivered twice begins a second run, so that nothing is lost. Bad rows go to ``rejects``.

    Parameters
    ----------
    only
        Number of the one meter whose readings are wanted, each as a run of its own: for its line.
    """
    source = delivery.source
    readings = source.readings
    assert readings is not None
    assert readings.time is not None
    assert readings.value is not None
    few = [readings.meter, readings.time, readings.register_column, readings.unit, readings.quality]
    few += [source.version.column, source.time.summer_time_column]
    types = {name: CODES for name in few if name} | {readings.value: pa.float64()}
    hour = RepeatedHour()
    batches: list[pa.RecordBatch] = []
    lines: list[Longs] = []
    for batch, batch_lines in record_batches(delivery, types, rejects, lenient=lenient, reads=1):
        batches.append(batch)
        lines.append(batch_lines)
        if sum(map(len, lines)) >= _CHUNK_ROWS:
            yield _runs(_joined(batches), np.concatenate(lines), delivery, readings, hour, rejects, only)
            batches, lines = [], []
    if batches:
        yield _runs(_joined(batches), np.concatenate(lines), delivery, readings, hour, rejects, only)
    rejects.taken_as_first += hour.taken_as_first()


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """One batch, each of whose dictionaries says a text once."""
    table = pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
    return table.to_batches()[0] if table.num_rows else batches[0]


def _runs(
    batch: pa.RecordBatch,
    lines: Longs,
    delivery: Delivery,
    readings: Readings,
    hour: RepeatedHour,
    rejects: Rejects,
    only: str | None,
) -> Runs:
    assert readings.interval_minutes is not None
    assert readings.value is not None
    step_us = readings.interval_minutes * MINUTE_US
    value, bad_value = numbers(batch[readings.value], delivery.source.text.decimal)
    instants = _instants(batch, delivery.source, readings, hour)
    start_us = instants.utc_us - (step_us if delivery.source.time.label == "end" else 0)
    grid_us = start_us + delivery.grid_offset_us
    version, bad_version = record_versions(batch, delivery)
    delivered = ~np.isnan(value) | bad_value
    rejects.delivered += int(delivered.sum())
    good = _judge(
        batch,
        lines,
        delivered,
        {
            "B04": (
                instants.bad,
                f"column '{readings.time}' holds no time that the clock of {delivery.source.time.zone} shows",
            ),
            "B05": (
                grid_us % step_us != 0,
                f"column '{readings.time}' is off the grid of {readings.interval_minutes} min",
            ),
            "B11": (bad_version, f"column '{delivery.source.version.column}' holds no version"),
            "B03": (bad_value, f"column '{readings.value}' is not a number"),
        },
        rejects,
    )
    meter = Coded.of(batch[readings.meter])
    register = _coded(batch, readings.register_column) or Coded.same("", len(lines))
    unit, quality = _coded(batch, readings.unit), _coded(batch, readings.quality)
    if only is not None:
        good &= np.array([*(name == only for name in meter.names), False])[meter.code]
    kept = np.flatnonzero(good)
    if len(kept) < len(lines):
        meter, register = meter.take(kept), register.take(kept)
        unit, quality = unit and unit.take(kept), quality and quality.take(kept)
        lines, value, start_us, grid_us, version = (one[kept] for one in (lines, value, start_us, grid_us, version))
    owner = [coded.code.astype(np.int64) for coded in (meter, register, unit) if coded]
    order = _ordered([*owner, version], grid_us // step_us, DAY_US // step_us)
    if only is not None:
        order = order._replace(begins=np.arange(len(order.rows)))
    heads = order.rows[order.begins]
    line = lines[order.rows]
    return Runs(
        meter=meter.take(heads),
        register=register.take(heads),
        unit=unit and unit.take(heads),
        minutes=np.full(len(heads), readings.interval_minutes, np.int32),
        start_us=start_us[heads],
        first_line=np.minimum.reduceat(line, order.begins) if len(heads) else line,
        last_line=np.maximum.reduceat(line, order.begins) if len(heads) else line,
        version=version[heads],
        offsets=np.append(order.begins, len(line)),
        value=value[order.rows],
        quality=quality and quality.take(order.rows),
    )


def _instants(batch: pa.RecordBatch, source: Source, readings: Readings, hour: RepeatedHour) -> Instants:
    parsed = parse_instants(batch[readings.time], source.time.zone, source.time.format)
    if source.time.summer_time_column is not None:
        return hour.by_column(parsed, batch[source.time.summer_time_column])
    of_one = [readings.meter, readings.register_column, readings.unit, source.version.column, readings.time]
    return hour.by_order(parsed, [batch[name] for name in of_one if name])


def _coded(batch: pa.RecordBatch, column: str | None) -> Coded | None:
    return Coded.of(batch[column]) if column else None


def _judge(
    batch: pa.RecordBatch, lines: Longs, delivered: Flags, found: dict[str, tuple[Flags, str]], rejects: Rejects
) -> Flags:
    """Rows that break none of the rules; the others are rejected by the first rule they break."""
    good = np.ones(len(lines), bool)
    for rule, (bad, reason) in found.items():
        rows = np.flatnonzero(bad & good)
        if len(rows):
            rejects.add(rule, lines[rows], reason, as_json(batch, rows), delivered[rows].astype(np.int64))
            good[rows] = False
    return good


def _ordered(owner: list[Longs], slot: Longs, slots_per_day: int) -> _Order:
    """Rows by owner and slot, cut where owner or grid day changes or a slot is missing or comes again."""
    rows = len(slot)
    if rows == 0:
        return _Order(np.zeros(0, np.int64), np.zeros(0, np.int64))
    key = _one_number([*owner, slot - slot.min()])
    step = np.diff(key)
    order = np.arange(rows)
    if (step < 0).any():
        order = np.argsort(key, kind="stable")
        key = key[order]
        step = np.diff(key)
    if (step == 0).any():  # the n-th delivery of a slot goes to the n-th run
        first = np.concatenate([[True], step != 0])
        position = np.arange(rows)
        repeat = position - np.maximum.accumulate(np.where(first, position, 0))
        by_repeat = np.argsort(repeat, kind="stable")
        order, key = order[by_repeat], key[by_repeat]
        step = np.diff(key)
    day = slot[order] // slots_per_day
    begins = np.concatenate([[True], (step != 1) | (day[1:] != day[:-1])])
    return _Order(order, np.flatnonzero(begins))


def _one_number(parts: list[npt.NDArray[np.int64]]) -> Longs:
    """A number that orders rows as ``parts`` do, one after another; neighbours in the last part differ by one."""
    key = np.zeros(len(parts[0]), np.int64)
    for part in parts:
        low, high = int(part.min()), int(part.max())
        width = high - low + 2  # never adjacent to the next owner's first
        if int(key.max()) >= np.iinfo(np.int64).max // width - 1:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        if width > 1 << 40:  # versions are instants: rank them
            part, low, width = np.unique(part, return_inverse=True)[1].astype(np.int64), 0, len(part) + 1
        key = key * width + (part - low)
    return key
