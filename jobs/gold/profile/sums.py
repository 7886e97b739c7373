"""Sums of interval blocks by any key and grid day: what feeder and transformer profiles (and areas) share.

Tasks add up their share of the blocks with the kernel; the partial sums, one packed row for each key and day,
meet in a small shuffle. Sums are whole numbers, so neither order nor number of tasks changes a result.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import BinaryType, DateType, StringType, StructField, StructType

from jobs.gold.profile.columns import PROFILE
from jobs.gold.profile.settings import ProfileSettings
from jobs.lake.direct import Batches, map_in_arrow
from jobs.settings import Settings
from jobs.span import Span
from kernels.load_profile import (
    CHANNELS,
    Blocks,
    Integers,
    add_blocks,
    add_modelled,
    profiles,
    sums_of_no_blocks,
)

SUMMED_KINDS = ("customer", "generation", "unmetered")  # a feeder head or total meter is compared with sums
BLOCK_COLUMNS = (
    "kind",
    "channel",
    "interval_minutes",
    "reading",
    "reading_quality",
    "counts_as_meter",
    "reactive_metered",
)
MODELLED_COLUMNS = ("series", "interval_minutes", "reading")
Arrow = Any  # an Arrow column: the stubs of pyarrow know too few of its methods
GROUPS_IN_MEMORY = 4096  # of 7 kB; more than these are handed on and meet again in the merge
ROWS_A_BATCH = 1000


def profile_options(settings: Settings, span: Span) -> dict[str, Any]:
    """What every job that makes or reads profiles is told by the settings."""
    return {"settings": settings.profile, "utc_offset": settings.grid_time.offset}


def profiles_by_day(
    blocks: DataFrame,
    modelled: DataFrame | None,
    *,
    keys: tuple[str, ...],
    settings: ProfileSettings,
    attribute: str | None = None,
    empty: DataFrame | None = None,
    kinds: tuple[str, ...] = SUMMED_KINDS,
) -> DataFrame:
    """One profile for each distinct ``keys`` and grid day of the blocks whose keys are not null.

    Parameters
    ----------
    modelled
        Blocks of silver.profiled_block, or None: their energy enters series of its own.
    attribute
        A further column that all blocks of one key and day agree on; it may be null.
    empty
        Keys, grid days and attribute of profiles that exist even where no block belongs to them.
    kinds
        Kinds of usage points that enter.
    """
    names = (*keys, "grid_date")
    attributes = () if attribute is None else (attribute,)
    identity = [
        StructField(name, DateType() if name == "grid_date" else StringType()) for name in (*names, *attributes)
    ]
    minutes = settings.interval_minutes
    partials = map_in_arrow(
        blocks.select(*names, *attributes, *BLOCK_COLUMNS),
        partial(partial_sums, keys=names, attributes=attributes, interval_minutes=minutes, kinds=kinds),
        StructType([*identity, StructField("_sums", BinaryType())]),
    )
    if modelled is not None:
        beside = map_in_arrow(
            modelled.select(*names, *attributes, *MODELLED_COLUMNS),
            partial(modelled_sums, keys=names, attributes=attributes, interval_minutes=minutes),
            partials.schema,
        )
        partials = partials.unionByName(beside)
    if empty is not None:
        partials = partials.unionByName(empty.select(*names, *attributes, F.lit(b"").alias("_sums")))
    schema = StructType([*identity, *(StructField(c.name, c.type) for c in PROFILE if c.name != "grid_date")])
    merge = partial(
        merged_profiles, keys=names, attributes=attributes, settings=settings, schema=to_arrow_schema(schema)
    )
    return partials.repartition(*names).mapInArrow(merge, schema)


class SumsByKey:
    """Sums that grow by a row for each key met."""

    def __init__(self, interval_minutes: int) -> None:
        self.interval_minutes = interval_minutes
        self.row_of: dict[tuple[object, ...], int] = {}
        self.sums = sums_of_no_blocks(64, profile_minutes=interval_minutes)

    def rows(self, keys: list[Arrow], attributes: list[Arrow]) -> NDArray[np.int32]:
        """Row of the sums for each row of the columns; -1 where a key is null. A null attribute is a value."""
        columns = [_dictionary(column) for column in (*keys, *attributes)]
        code = np.zeros(len(keys[0]), np.int64)
        complete = np.ones(len(code), np.bool_)
        for number, column in enumerate(columns):
            index = pc.fill_null(column.indices, -1).to_numpy()
            code = code * (len(column.dictionary) + 1) + index + 1
            if number < len(keys):
                complete &= index >= 0
        _, first, inverse = np.unique(code[complete], return_index=True, return_inverse=True)
        places = pa.array(np.flatnonzero(complete)[first])
        met = zip(*(column.take(places).to_pylist() for column in columns), strict=True)
        numbers = np.array([self.row_of.setdefault(key, len(self.row_of)) for key in met], np.int32)
        lacking = len(self.row_of) - len(self.sums)
        if lacking > 0:
            more = sums_of_no_blocks(lacking + len(self.sums), profile_minutes=self.interval_minutes)
            self.sums = np.concatenate([self.sums, more])
        result = np.full(len(code), -1, np.int32)
        result[complete] = numbers[inverse]
        return result

    def key_columns(self, names: tuple[str, ...]) -> dict[str, Arrow]:
        """The keys (and attributes) of the rows, by name."""
        values = zip(*self.row_of, strict=True) if self.row_of else ((),) * len(names)
        return {name: pa.array(column, key_type(name)) for name, column in zip(names, values, strict=True)}


def partial_sums(
    batches: Batches,
    *,
    keys: tuple[str, ...],
    attributes: tuple[str, ...],
    interval_minutes: int,
    kinds: tuple[str, ...] = SUMMED_KINDS,
) -> Batches:
    """Packed sums of the blocks by key and attribute; either may come out more than once."""
    groups = SumsByKey(interval_minutes)
    for batch in batches:
        group = groups.rows([batch.column(name) for name in keys], [batch.column(name) for name in attributes])
        group[~is_in(batch.column("kind"), kinds)] = -1
        add_blocks(groups.sums, group, blocks_of(batch), profile_minutes=interval_minutes)
        if len(groups.row_of) >= GROUPS_IN_MEMORY:
            yield from _packed(groups, (*keys, *attributes))
            groups = SumsByKey(interval_minutes)
    yield from _packed(groups, (*keys, *attributes))


def modelled_sums(
    batches: Batches, *, keys: tuple[str, ...], attributes: tuple[str, ...], interval_minutes: int
) -> Batches:
    """Packed sums of blocks of silver.profiled_block, as `partial_sums`."""
    for batch in batches:
        groups = SumsByKey(interval_minutes)
        group = groups.rows([batch.column(name) for name in keys], [batch.column(name) for name in attributes])
        reading: Arrow = batch.column("reading")
        add_modelled(
            groups.sums,
            group,
            is_in(batch.column("series"), ("unmetered",)),
            batch.column("interval_minutes").to_numpy(),
            reading.offsets.to_numpy() - reading.offsets[0].as_py(),
            reading.flatten().to_numpy(),
            profile_minutes=interval_minutes,
        )
        yield from _packed(groups, (*keys, *attributes))


def merged_profiles(
    batches: Batches,
    *,
    keys: tuple[str, ...],
    attributes: tuple[str, ...],
    settings: ProfileSettings,
    schema: pa.Schema,
) -> Batches:
    """One profile for each key, from all the partial sums of that key."""
    groups = SumsByKey(settings.interval_minutes)
    found: list[pa.RecordBatch] = []
    for batch in batches:
        row = groups.rows([batch.column(name) for name in keys], [])
        sums: Arrow = batch.column("_sums")
        filled: Arrow = pc.greater(pc.binary_length(sums), pa.scalar(0))
        packed = np.frombuffer(b"".join(sums.filter(filled).to_pylist()), np.int64)
        part = packed.reshape(-1, groups.sums.shape[1])
        into = row[filled.to_numpy(zero_copy_only=False)]
        order = np.argsort(into, kind="stable")
        rows, starts = np.unique(into[order], return_index=True)
        if len(rows):
            groups.sums[rows] += np.add.reduceat(part[order], starts, axis=0)
        for name in attributes:
            values = {"row": pa.array(row), "of_block": filled, "value": batch.column(name)}
            found.append(pa.RecordBatch.from_pydict(values))
    identity = groups.key_columns(keys)
    for name in attributes:
        identity[name] = _attribute(found, len(groups.row_of), key_type(name))
    for first in range(0, len(groups.row_of), ROWS_A_BATCH):
        some = groups.sums[first : min(first + ROWS_A_BATCH, len(groups.row_of))]
        made = profiles(some, profile_minutes=settings.interval_minutes, power_factor=settings.power_factor)
        columns = {name: column.slice(first, len(some)) for name, column in identity.items()}
        columns["interval_minutes"] = pa.array(np.full(len(some), settings.interval_minutes, np.int32))
        columns |= {name: _column(values, schema.field(name).type) for name, values in vars(made).items()}
        yield pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def blocks_of(batch: pa.RecordBatch) -> Blocks:
    """The kernel's view of a batch with the columns of ``BLOCK_COLUMNS``; buffers are shared, not copied.

    Raises
    ------
    ValueError
        A channel is unknown, a block is null, or its readings and qualities differ in number.
    """
    reading: Arrow = batch.column("reading")
    quality: Arrow = batch.column("reading_quality")
    start = reading.offsets.to_numpy() - reading.offsets[0].as_py()
    if not np.array_equal(start, quality.offsets.to_numpy() - quality.offsets[0].as_py()):
        raise ValueError("silver.interval_block: blocks whose reading and reading_quality differ in length")
    channel = _dictionary(batch.column("channel"))
    codes = np.array([CHANNELS.index(name) for name in channel.dictionary.to_pylist()], np.int8)
    return Blocks(
        channel=codes[channel.indices.to_numpy()],
        interval_minutes=batch.column("interval_minutes").to_numpy(),
        start=start,
        reading=reading.flatten().to_numpy(),
        quality=quality.flatten().to_numpy(),
        counts_as_meter=batch.column("counts_as_meter").to_numpy(zero_copy_only=False),
        reactive_metered=batch.column("reactive_metered").to_numpy(zero_copy_only=False),
    )


def key_type(name: str) -> pa.DataType:
    return pa.date32() if name == "grid_date" else pa.string()


def _packed(groups: SumsByKey, names: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """The rows of ``groups``, each one's sums as one binary value."""
    columns = groups.key_columns(names)
    row_bytes = groups.sums.shape[1] * groups.sums.itemsize
    for first in range(0, len(groups.row_of), ROWS_A_BATCH):
        sums = groups.sums[first : min(first + ROWS_A_BATCH, len(groups.row_of))]
        offsets = np.arange(len(sums) + 1, dtype=np.int32) * row_bytes
        packed = pa.Array.from_buffers(pa.binary(), len(sums), [None, pa.py_buffer(offsets), pa.py_buffer(sums.data)])
        yield pa.RecordBatch.from_arrays(
            [*(column.slice(first, len(sums)) for column in columns.values()), packed], names=[*names, "_sums"]
        )


def _attribute(found: list[pa.RecordBatch], rows: int, kind: pa.DataType) -> Arrow:
    """The attribute of each row: what its blocks say (the first in order, should they disagree), else its position."""
    if not rows:
        return pa.array([], kind)
    table = pa.Table.from_batches(found)
    columns = []
    for of_block in (True, False):
        said = (
            table.filter(pc.equal(table["of_block"], pa.scalar(of_block))).group_by("row").aggregate([("value", "min")])
        )
        values = np.full(rows, None, object)
        values[said["row"].to_numpy()] = said["value_min"].to_pylist()
        columns.append(pa.array(values, kind))
    return pc.coalesce(*columns)


def _dictionary(column: Arrow) -> Arrow:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def is_in(column: Arrow, values: tuple[str, ...]) -> NDArray[np.bool_]:
    """Where a column of strings has one of the values."""
    encoded = _dictionary(column)
    chosen = np.array([value in values for value in encoded.dictionary.to_pylist()], np.bool_)
    found: NDArray[np.bool_] = chosen[encoded.indices.to_numpy()]
    return found


def _column(values: Integers | NDArray[np.float64] | NDArray[np.int32], kind: pa.DataType) -> Arrow:
    """A column of numbers, or of one list for each row."""
    if values.ndim == 1:
        return pa.array(values, kind)
    offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(values).reshape(-1)), type=kind)
