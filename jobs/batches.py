"""Arrow batches at the edge between Spark and the kernels: whole groups, list columns as arrays and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Array = NDArray[Any]


def codes(column: Any) -> Array:
    """A number for each distinct value of the column, in order of appearance; -1 for null."""
    return np.asarray(column.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)


def group_starts(rows: pa.RecordBatch, keys: Sequence[str]) -> Array:
    """First row of each run of equal keys, and the number of rows at the end; null equals null."""
    changed = np.zeros(rows.num_rows, bool)
    changed[:1] = True
    for key in keys:
        code = codes(rows.column(key))
        changed[1:] |= code[1:] != code[:-1]
    return np.append(np.flatnonzero(changed), rows.num_rows).astype(np.int64)


def whole_groups(batches: Iterable[pa.RecordBatch], keys: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows of the batches, in which rows of equal keys lie together, in batches that split no group.

    What is held back is one group, whatever the length of the stream.
    """
    held: list[pa.RecordBatch] = []
    for batch in batches:
        if batch.num_rows == 0:
            continue
        last = int(group_starts(batch, keys)[-2])
        if last == 0:
            held.append(batch)
            continue
        yield joined([*held, batch.slice(0, last)])
        held = [batch.slice(last)]
    if held:
        yield joined(held)


def joined(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def numbers(column: Any, kind: Any) -> Array:
    """A column without nulls as a contiguous array of the given type."""
    return np.ascontiguousarray(column.to_numpy(zero_copy_only=False), kind)


def flat(column: Any, kind: Any) -> tuple[Array, Array]:
    """Values of a list column without null lists, and where each row's begin (rows + 1)."""
    offset = column.offsets.to_numpy().astype(np.int64)
    return numbers(column.flatten(), kind), offset - offset[0]


def lists(values: Array, offset: Array, kind: pa.DataType) -> Any:
    """A list column over a flat array, without copying the values."""
    field = pa.field("element", kind, nullable=False)
    return pa.ListArray.from_arrays(pa.array(offset, pa.int32()), pa.array(values, kind), type=pa.list_(field))


def as_bytes(column: Any) -> Any:
    """A list column of numbers or truths as one binary value a row, without copying numbers.

    Spark moves bytes as a whole, and the elements of lists one by one: 100 times as long.
    """
    values = column.flatten()
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.uint8())
    data = np.ascontiguousarray(values.to_numpy(zero_copy_only=False))
    offset = column.offsets.to_numpy()
    starts = np.ascontiguousarray((offset - offset[0]) * data.itemsize, np.int32)
    return pa.Array.from_buffers(pa.binary(), len(column), [None, pa.py_buffer(starts), pa.py_buffer(data)])


def from_bytes(column: Any, kind: Any) -> tuple[Array, Array]:
    """Values of a column that `as_bytes` made, and where each row's begin (rows + 1).

    >>> column = as_bytes(pa.array([[1, 2], [], [3]], pa.list_(pa.int32())))
    >>> [part.tolist() for part in from_bytes(column.slice(1), np.int32)]
    [[3], [0, 0, 1]]
    """
    _, starts, data = column.buffers()
    first, rows = column.offset, len(column)
    offset = np.zeros(1, np.int64)
    if rows:
        offset = np.frombuffer(starts, np.int32)[first : first + rows + 1].astype(np.int64)
    size = np.dtype(kind).itemsize
    values = np.frombuffer(data or b"", np.uint8)[offset[0] : offset[-1]]
    return np.require(values.view(kind), requirements=["A", "C"]), (offset - offset[0]) // size
