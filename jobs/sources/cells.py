"""Cells as a source writes them -> values of a declared column, with what is wrong with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql.pandas.types import to_arrow_type
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DateType,
    DecimalType,
    IntegralType,
    StringType,
    TimestampType,
)

from jobs.sources.column_map import ColumnMap
from jobs.sources.declaration import Source
from jobs.sources.delivery import Flags
from jobs.sources.instants import DAY_US, Instants, parse_instants
from jobs.sources.records import numbers, texts
from jobs.sources.units import conversion
from jobs.table import Column

TRUTH = {"1": True, "true": True, "t": True, "yes": True, "y": True}
TRUTH |= {"0": False, "false": False, "f": False, "no": False, "n": False}
HOUR_US = 3_600_000_000

PassOf = Callable[[pa.Array, Instants], Instants]
"""Times as written and both passes of each -> the instants that they mean."""


class Cells(NamedTuple):
    """Values of one column of ours (null where empty), and the rule each cell breaks ('' for none)."""

    value: pa.Array
    rule: np.ndarray


def converted(
    given: pa.Array,
    column: Column,
    how: ColumnMap,
    source: Source,
    *,
    hour: pa.Array | None = None,
    clock: pa.Array | None = None,
    pass_of: PassOf = lambda written, times: times,
) -> Cells:
    """Values of ``column`` from the cells ``given``: codes mapped, units converted, checked against the declaration.

    Parameters
    ----------
    hour
        Hours of the days ``given``, where the source writes them in a column of their own.
    clock
        By whose clock the times are, where the source writes that in a column.
    pass_of
        Decides between the passes of the hour that a clock shows twice.
    """
    kind = column.type
    rule = np.full(len(given), "", dtype="U3")
    if isinstance(kind, ArrayType):
        value, unknown = _split(texts(given), column, how)
        rule[unknown] = "B23"
    elif isinstance(kind, StringType):
        value, unknown = _coded(texts(given), column, how.codes)
        rule[unknown] = "B23"
    elif isinstance(kind, BooleanType):
        word = pc.utf8_lower(texts(given))
        value = _looked_up(word, pa.array(list(TRUTH)), pa.array(list(TRUTH.values())))
        rule[_flags(pc.and_(word.is_valid(), value.is_null()))] = "B22"
    elif isinstance(kind, TimestampType | DateType):
        value, bad = _time(given, hour, clock, kind, how, source, pass_of)
        rule[bad] = "B22"
    else:
        mapped, unknown = _coded(texts(given), column, how.codes) if how.codes else (given, np.zeros(len(given), bool))
        number, bad = numbers(mapped, source.text.decimal)
        if how.factor != 1:
            number = number * how.factor
        if how.unit is not None:
            factor, shift = conversion(how.unit, column.unit)
            number = number * factor + shift
        value, inexact = _number(number, kind, rounded=how.unit is not None or how.factor != 1)
        rule[bad | inexact] = "B22"
        rule[unknown] = "B23"
        low, high = column.minimum, column.maximum
        outside = (number < (-np.inf if low is None else low)) | (number > (np.inf if high is None else high))
        rule[outside & (rule == "")] = "B24"
    return Cells(value.cast(to_arrow_type(kind, timezone="UTC")), rule)


def given_cells(how: ColumnMap, cells: Mapping[str, pa.Array], count: int) -> pa.Array:
    """The ``count`` cells that a column of ours is made of, before they are converted."""
    if how.column is not None:
        return cells[how.column]
    if how.text is None:
        return pa.array([str(how.constant)] * count, pa.string())
    pieces = [texts(cells[one]) if place % 2 else pa.scalar(one) for place, one in enumerate(how.pieces)]
    return pc.binary_join_element_wise(*pieces, "")


def clock_instants(times: pa.Array, clock: pa.Array | None, source: Source, format: str | None) -> Instants:
    """Instants by the source's clock, or each by the clock that its record names; bad where that is not declared."""
    if clock is None:
        return parse_instants(times, source.time.zone, format)
    names = texts(clock)
    found = Instants(np.zeros(len(times), np.int64), np.zeros(len(times), np.int64), np.ones(len(times), bool))
    for name, zone in source.time.zones.items():
        at = np.flatnonzero(_flags(pc.equal(names, name)))
        if len(at):
            for all_of, some in zip(found, parse_instants(times.take(pa.array(at)), zone, format), strict=True):
                all_of[at] = some
    return found


def _split(text: pa.Array, column: Column, how: ColumnMap) -> tuple[pa.Array, Flags]:
    parts = pc.split_pattern(text, how.separator or " ")
    flat, unknown = _coded(texts(parts.flatten()), column, how.codes)
    value = pa.ListArray.from_arrays(parts.offsets, flat, mask=text.is_null())
    owner = pc.list_parent_indices(parts).to_numpy()
    wrong = np.zeros(len(text), bool)
    wrong[owner[unknown | _flags(flat.is_null())]] = True
    return value, wrong


def _coded(text: pa.Array, column: Column, codes: dict[str, str]) -> tuple[pa.Array, Flags]:
    """Texts by the source's codes, and which are no code of the source or of the column."""
    value = _looked_up(text, pa.array(list(codes)), pa.array(list(codes.values()))) if codes else text
    unknown = pc.and_(text.is_valid(), value.is_null())
    if column.codes is not None:
        unknown = pc.or_(unknown, pc.and_(value.is_valid(), pc.invert(pc.is_in(value, pa.array(list(column.codes))))))
    return value, _flags(unknown)


def _looked_up(text: pa.Array, keys: pa.Array, values: pa.Array) -> pa.Array:
    return values.take(pc.index_in(text, keys))


def _time(
    given: pa.Array,
    hour: pa.Array | None,
    clock: pa.Array | None,
    kind: TimestampType | DateType,
    how: ColumnMap,
    source: Source,
    pass_of: PassOf,
) -> tuple[pa.Array, Flags]:
    """Instants in UTC, or dates as written."""
    given = texts(given) if pa.types.is_string(given.type) else given
    empty = _flags(given.is_null())
    format = how.format or source.time.format
    if hour is not None:
        day, number = parse_instants(given, "UTC", format), numbers(hour)[0]
        unread = day.bad | np.isnan(number)
        wall_us = np.where(unread, 0, day.utc_us + np.nan_to_num(number) * HOUR_US).astype(np.int64)
        given = pa.array(wall_us, mask=unread).cast(pa.timestamp("us"))
    if isinstance(kind, DateType):
        instants = parse_instants(given, "UTC", format)
        days = pa.array((instants.utc_us // DAY_US).astype(np.int32), mask=instants.bad).cast(pa.date32())
        return days, instants.bad & ~empty
    instants = pass_of(given, clock_instants(given, clock, source, format))
    ours_us = instants.utc_us + round(how.shift.total_seconds() * 1e6)
    return pa.array(ours_us, mask=instants.bad).cast(pa.timestamp("us", "UTC")), instants.bad & ~empty


def _number(number: np.ndarray, kind: object, *, rounded: bool) -> tuple[pa.Array, Flags]:
    """Numbers as ``kind``; whole numbers and cents must be exact, unless they come out of a conversion."""
    missing = np.isnan(number)
    if not isinstance(kind, IntegralType | DecimalType):
        return pa.array(number, mask=missing), np.zeros(len(number), bool)
    scale = 10**kind.scale if isinstance(kind, DecimalType) else 1
    scaled = np.where(missing, 0.0, number * scale)
    whole = np.rint(scaled)  # half to even
    inexact = (np.abs(scaled - whole) > 1e-6) & (not rounded) | (np.abs(scaled) > 2**53)
    units = pa.array(np.where(inexact, 0, whole).astype(np.int64), mask=missing)
    if isinstance(kind, DecimalType):
        return _shifted(units, kind.scale), inexact & ~missing
    return units, inexact & ~missing


def _shifted(units: pa.Array, scale: int) -> pa.Array:
    """Whole units of the last decimal place as decimals: the same digits, another place of the point."""
    return pa.Array.from_buffers(pa.decimal128(38, scale), len(units), units.cast(pa.decimal128(38, 0)).buffers())


def _flags(flags: pa.Array) -> Flags:
    found: Flags = flags.fill_null(False).to_numpy(zero_copy_only=False)
    return found
