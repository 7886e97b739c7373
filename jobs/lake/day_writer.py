"""The task's side of a table whose files tasks write (`jobs.lake.day_files`): a file of each day that it meets."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StringType, StructField, StructType

from jobs.batches import Array, numbers
from jobs.errors import first_keys
from jobs.lake.direct import Batches
from jobs.lake.files import file_system
from jobs.outcome import ACCEPTED
from jobs.table import Column, Table

PART = "_part"
"""Column of rows whose lists lie in a file: the name that their task gave its files, one a day."""
EPOCH = date(1970, 1, 1)
ROWS_A_GROUP = 10_000
ROWS_WAITING = 100_000  # of all days of a task, until they fill a row group each


@dataclass(frozen=True)
class DayWriter:
    """What tasks need to know to write rows of a table that is partitioned by a day.

    Parameters
    ----------
    place
        The table's folder.
    run
        With what the names of one run's files begin.
    """

    table: Table
    place: str
    run: str

    @property
    def day(self) -> str:
        """Column of the day."""
        return self.table.partition_by[0]

    def path_of(self, day: date, part: str) -> str:
        """Where the file of a day lies, below the table's folder."""
        return f"{self.day}={day}/{part}.parquet"

    def schema(self, rows: StructType) -> StructType:
        """What is handed on of rows: all but the table's lists, and the file."""
        return StructType([one for one in rows if not self._is_list(one.name)] + [StructField(PART, StringType())])

    def written(self, batches: Batches) -> Batches:
        """Write accepted rows, hand all on; where the rows fail, the files are removed.

        Raises
        ------
        ValueError
            A list, an element of one, or the day is null.
        """
        part = f"{self.run}-{uuid.uuid4().hex}"
        files: dict[int, _DayFile] = {}
        try:
            for batch in batches:
                mask = _accepted(batch)
                for day, rows in self._by_day(batch if mask.all() else batch.filter(pa.array(mask))):
                    if day not in files:
                        files[day] = _DayFile(self.table, f"{self.place}/{self.path_of(EPOCH + timedelta(day), part)}")
                    files[day].add(rows)
                while sum(file.rows for file in files.values()) > ROWS_WAITING:
                    max(files.values(), key=lambda file: file.rows).write()
                handed_on = [name for name in batch.schema.names if not self._is_list(name)]
                named = pc.if_else(pa.array(mask), pa.scalar(part), pa.scalar(None, pa.string()))
                yield pa.RecordBatch.from_arrays(
                    [*(batch[name] for name in handed_on), named], names=[*handed_on, PART]
                )
            for file in files.values():
                file.close()
        except BaseException:
            for file in files.values():
                file.discard()
            raise

    def _is_list(self, name: str) -> bool:
        return name in self.table.column_names and self.table.column(name).is_array

    def _by_day(self, rows: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The table's columns of the rows of each day, in their order; copies, which hold no batch in memory."""
        if rows[self.day].null_count:
            raise ValueError(f"{self.table.name}.{self.day}: {rows[self.day].null_count:,} nulls")
        day = numbers(rows[self.day].cast(pa.int32()), np.int32)
        order = np.argsort(day, kind="stable")
        starts = np.flatnonzero(np.diff(day[order], prepend=day[order][:1] - 1))
        own = rows.select(self.table.column_names)
        for start, end in zip(starts, [*starts[1:], len(day)][: len(starts)], strict=True):
            yield int(day[order[start]]), own.take(pa.array(order[start:end]))


@dataclass
class _DayFile:
    """A file that grows by row groups; rows wait until they fill one."""

    table: Table
    address: str
    waiting: list[pa.RecordBatch] = field(default_factory=list)
    rows: int = 0
    writer: pq.ParquetWriter | None = None

    def add(self, rows: pa.RecordBatch) -> None:
        self.waiting.append(rows)
        self.rows += rows.num_rows
        if self.rows >= ROWS_A_GROUP:
            self.write()

    def write(self) -> None:
        rows = pa.Table.from_batches(self.waiting)
        for column in self.table.columns:
            if column.is_array and not column.nullable:
                _refuse_nulls(self.table, column, rows)
        names = [name for name in self.table.column_names if name not in self.table.partition_by]
        fields = [StructField(name, self.table.column(name).type) for name in names]  # of other nulls the audit tells
        rows = rows.select(names).cast(to_arrow_schema(StructType(fields), timezone="UTC"))
        if self.writer is None:
            system, path = file_system(self.address)
            system.create_dir(path.rpartition("/")[0])
            self.writer = pq.ParquetWriter(path, rows.schema, filesystem=system, compression="zstd")
        self.writer.write_table(rows, row_group_size=ROWS_A_GROUP)
        self.waiting, self.rows = [], 0

    def close(self) -> None:
        if self.waiting:
            self.write()
        if self.writer is not None:
            self.writer.close()

    def discard(self) -> None:
        """Remove the file; what cannot be removed, the run's sweep may still find."""
        if self.writer is not None:
            system, path = file_system(self.address)
            with suppress(OSError):
                self.writer.close()
            with suppress(OSError):
                system.delete_file(path)


def _refuse_nulls(table: Table, column: Column, rows: pa.Table) -> None:
    """What the audit would find of lists, which it does not see."""
    lists: Any = rows[column.name].combine_chunks()
    elements = pc.list_parent_indices(lists).filter(lists.flatten().is_null())
    bad = np.union1d(np.flatnonzero(lists.is_null()), elements.to_numpy(zero_copy_only=False))
    if len(bad):
        first = rows.select(list(table.key)).take(pa.array(bad[:3], pa.int64())).to_pylist()
        keys = first_keys([tuple(map(str, one.values())) for one in first])
        raise ValueError(
            f"{table.name}.{column.name}: {len(bad):,} of {rows.num_rows:,} rows hold a null; "
            f"first by ({', '.join(table.key)}): {keys}"
        )


def _accepted(batch: pa.RecordBatch) -> Array:
    if "_outcome" not in batch.schema.names:
        return np.ones(batch.num_rows, bool)
    return numbers(pc.equal(batch["_outcome"], pa.scalar(ACCEPTED)), bool)
