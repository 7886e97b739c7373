"""Rows that tasks write to a table's Parquet files themselves: their lists of numbers never pass through the JVM.

Spark takes the elements of a list apart one by one, on the way from a task, into its cache and into a file; pyarrow
writes their buffers as they are. The files a task writes belong to no version of the table yet. What it hands on
is each row without its lists and which file holds it: enough to measure and audit. The driver then commits the files
as Delta's own transaction, those of good days in place of what stood, or beside what stands, and removes the others.
Files of tasks that were killed or ran twice may stay; no version names them, and Delta's VACUUM removes them.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import and_
from typing import Any

import pyarrow.fs as fs
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, StructType

from jobs.errors import LakeError, first_keys
from jobs.lake.conflict import with_retry
from jobs.lake.day_writer import PART, DayWriter
from jobs.lake.direct import Batches
from jobs.lake.files import file_system
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import is_plain, read_table
from jobs.lake.transaction import Transaction
from jobs.lake.write import days_condition, made, replace_where
from jobs.table import Table


@dataclass(frozen=True)
class DataFile:
    """A file of one day's rows."""

    day: date
    part: str
    rows: int
    least: dict[str, date]
    most: dict[str, date]
    """Bounds of other days that the rows name."""

    def statistics(self) -> dict[str, Any]:
        """What Delta's log says of the file, by which a query leaves out files that it does not need."""
        none_null = dict.fromkeys(self.least, 0)
        return {"numRecords": self.rows, "minValues": self.least, "maxValues": self.most, "nullCount": none_null}


@dataclass
class DayFiles:
    """The files of one run over a table that is partitioned by a day, as the driver knows them."""

    writer: DayWriter
    kept: set[str] = field(default_factory=set)
    """Files that a commit was tried with: it may have come through even where it failed."""

    def held(self, rows: DataFrame, *, audited: bool) -> list[DataFile]:
        """The files that hold ``rows``.

        Raises
        ------
        LakeError
            Rows that were not ``audited`` break a CHECK of the table: Delta asks that of no file it is given.
        """
        table, day = self.writer.table, self.writer.day
        dates = [one.name for one in table.columns if one.type == DateType() and not one.nullable and one.name != day]
        bounds = [of(name).alias(f"{of.__name__}_{name}") for name in dates for of in (F.min, F.max)]
        checks = [] if audited else list(table.constraints(rows.columns).values())
        broken = F.count_if(~reduce(and_, (F.expr(f"coalesce({text}, false)") for text in checks), F.lit(True)))
        by_file = rows.where(f"{PART} is not null").groupBy(day, PART)
        found = by_file.agg(F.count(F.lit(1)).alias("_rows"), broken.alias("_broken"), *bounds).collect()
        if bad := sum(row["_broken"] for row in found):
            raise LakeError(f"{table.name}: {bad:,} rows that tasks wrote break one of: {'; '.join(checks)}")
        return [
            DataFile(
                row[day],
                row[PART],
                row["_rows"],
                {name: row[f"min_{name}"] for name in dates},
                {name: row[f"max_{name}"] for name in dates},
            )
            for row in sorted(found, key=lambda row: (row[day], row[PART]))
        ]

    def commit(self, lake: Lake, files: Sequence[DataFile], days: Sequence[date]) -> int | None:
        """The rows of ``days`` become those of ``files``, in one commit; other days stay untouched.

        The version in which they do; None where there are no days, and nothing is committed.
        """
        if not days:
            return None
        table, added = self.writer.table, self._begun(lake, files)
        condition = days_condition(days, self.writer.day)
        return with_retry(table, lambda: Transaction(lake, table, condition).commit(added, replace=True))

    def add(self, lake: Lake, files: Sequence[DataFile], condition: str) -> None:
        """The rows of the table that meet ``condition`` become those of ``files``, all of which meet it; one commit.

        Where none of them stand, as of what is new, the files are added as they are. Else Spark rewrites the files
        that hold such rows beside others.
        """
        if not files:
            replace_where(lake, self.writer.table, local_rows(lake.spark, self.writer.table.schema), condition)
            return
        table, added = self.writer.table, self._begun(lake, files)
        days = days_condition([file.day for file in files], self.writer.day)

        def write() -> None:
            transaction = Transaction(lake, table, days)  # begun first: what others commit from here on conflicts
            if read_table(lake, table, version=transaction.version).where(condition).isEmpty():
                transaction.commit(added, replace=False)
            else:
                replace_where(lake, table, self._read_back(lake, files), condition)

        with_retry(table, write)

    def _read_back(self, lake: Lake, files: Sequence[DataFile]) -> DataFrame:
        place = self.writer.place
        reader = lake.spark.read.schema(self.writer.table.schema).option("basePath", place)
        return reader.parquet(*[f"{place}/{self._path(file)}" for file in files])

    def sweep(self, days: Iterable[date]) -> None:
        """Remove the run's files of these days that no commit was tried with; a file that stays does no harm."""
        system, folder = file_system(self.writer.place)
        kept = {f"{folder}/{path}" for path in self.kept}
        try:
            for day in days:
                found = system.get_file_info(fs.FileSelector(f"{folder}/{self.writer.day}={day}", allow_not_found=True))
                for one in found:
                    if one.base_name.startswith(self.writer.run) and one.path not in kept:
                        with suppress(FileNotFoundError):  # its task has removed it
                            system.delete_file(one.path)
        except OSError as fault:
            logging.getLogger(__name__).warning("%s: files that no version holds stay: %s", self.writer.place, fault)

    def _begun(self, lake: Lake, files: Sequence[DataFile]) -> list[str]:
        """The table stands, and the files are to be committed: what Delta's log says of them."""
        added = self._added(files)
        table = self.writer.table
        made(lake, table, local_rows(lake.spark, table.schema))  # where another run was faster, that is as good
        self.kept |= {self._path(file) for file in files}
        return added

    def _path(self, file: DataFile) -> str:
        return self.writer.path_of(file.day, file.part)

    def _added(self, files: Sequence[DataFile]) -> list[str]:
        """What Delta's log says of files that are added."""
        system, folder = file_system(self.writer.place)
        found = system.get_file_info([f"{folder}/{self._path(file)}" for file in files])
        gone = [self._path(file) for file, info in zip(files, found, strict=True) if info.type != fs.FileType.File]
        if gone:
            raise LakeError(
                f"{self.writer.table.name}: {len(gone)} of {len(files)} files that tasks wrote are gone, first "
                f"{first_keys(gone)}; nothing was committed, run the same command again"
            )
        return [
            json.dumps(
                {
                    "add": {
                        "path": self._path(file),
                        "partitionValues": {self.writer.day: str(file.day)},
                        "size": info.size,
                        "modificationTime": info.mtime_ns // 1_000_000,
                        "dataChange": True,
                        "stats": json.dumps(file.statistics(), default=str),
                    }
                }
            )
            for file, info in zip(files, found, strict=True)
        ]


def day_files(lake: Lake, table: Table, run_id: str | None = None) -> DayFiles | None:
    """Where tasks may write the table's files; None where only Spark can: tasks then hand on whole rows.

    Raises
    ------
    ValueError
        The table is not partitioned by a day, or declares bounds or codes of a list, which nothing would check.
    """
    if [table.column(name).type for name in table.partition_by] != [DateType()]:
        raise ValueError(f"{table.name}: tasks write tables that are partitioned by a day, and this one is not")
    unchecked = [column.name for column in table.columns if column.is_array and column.checks()]
    if unchecked:
        raise ValueError(f"{table.name}: no audit sees lists that tasks write, bounds are declared of {unchecked}")
    if not is_plain(lake, table):
        return None
    return DayFiles(DayWriter(table, lake.path(table), run_id or uuid.uuid4().hex))


def in_tasks(
    rows: DataFrame, function: Callable[[Batches], Batches], schema: StructType, into: DayFiles | None
) -> DataFrame:
    """``rows.mapInArrow``; with ``into``, the lists of its rows are written there.

    What follows may drop whole days, and no single rows: a file is committed as a whole.
    """
    if into is None:
        return rows.mapInArrow(function, schema)
    writer = into.writer
    return rows.mapInArrow(lambda batches: writer.written(function(batches)), writer.schema(schema))
