"""Rows of a day table that tasks write to Parquet themselves: their lists of numbers never pass through the JVM.

Spark takes the elements of a list apart one by one, on the way from a task, into its cache and into a file; pyarrow
writes their buffers as they are. The files a task writes belong to no version of the table yet. What it hands on
is each row without its lists and which file holds it: enough to measure and audit. The driver then commits the files
of good days as Delta's own transaction, in place of what stood, and removes the others. Files of tasks that were killed
or ran twice may stay; no version names them, and Delta's VACUUM removes them.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow.fs as fs
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from jobs.errors import LakeError, first_keys
from jobs.lake.conflict import with_retry
from jobs.lake.day_writer import PART, DayWriter, path_of
from jobs.lake.direct import Batches
from jobs.lake.files import file_system
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import delta_log, is_plain
from jobs.lake.write import days_condition, made
from jobs.table import Table


@dataclass(frozen=True)
class DataFile:
    """A file of one day's rows."""

    day: date
    part: str
    rows: int

    @property
    def path(self) -> str:
        """Below the table's folder."""
        return path_of(self.day, self.part)


@dataclass
class DayFiles:
    """The files of one run over a day table, as the driver knows them."""

    writer: DayWriter
    kept: set[str] = field(default_factory=set)
    """Files that a commit was tried with: it may have come through even where it failed."""

    def held(self, rows: DataFrame) -> list[DataFile]:
        """The files that hold ``rows``."""
        held = rows.where(f"{PART} is not null").groupBy("grid_date", PART).count().collect()
        return [DataFile(*row) for row in sorted(held)]

    def commit(self, lake: Lake, files: Sequence[DataFile], days: Sequence[date]) -> None:
        """The rows of ``days`` become those of ``files``, in one commit; other days stay untouched."""
        if not days:
            return
        table = self.writer.table
        added = self._added(files)
        made(lake, table, local_rows(lake.spark, table.schema))  # where another run was faster, that is as good
        self.kept |= {file.path for file in files}
        with_retry(table, lambda: _replace_files(lake, table, added, days_condition(days)))

    def sweep(self, days: Iterable[date]) -> None:
        """Remove the run's files of these days that no commit was tried with; a file that stays does no harm."""
        system, folder = file_system(self.writer.place)
        kept = {f"{folder}/{path}" for path in self.kept}
        try:
            for day in days:
                found = system.get_file_info(fs.FileSelector(f"{folder}/grid_date={day}", allow_not_found=True))
                for one in found:
                    if one.base_name.startswith(self.writer.run) and one.path not in kept:
                        with suppress(FileNotFoundError):  # its task has removed it
                            system.delete_file(one.path)
        except OSError as fault:
            logging.getLogger(__name__).warning("%s: files that no version holds stay: %s", self.writer.place, fault)

    def _added(self, files: Sequence[DataFile]) -> list[str]:
        """What Delta's log says of files that are added."""
        system, folder = file_system(self.writer.place)
        found = system.get_file_info([f"{folder}/{file.path}" for file in files])
        gone = [file.path for file, info in zip(files, found, strict=True) if info.type != fs.FileType.File]
        if gone:
            raise LakeError(
                f"{self.writer.table.name}: {len(gone)} of {len(files)} files that tasks wrote are gone, first "
                f"{first_keys(gone)}; nothing was committed, run the same command again"
            )
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


def day_files(lake: Lake, table: Table, run_id: str | None = None) -> DayFiles | None:
    """Where tasks may write the table's files; None where only Spark can: tasks then hand on whole rows.

    Raises
    ------
    ValueError
        The table is not replaced by day, or declares bounds or codes of a list, which nothing would check.
    """
    if table.replace != "day":
        raise ValueError(f"{table.name}: tasks write day tables only, this one is replaced by {table.replace}")
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


def _refuse_other_columns(table: Table, stands: str) -> None:
    """Delta holds a DataFrame's columns against the table's, and takes files as they are."""
    have = {f"{one.name} {one.dataType.simpleString()}" for one in StructType.fromJson(json.loads(stands))}
    want = {f"{one.name} {one.dataType.simpleString()}" for one in table.schema}
    if have != want:
        raise LakeError(
            f"{table.name}: it stands with other columns than are declared: {first_keys(sorted(have ^ want))}"
        )


def _replace_files(lake: Lake, table: Table, added: list[str], condition: str) -> None:
    """One commit in the JVM: the files that meet ``condition`` go, ``added`` come."""
    jvm: Any = lake.spark._jvm
    option = getattr(jvm, "scala.Option")
    action = getattr(jvm, "org.apache.spark.sql.delta.actions.Action")
    expression = lake.spark._jsparkSession.sessionState().sqlParser().parseExpression(condition)
    transaction = delta_log(lake, table).startTransaction()
    _refuse_other_columns(table, transaction.metadata().schemaString())
    stood = transaction.filterFiles(jvm.PythonUtils.toSeq([expression]), False)
    changes = [stood.apply(number).remove() for number in range(stood.size())]
    changes += [action.fromJson(one) for one in added]
    overwrite = getattr(jvm, "org.apache.spark.sql.SaveMode").Overwrite
    by = jvm.PythonUtils.toSeq(list(table.partition_by))
    write = getattr(jvm, "org.apache.spark.sql.delta.DeltaOperations$Write")
    more = [option.empty()] * 6  # what Delta 4.4 may say of a write besides
    transaction.commit(
        jvm.PythonUtils.toSeq(changes), write(overwrite, option.apply(by), option.apply(condition), *more)
    )
