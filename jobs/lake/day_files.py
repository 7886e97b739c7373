"""Rows of a day table that tasks write to Parquet themselves: their lists of numbers never pass through the JVM.

Spark takes the elements of a list apart one by one, on the way from a task, into its cache and into a file; pyarrow
writes their buffers as they are. The files a task writes belong to no version of the table yet. What it hands on
is each row without its lists and which file holds it: enough to measure and audit. The driver then commits the files
of good days as Delta's own transaction, in place of what stood, and removes the others.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as fs
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StringType, StructField, StructType

from jobs.batches import Array, numbers
from jobs.errors import LakeError, first_keys
from jobs.lake.conflict import with_retry
from jobs.lake.direct import Batches
from jobs.lake.files import file_system
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import delta_log, is_plain
from jobs.lake.write import days_condition, replace_days
from jobs.outcome import ACCEPTED
from jobs.table import Table

PART = "_part"
"""Column of rows whose lists lie in a file: the name that their task gave its files, one a day."""
ROWS_A_GROUP = 10_000


@dataclass(frozen=True)
class DataFile:
    """A file of one day's rows."""

    day: date
    part: str
    rows: int

    @property
    def path(self) -> str:
        """Below the table's folder."""
        return f"grid_date={self.day}/{self.part}.parquet"


@dataclass
class DayFiles:
    """Where the tasks of one run write the rows of a day table; their names begin with the run's."""

    table: Table
    place: str
    run: str = field(default_factory=lambda: uuid.uuid4().hex)
    kept: set[str] = field(default_factory=set)
    """Files that a commit was tried with: it may have come through even where it failed."""

    def schema(self, rows: StructType) -> StructType:
        """What is handed on of rows: all but the table's lists, and the file."""
        lists = {column.name for column in self.table.columns if column.is_array}
        return StructType([one for one in rows if one.name not in lists] + [StructField(PART, StringType())])

    def written(self, batches: Batches) -> Batches:
        """Write accepted rows, hand all on; a task that fails or is stopped leaves no file.

        Raises
        ------
        ValueError
            A list, or an element of one, is null.
        """
        part = f"{self.run}-{uuid.uuid4().hex}"
        files: dict[int, _File] = {}
        try:
            for batch in batches:
                mask = _accepted(batch)
                for day, rows in _by_day(batch if mask.all() else batch.filter(pa.array(mask))):
                    if day not in files:
                        files[day] = _File(self.table, f"{self.place}/{_path(day, part)}")
                    files[day].add(rows)
                kept = [name for name in batch.schema.names if not self._is_list(name)]
                named = pc.if_else(pa.array(mask), pa.scalar(part), pa.scalar(None, pa.string()))
                yield pa.RecordBatch.from_arrays([*(batch[name] for name in kept), named], names=[*kept, PART])
            for file in files.values():
                file.close()
        except BaseException:
            for file in files.values():
                file.discard()
            raise

    def _is_list(self, name: str) -> bool:
        return name in self.table.column_names and self.table.column(name).is_array

    def held(self, rows: DataFrame) -> list[DataFile]:
        """The files that hold ``rows``."""
        held = rows.where(f"{PART} is not null").groupBy("grid_date", PART).count().collect()
        return [DataFile(*row) for row in sorted(held)]

    def sweep(self) -> None:
        """Remove the run's files that no commit was tried with, those of tasks whose job failed among them."""
        system, folder = file_system(self.place)
        kept = {f"{folder}/{path}" for path in self.kept}
        for found in system.get_file_info(fs.FileSelector(folder, allow_not_found=True, recursive=True)):
            if found.base_name.startswith(self.run) and found.path not in kept:
                system.delete_file(found.path)

    def commit(self, lake: Lake, files: Sequence[DataFile], days: Sequence[date]) -> None:
        """The rows of ``days`` become those of ``files``, in one commit; other days stay untouched."""
        if not days:
            return
        if not lake.exists(self.table):
            replace_days(lake, self.table, local_rows(lake.spark, self.table.schema), days)
        added = self._added(files)
        self.kept |= {file.path for file in files}
        with_retry(self.table, lambda: _commit(lake, self.table, added, days_condition(days)))

    def _added(self, files: Sequence[DataFile]) -> list[str]:
        """What Delta's log says of files that are added."""
        system, folder = file_system(self.place)
        found = system.get_file_info([f"{folder}/{file.path}" for file in files])
        now = int(time.time() * 1000)
        return [
            json.dumps(
                {
                    "add": {
                        "path": file.path,
                        "partitionValues": {"grid_date": str(file.day)},
                        "size": info.size,
                        "modificationTime": now,
                        "dataChange": True,
                        "stats": json.dumps({"numRecords": file.rows}),
                    }
                }
            )
            for file, info in zip(files, found, strict=True)
        ]


def day_files(lake: Lake, table: Table) -> DayFiles | None:
    """Where tasks may write the table's files; None where only Spark can: tasks then hand on whole rows.

    Raises
    ------
    ValueError
        The table declares bounds or codes of a list, which nothing would check.
    """
    unchecked = [column.name for column in table.columns if column.is_array and column.checks()]
    if unchecked:
        raise ValueError(f"{table.name}: no audit sees lists that tasks write, bounds are declared of {unchecked}")
    return DayFiles(table, lake.path(table)) if is_plain(lake, table) else None


def in_tasks(
    rows: DataFrame, function: Callable[[Batches], Batches], schema: StructType, files: DayFiles | None
) -> DataFrame:
    """``rows.mapInArrow``; where ``files`` are given, with the lists of its rows written there."""
    if files is None:
        return rows.mapInArrow(function, schema)
    return rows.mapInArrow(lambda batches: files.written(function(batches)), files.schema(schema))


@dataclass
class _File:
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
            self._write()

    def _write(self) -> None:
        names = [name for name in self.table.column_names if name not in self.table.partition_by]
        fields = [StructField(name, self.table.column(name).type) for name in names]  # the audit tells of nulls
        rows = pa.Table.from_batches([batch.select(names) for batch in self.waiting])
        rows = rows.cast(to_arrow_schema(StructType(fields), timezone="UTC"))
        _refuse_nulls(self.table, rows)
        if self.writer is None:
            system, path = file_system(self.address)
            system.create_dir(path.rpartition("/")[0])
            self.writer = pq.ParquetWriter(path, rows.schema, filesystem=system, compression="zstd")
        self.writer.write_table(rows, row_group_size=ROWS_A_GROUP)
        self.waiting, self.rows = [], 0

    def close(self) -> None:
        if self.waiting:
            self._write()
        if self.writer is not None:
            self.writer.close()

    def discard(self) -> None:
        if self.writer is not None:
            self.writer.close()
            system, path = file_system(self.address)
            system.delete_file(path)


def _refuse_nulls(table: Table, rows: pa.Table) -> None:
    """What a table's CHECK constraints and its audit would find of lists, which neither sees."""
    for column in table.columns:
        if column.is_array and not column.nullable:
            lists: Any = rows[column.name].combine_chunks()
            nulls = lists.null_count + lists.flatten().null_count
            if nulls:
                raise ValueError(f"{table.name}.{column.name}: {nulls:,} nulls in {rows.num_rows:,} rows")


def _refuse_other_columns(table: Table, stands: str) -> None:
    """Delta holds a DataFrame's columns against the table's, and takes files as they are."""
    have = {f"{one.name} {one.dataType.simpleString()}" for one in StructType.fromJson(json.loads(stands))}
    want = {f"{one.name} {one.dataType.simpleString()}" for one in table.schema}
    if have != want:
        raise LakeError(
            f"{table.name}: it stands with other columns than are declared: {first_keys(sorted(have ^ want))}"
        )


def _accepted(batch: pa.RecordBatch) -> Array:
    if "_outcome" not in batch.schema.names:
        return np.ones(batch.num_rows, bool)
    return numbers(pc.equal(batch["_outcome"], pa.scalar(ACCEPTED)), bool)


def _by_day(rows: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of each grid day, in their order."""
    if not rows.num_rows:
        return
    day = numbers(rows["grid_date"].cast(pa.int32()), np.int32)
    if (day[1:] < day[:-1]).any():
        order = np.argsort(day, kind="stable")
        day, rows = day[order], rows.take(pa.array(order))
    starts = np.flatnonzero(np.diff(day, prepend=day[:1] - 1))
    for start, end in zip(starts, [*starts[1:], len(day)], strict=True):
        yield int(day[start]), rows.slice(start, end - start)


def _path(day: int, part: str) -> str:
    return DataFile(date.fromordinal(date(1970, 1, 1).toordinal() + day), part, 0).path


def _commit(lake: Lake, table: Table, added: list[str], condition: str) -> None:
    jvm: Any = lake.spark._jvm
    option = getattr(jvm, "scala.Option")
    action = getattr(jvm, "org.apache.spark.sql.delta.actions.Action")
    condition_tree = lake.spark._jsparkSession.sessionState().sqlParser().parseExpression(condition)
    transaction = delta_log(lake, table).startTransaction()
    _refuse_other_columns(table, transaction.metadata().schemaString())
    stood = transaction.filterFiles(jvm.PythonUtils.toSeq([condition_tree]), False)
    changes = [stood.apply(number).remove() for number in range(stood.size())]
    changes += [action.fromJson(one) for one in added]
    overwrite = getattr(jvm, "org.apache.spark.sql.SaveMode").Overwrite
    by = jvm.PythonUtils.toSeq(list(table.partition_by))
    write = getattr(jvm, "org.apache.spark.sql.delta.DeltaOperations$Write")
    operation = write(overwrite, option.apply(by), option.apply(condition), *[option.empty()] * 6)
    transaction.commit(jvm.PythonUtils.toSeq(changes), operation)
