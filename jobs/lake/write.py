"""Writing tables of the lake: every write replaces a whole table, days, periods, files or keys.

There is no append but of files that an ingest reads for the first time (`jobs.lake.day_files`): a second run leaves the
same table, a killed one leaves the version before it. A table's first commit brings its comments and CHECK constraints
along with its rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, DataFrameWriter
from pyspark.sql import functions as F

from jobs.errors import LakeError, first_keys
from jobs.lake.conflict import with_retry
from jobs.lake.lake import Lake
from jobs.lake.scan import table_version, version_marked
from jobs.table import Table, comment


def replace_all(lake: Lake, table: Table, rows: DataFrame) -> int | None:
    """The table's rows become ``rows``; the version in which they do."""
    return _write(lake, table, rows, None)


def replace_days(lake: Lake, table: Table, rows: DataFrame, days: Sequence[date]) -> int | None:
    """The rows of ``days`` become ``rows``; other days stay untouched, even by a rewrite of their files.

    The version in which they do; None where there are no days, and nothing is written.
    """
    return _write(lake, table, rows, days_condition(days)) if days else None


def replace_where(lake: Lake, table: Table, rows: DataFrame, condition: str) -> int | None:
    """The rows that meet ``condition`` become ``rows``, all of which meet it; the version in which they do."""
    return _write(lake, table, rows, condition)


def merge_keys(lake: Lake, table: Table, rows: DataFrame, *, update: bool = True) -> None:
    """Rows whose key is new are added; those whose key stands replace it (or leave it, without ``update``).

    The key of ``rows`` must be unique: Delta refuses two rows for one key.
    """
    fitting = conform(table, rows)
    if made(lake, table, fitting):
        return
    same_key = " and ".join(f"old.{name} <=> new.{name}" for name in table.key)

    def write() -> None:
        merge = DeltaTable.forPath(lake.spark, lake.path(table)).alias("old")
        joined = merge.merge(fitting.alias("new"), same_key)
        joined = joined.whenMatchedUpdateAll() if update else joined
        joined.whenNotMatchedInsertAll().execute()

    with_retry(table, write)


def conform(table: Table, rows: DataFrame) -> DataFrame:
    """``rows`` with the declared columns in order and type; anything missing, extra or of another type is refused."""
    have = {name: kind for name, kind in rows.dtypes if not name.startswith("_")}
    want = {field.name: field.dataType.simpleString() for field in table.schema.fields}
    faults = [f"{name} is missing" for name in want if name not in have]
    faults += [f"{name} is not declared" for name in have if name not in want]
    faults += [f"{n} is {have[n]}, {want[n]} is needed" for n in want if n in have and have[n] != want[n]]
    if faults:
        raise LakeError(f"{table.name}: rows do not fit the declaration: {first_keys(faults)}")
    return rows.select(*[F.col(one.name).alias(one.name, metadata={"comment": comment(one)}) for one in table.columns])


def _write(lake: Lake, table: Table, rows: DataFrame, where: str | None) -> int | None:
    fitting = conform(table, rows)
    if made(lake, table, fitting, where):
        return 0
    before, mark = table_version(lake, table), uuid.uuid4().hex
    writer = _writer(table, fitting).mode("overwrite").option("userMetadata", mark)
    if where is not None:
        writer = writer.option("replaceWhere", where)
    with_retry(table, lambda: writer.save(lake.path(table)))
    return version_marked(lake, table, mark, after=before)  # another writer may have committed since


def made(lake: Lake, table: Table, rows: DataFrame, where: str | None = None) -> bool:
    """Make the table of ``rows`` in one commit; False where it stands already, or another run was faster."""
    if lake.exists(table):
        return False
    if where is not None:  # Delta holds rows against it only where there is something to replace
        outside = F.concat(F.lit(f"rows outside {where}: "), F.to_json(F.struct(*(table.key or table.column_names))))
        rows = rows.where(F.assert_true(F.expr(where), outside).isNull())
    writer = _writer(table, rows).mode("errorifexists")  # else a table that another run makes meanwhile is wiped
    for name, condition in table.constraints().items():
        writer = writer.option(f"delta.constraints.{name}", condition)
    try:
        with_retry(table, lambda: writer.save(lake.path(table)))
    except LakeError:
        if not lake.exists(table):
            raise
        return False
    return True


def _writer(table: Table, rows: DataFrame) -> DataFrameWriter:
    writer = rows.write.format("delta")
    return writer.partitionBy(*table.partition_by) if table.partition_by else writer


def days_condition(days: Sequence[date], column: str = "grid_date") -> str:
    """Literal dates, so that Delta sees that writers of other days do not meet; a run of days by its ends."""
    first, last = min(days), max(days)
    if len(set(days)) == (last - first).days + 1:
        return f"{column} >= date'{first}' and {column} <= date'{last}'"
    dates = ", ".join(f"date'{day}'" for day in sorted(set(days)))
    return f"{column} in ({dates})"
