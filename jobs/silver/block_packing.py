"""From the sorted pieces of a partition to received blocks and rejections: the edge of ``kernels.block_pack``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.batches import Array, from_bytes, group_starts, lists, numbers, whole_groups
from jobs.rule import Rule, RuleSet
from kernels.block_pack import OUTCOMES, Packed, pack

KEYS = ("grid_date", "usage_point_id", "channel")
RULES = RuleSet(
    "What a read is refused for",
    Rule("R11", "conflict", "reads of one interval and version disagree; one value a version is needed"),
    Rule("R12", "overflow", "the value does not fit 32 bits once in whole units"),
    Rule("R14", "unknown_meter", "no usage point is known for the meter at the interval's start; replayed once it is"),
    Rule(
        "R15",
        "interval_not_dividing_day",
        "intervals that divide the day and start on multiples of their length are needed",
    ),
    Rule("R16", "not_connected", "the usage point stood nowhere in the network at the start of the grid day"),
    Rule("R17", "not_interval_metered", "the usage point has no interval meter that day"),
    Rule("R18", "channel_not_declared", "the usage point is unknown that day, or does not declare the channel"),
    Rule("R19", "no_customer_class", "no customer agreement says the class at the start of the grid day"),
)


def packed_batches(
    batches: Iterable[pa.RecordBatch], *, schema: pa.Schema, interval_minutes: int
) -> Iterator[pa.RecordBatch]:
    """Rows of ``schema``: blocks of usage points and channels expected, and what was rejected.

    The batches hold pieces and, before those of its key, a day row for each channel that is expected
    (``_day_row``); rows of one of `KEYS` lie together.
    """
    for rows in whole_groups(batches, KEYS):
        start = group_starts(rows, KEYS)
        expected = numbers(rows["_day_row"], bool)[start[:-1]]
        rule, ruled = _refusals(rows, start, expected)
        packed = _packed(rows, start, ruled, interval_minutes)
        kept = expected & ~ruled[start[:-1]]
        if kept.any():
            yield _blocks(rows, start, packed, kept, schema)
        rejected = _rejections(rows, packed, rule, expected, start, schema)
        if rejected.num_rows:
            yield rejected


def _refusals(rows: pa.RecordBatch, start: Array, expected: Array) -> tuple[Any, Array]:
    """The rule that refuses each row as a whole: its own, its day row's, or that there is no day row."""
    key = np.repeat(np.arange(len(start) - 1), np.diff(start))
    of_day = pc.if_else(pa.array(expected[key]), rows["_rule"].take(start[:-1][key]), "channel_not_declared")
    rule = pc.coalesce(rows["_rule"], of_day)
    return rule, numbers(rule.is_valid(), bool)


def _packed(rows: pa.RecordBatch, start: Array, ruled: Array, interval_minutes: int) -> Packed:
    value, offset = from_bytes(rows["_value"], np.float64)
    estimated, estimated_offset = from_bytes(rows["_source_estimated"], np.uint8)
    return pack(
        value=value,
        offset=offset,
        estimated=estimated,
        estimated_offset=estimated_offset,
        first_minute=numbers(rows["_first_minute"], np.int32),
        interval_minutes=numbers(rows["interval_minutes"], np.int32),
        factor=numbers(rows["_factor"], np.float64),
        version=numbers(rows["_version"], np.int64),
        refused=ruled.astype(np.uint8),
        key_start=start,
        default_interval_minutes=interval_minutes,
    )


def _blocks(rows: pa.RecordBatch, start: Array, packed: Packed, kept: Array, schema: pa.Schema) -> pa.RecordBatch:
    count = np.add.reduceat(packed.outcome, start[:-1], axis=0, dtype=np.int64)
    day_total = np.add.reduceat(packed.reading, packed.offset[:-1], dtype=np.int64)
    day_row = {
        name: rows[name].take(start[:-1]) for name in schema.names if name in rows.schema.names and name[0] != "_"
    }
    made = day_row | {
        "unit": pc.if_else(pc.starts_with(day_row["channel"], "reactive"), "varh", "Wh"),
        "interval_minutes": pa.array(packed.interval_minutes),
        "reading": lists(packed.reading, packed.offset, pa.int32()),
        "reading_quality": lists(packed.reading_quality, packed.offset, pa.int8()),
        "rounding_wh": pa.array(packed.rounding),
        "version": pa.array(packed.version, mask=packed.version < 0),
        "received_intervals": pa.array(packed.received_intervals),
        "day_total": pa.array(day_total),
        "active_first_half": pa.array(packed.active[:, 0]),
        "active_second_half": pa.array(packed.active[:, 1]),
        "_outcome": pa.repeat(pa.scalar("accepted"), len(kept)),
        "_rejected": pa.array(np.zeros(len(kept), np.int64)),
        **{f"_{name}": pa.array(count[:, OUTCOMES.index(name)]) for name in ("accepted", "duplicate", "superseded")},
    }
    batch = _conform(made, schema, len(kept))
    return batch if kept.all() else batch.filter(pa.array(kept))


def _rejections(
    rows: pa.RecordBatch, packed: Packed, rule: Any, expected: Array, start: Array, schema: pa.Schema
) -> pa.RecordBatch:
    """One row for each piece and rule that refused reads of it, and for each day row that lacks a class."""
    first = OUTCOMES.index("conflict")
    piece, which = np.nonzero(packed.outcome[:, first:])
    day_row = start[:-1][expected]
    classless = day_row[
        numbers(pc.fill_null(pc.equal(rule.take(pa.array(day_row)), pa.scalar("no_customer_class")), False), bool)
    ]
    row = np.concatenate([piece, classless])
    of_read = np.array([*OUTCOMES[first:-1], None], object)[which]  # the last, refused, is ruled by row
    why = pc.coalesce(pa.array([*of_read, *[None] * len(classless)], pa.string()), rule.take(pa.array(row)))
    made = {name: rows[name].take(pa.array(row)) for name in schema.names if name in rows.schema.names}
    made |= {
        "_value": lists(*from_bytes(made["_value"], np.float64), pa.float64()),
        "_outcome": pa.repeat(pa.scalar("rejected"), len(row)),
        "_rule": why,
        "_reason": pa.array([rule.told for rule in RULES.values()]).take(pc.index_in(why, pa.array(list(RULES)))),
        "_rejected": pa.array(np.concatenate([packed.outcome[piece, first + which], np.zeros(len(classless))])),
        **{name: pa.array(np.zeros(len(row), np.int64)) for name in ("_accepted", "_duplicate", "_superseded")},
    }
    return _conform(made, schema, len(row))


def _conform(made: dict[str, Any], schema: pa.Schema, rows: int) -> pa.RecordBatch:
    columns = [
        made[field.name].cast(field.type) if field.name in made else pa.nulls(rows, field.type) for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
