"""Further columns of a register: numbers and texts by name, for columns that no table declares."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql.types import DoubleType, StringType

from jobs.sources.cells import Cells, converted, given_cells
from jobs.sources.column_map import AttributeMap
from jobs.sources.declaration import Source
from jobs.sources.delivery import Flags
from jobs.sources.records import texts
from jobs.table import Column


def attribute_cells(
    source: Source, cells: Mapping[str, pa.Array], count: int
) -> tuple[dict[str, Cells], dict[str, Flags]]:
    """Values of each attribute with the rule that each cell breaks, and which numbers got their point back (A01)."""
    found, repaired = {}, {}
    for name, how in source.attributes.items():
        given = given_cells(how, cells, count)
        if how.whole_digits is not None:
            given, repaired[name] = with_point(texts(given), how.whole_digits, source.text.decimal)
        found[name] = converted(given, attribute_column(name, how), how, source)
    return found, repaired


def attribute_column(name: str, how: AttributeMap) -> Column:
    """As a column would be declared."""
    kind = DoubleType() if how.kind == "number" else StringType()
    return Column(name, kind, None, name, True, minimum=how.minimum, maximum=how.maximum)


def with_point(text: pa.Array, whole_digits: int, mark: str) -> tuple[pa.Array, Flags]:
    """Numbers as written, the decimal mark put back into those that lost it; and which those are.

    >>> with_point(pa.array(["110636", "1.13", "0", "-24", None]), 1, ".")[0].to_pylist()
    ['1.10636', '1.13', '0', '-2.4', None]
    """
    lost = pc.match_substring_regex(text, rf"^[+-]?\d{{{whole_digits + 1},}}$")
    point = pc.replace_substring_regex(text, rf"^([+-]?\d{{{whole_digits}}})(\d+)$", rf"\1{mark}\2")
    flags: Flags = lost.fill_null(False).to_numpy(zero_copy_only=False)
    return pc.if_else(lost, point, text), flags


def attribute_columns(source: Source, found: Mapping[str, Cells], repaired: Mapping[str, Flags]) -> dict[str, pa.Array]:
    """``measures``, ``traits`` and ``repaired`` of an asset."""
    numbers = {name: found[name].value for name, how in source.attributes.items() if how.kind == "number"}
    words = {name: found[name].value for name, how in source.attributes.items() if how.kind == "text"}
    columns = {}
    if numbers:
        columns["measures"] = _maps(numbers)
    if words:
        columns["traits"] = _maps(words)
    if repaired:
        names = {name: pc.if_else(pa.array(flags), name, None).cast(pa.string()) for name, flags in repaired.items()}
        _, offsets, _, values = _by_row(names)
        columns["repaired"] = pa.ListArray.from_arrays(offsets, values)
    return columns


def _maps(values: Mapping[str, pa.Array]) -> pa.Array:
    names, offsets, at, items = _by_row(values)
    return pa.MapArray.from_arrays(offsets, pa.array(names, pa.string()).take(at), items)


def _by_row(values: Mapping[str, pa.Array]) -> tuple[list[str], pa.Array, pa.Array, pa.Array]:
    """Names; then row by row, of what is not null: where each row begins, places of the names, and the values."""
    names, arrays = sorted(values), [values[name] for name in sorted(values)]
    rows = len(arrays[0])
    there = np.array([array.is_valid().to_numpy(zero_copy_only=False) for array in arrays]).T
    place = np.arange(len(names) * rows).reshape(len(names), rows).T[there]
    offsets = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int32)
    items = pa.concat_arrays([pa.array(array) for array in arrays]).take(pa.array(place))
    return names, pa.array(offsets), pa.array(np.nonzero(there)[1]), items
