"""From received blocks, and what helps to judge them, to validated blocks: the edge of ``kernels.block_rules``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.batches import Array, flat, group_starts, lists, numbers, whole_groups
from jobs.silver.blocks_of import EPOCH, blocks_of
from jobs.silver.usage_point_baseline import DAY_TYPES
from jobs.silver.validation import RULE_SET_VERSION, RULE_TABLE, ValidationSettings
from jobs.span import Span
from kernels.block_rules import RULES, Baseline, Blocks, Ints, Validated, validate
from kernels.quality import MISSING

KEYS = ("usage_point_id", "channel")
DISPOSITIONS = np.array(["estimated", "spread", "flagged", "missing"])
DAYS_A_WEEK = np.array([5, 1, 1])  # of each day type
OF_RULE = np.array([["estimate", "spread", "flag"].index(rule.disposition) for rule in RULE_TABLE.values()])


def validated_batches(
    batches: Iterable[pa.RecordBatch], *, schema: pa.Schema, span: Span, clock: Ints, settings: ValidationSettings
) -> Iterator[pa.RecordBatch]:
    """Rows of ``schema`` for the blocks whose day lies in the span.

    The batches hold, sorted by `KEYS` and day, rows with a reading for the span and two days on either side, rows
    without one for days before, and first of all the baselines of the month (``_day_type`` is set).

    Parameters
    ----------
    clock
        `jobs.silver.local_clock.local_quarters` of the span's days.
    """
    thresholds = settings.thresholds()
    for rows in whole_groups(batches, KEYS):
        day = numbers(rows["grid_date"].cast(pa.int32()).fill_null(-(1 << 20)), np.int32)
        emitted = numbers(rows["_emitted"], bool)
        if not emitted.any():
            continue
        start = group_starts(rows, KEYS)
        key = np.repeat(np.arange(len(start) - 1), np.diff(start))
        blocks = blocks_of(rows, key, day, enabled=settings.enabled)
        date_index = np.where(emitted, day - (span.first - EPOCH).days, 0)
        baseline = _baseline(rows, key, emitted, blocks, date_index, clock, settings.baseline_judging_weeks)
        result = validate(
            blocks, baseline, thresholds, linear_minutes=settings.linear_minutes if settings.enabled else 0
        )
        running = np.concatenate([[0], np.cumsum(result.reading, dtype=np.int64)])
        energy = np.diff(running[blocks.offset])  # rows without a reading among them
        made = {name: rows[name] for name in schema.names if name in rows.schema.names} | {
            "reading": lists(result.reading, blocks.offset, pa.int32()),
            "energy": pa.array(energy),
            "reading_quality": lists(result.reading_quality, blocks.offset, pa.int8()),
            "rule_set_version": pa.repeat(pa.scalar(RULE_SET_VERSION if settings.enabled else "off"), rows.num_rows),
            "rules_not_run": _not_run(result),
            "findings": _findings(result, blocks, schema.field("findings").type),
        }
        columns = [made[field.name].cast(field.type) for field in schema]
        yield pa.RecordBatch.from_arrays(columns, schema=schema).filter(pa.array(emitted))


def _baseline(
    rows: pa.RecordBatch,
    key: Array,
    emitted: Array,
    blocks: Blocks,
    date_index: Array,
    clock: Ints,
    judging_weeks: int,
) -> Baseline:
    """Each emitted block's baselines: rows of the same batch, on the same interval."""
    typical, offset = flat(rows["typical"], np.int32)
    day_type = numbers(rows["_day_type"].fill_null(-1), np.int32)
    usual = np.flatnonzero(day_type >= 0)
    row_of = np.full((key[-1] + 1, len(DAY_TYPES)), -1, np.int32)
    row_of[key[usual], day_type[usual]] = usual
    row = np.where(emitted[:, None], row_of[key], -1)
    other = blocks.interval_minutes[row] != blocks.interval_minutes[:, None]
    row = np.where(other, -1, row).astype(np.int32)
    return Baseline(
        row=row,
        offset=offset,
        typical=typical,
        low=flat(rows["low"], np.int32)[0],
        high=flat(rows["high"], np.int32)[0],
        day_total=np.stack([numbers(rows[f"day_{side}"].fill_null(0), np.int32) for side in ("low", "high")], axis=1),
        date_index=date_index.astype(np.int32),
        local=clock,
        judging_row=judging_rows(row, numbers(rows["days"].fill_null(0), np.int32), judging_weeks),
    )


def judging_rows(row: Ints, days: Ints, weeks: int) -> Ints:
    """``row``, the baseline of each block and day type, where the history of ``days`` each suffices to judge by.

    A type is judged by so many weeks of its own and of workdays: a week of holidays holds many Sundays.
    """
    short = np.where(row < 0, 0, days[row]) < weeks * DAYS_A_WEEK
    judging: Ints = np.where(short | short[:, :1], -1, row).astype(np.int32)
    return judging


def _not_run(result: Validated) -> Any:
    block, rule = np.nonzero(result.not_run)
    offset = np.concatenate([[0], np.cumsum(np.bincount(block, minlength=len(result.not_run)))])
    return pa.ListArray.from_arrays(pa.array(offset, pa.int32()), pa.array(np.array(RULES)[rule], pa.string()))


def _findings(result: Validated, blocks: Blocks, kind: Any) -> Any:
    found = result.findings
    first = blocks.offset[found.block] + np.maximum(found.first_slot, 0)
    disposition = OF_RULE[found.rule]
    disposition[(disposition == 0) & (result.reading_quality[first] == MISSING)] = 3
    offset = np.searchsorted(found.block, np.arange(len(blocks.judged) + 1))
    struct = pa.StructArray.from_arrays(
        [
            pa.array(np.array(RULES)[found.rule], pa.string()),
            pa.array(found.first_slot, pa.int32()),
            pa.array(found.slots, pa.int32()),
            pa.array(found.measured, pa.float64()),
            pa.array(found.threshold, pa.float64()),
            pa.array(DISPOSITIONS[disposition], pa.string()),
        ],
        fields=list(kind.value_type),
    )
    return pa.ListArray.from_arrays(pa.array(offset, pa.int32()), struct, type=kind)
