"""Network models as tables: a folder of delimited text or Parquet whose elements and columns the YAML maps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.errors import SourceError, first_keys
from jobs.network.model import Network
from jobs.sources.cells import converted, given_cells
from jobs.sources.delivery import Delivery, Rejects
from jobs.sources.network_elements import ELEMENTS, NetworkElement
from jobs.sources.records import header, record_batches


def read_network_tables(delivery: Delivery) -> Network:
    """Nodes, branches and connections of the folder ``delivery.path``.

    A model is taken as a whole or not at all: one cell that cannot be read refuses it.

    Raises
    ------
    SourceError
        A file or column is missing, a record or cell cannot be read, rows of two files do not belong together, or an
        id is repeated.
    """
    parts: dict[str, list[pa.Table]] = {name: [schema.empty_table()] for name, (_, schema) in ELEMENTS.items()}
    for element in delivery.source.elements:
        parts[element.part].append(_elements(_rows(element, delivery), element, delivery))
    tables = {name: pa.concat_tables(tables) for name, tables in parts.items()}
    for table in tables.values():
        key = table.schema.names[0]
        count = pd.Series(table[key].to_pylist(), dtype=object).value_counts()
        if repeated := sorted(count.index[count > 1]):
            raise SourceError(f"{len(repeated):,} {key} are repeated; first {first_keys(repeated)}")
    return Network(**tables)


def _rows(element: NetworkElement, delivery: Delivery) -> pd.DataFrame:
    """The rows of an element's file as text, with the columns that stand in the files beside it."""
    keys = {name for file in element.beside for name in file.by}
    needed = element.used | keys
    rows = _file_rows(element.file, needed, delivery)
    for file in element.beside:
        more = _file_rows(file.file, needed, delivery)
        if file.by:
            rows = _joined(rows, more, list(file.by), f"{element.file} and {file.file}")
            continue
        if len(more) != len(rows):
            raise SourceError(f"{file.file} has {len(more):,} rows; needed are the {len(rows):,} of {element.file}")
        for name in more.columns.intersection(rows.columns):
            if differing := np.flatnonzero(
                (more[name] != rows[name]) & ~(more[name].isna() & rows[name].isna())
            ).tolist():
                raise SourceError(
                    f"{file.file}: '{name}' of {len(differing):,} rows is not that of the same row of {element.file}; "
                    f"first rows {first_keys([row + 1 for row in differing])}"
                )
        rows = rows.join(more[more.columns.difference(rows.columns)])
    if missing := sorted(needed - set(rows.columns)):
        files = ", ".join([element.file, *(file.file for file in element.beside)])
        raise SourceError(f"{files}: {len(missing)} column(s) missing: {first_keys(missing)}")
    for name, texts in element.only.items():
        rows = rows[rows[name].isin(texts)]
    return rows


def _file_rows(name: str, needed: set[str], delivery: Delivery) -> pd.DataFrame:
    """Of one file the columns among ``needed``, as text."""
    file = replace(delivery, path=str(Path(delivery.path) / name))
    if not Path(file.path).is_file():
        raise SourceError(f"{name} is missing")
    rejects = Rejects()
    kinds = {column: pa.string() for column in header(file) if column in needed}
    schema = pa.schema(list(kinds.items()))
    batches = [batch.cast(schema) for batch, _ in record_batches(file, kinds, rejects, lenient=True, reads=0)]
    if rejects.parts:
        first = rejects.table().slice(0, 1).to_pylist()[0]
        raise SourceError(
            f"{name}: {len(rejects.parts):,} records cannot be read; line {first['line']}: {first['reason']}"
        )
    rows: pd.DataFrame = pa.Table.from_batches(batches, schema).to_pandas()
    return rows


def _joined(rows: pd.DataFrame, more: pd.DataFrame, by: list[str], files: str) -> pd.DataFrame:
    """Each row with the one of ``more`` that has its key."""
    if lacking := sorted(set(by) - set(rows.columns) | set(by) - set(more.columns)):
        raise SourceError(f"{files}: column(s) {first_keys(lacking)} are needed in both")
    if more.duplicated(by).any():
        repeated = more.loc[more.duplicated(by), by].agg("/".join, axis=1).tolist()
        raise SourceError(
            f"{files}: {len(repeated):,} rows of the second have a key again; first {first_keys(repeated)}"
        )
    further = more[[*by, *more.columns.difference(rows.columns)]]
    found = rows.merge(further, on=by, how="left", indicator="_found")
    if (alone := found["_found"] != "both").any():
        keys = found.loc[alone, by].agg("/".join, axis=1).tolist()
        raise SourceError(f"{files}: {len(keys):,} rows of the first are not in the second; first {first_keys(keys)}")
    return found.drop(columns="_found")


def _elements(rows: pd.DataFrame, element: NetworkElement, delivery: Delivery) -> pa.Table:
    """The rows as elements, converted as those of any entity."""
    table, schema = ELEMENTS[element.part]
    cells = {name: pa.array(rows[name], pa.string(), from_pandas=True) for name in rows.columns}
    columns, faults = [], []
    for field in schema:
        how = element.columns.get(field.name)
        if how is None:
            columns.append(pa.nulls(len(rows), field.type))
            continue
        given = given_cells(how, cells, len(rows))
        found = converted(given, table.column(field.name), how, delivery.source)
        value = found.value.combine_chunks() if isinstance(found.value, pa.ChunkedArray) else found.value
        empty = value.is_null().to_numpy(zero_copy_only=False) & (not field.nullable)
        bad = np.flatnonzero((found.rule != "") | empty)
        if len(bad):
            shown = first_keys(given.take(pa.array(bad)).to_pylist())
            faults.append(f"{field.name} of {len(bad):,} of {len(rows):,} rows cannot be read or is empty: {shown}")
        columns.append(value.cast(field.type))
    if faults:
        raise SourceError(f"{element.part} of {element.file}: " + "; ".join(faults))
    return pa.Table.from_arrays(columns, schema=schema)
