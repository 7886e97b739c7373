"""Reading tables of the lake: whole, by grid day, or as of a version."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.lake.files import opens
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.span import Span
from jobs.table import Table


def read_table(lake: Lake, table: Table, span: Span | None = None, *, version: int | None = None) -> DataFrame:
    """Rows of a table; an empty frame of its schema where it has never been written.

    Parameters
    ----------
    span
        Only these grid days, where the table is kept by day.
    version
        This version of the table; None is the newest.
    """
    if not lake.exists(table):
        return local_rows(lake.spark, table.schema)
    reader = lake.spark.read.format("delta")
    if version is not None:
        reader = reader.option("versionAsOf", version)
    rows = reader.load(lake.path(table)).select(*table.column_names)
    if span is not None and "grid_date" in table.partition_by:
        rows = rows.where((F.col("grid_date") >= F.lit(span.first)) & (F.col("grid_date") < F.lit(span.end)))
    return rows


def table_version(lake: Lake, table: Table) -> int | None:
    """Newest version of a table; None where it has never been written."""
    snapshot = _snapshot(lake, table)
    return None if snapshot is None else int(snapshot.version())


def table_bytes(lake: Lake, table: Table) -> int:
    """Size of the files of a table's newest version."""
    snapshot = _snapshot(lake, table)
    return 0 if snapshot is None else int(snapshot.sizeInBytes())


def is_plain(lake: Lake, table: Table) -> bool:
    """True where pyarrow may write files of the table: it opens them, and the table's names are those in its files."""
    if not hasattr(lake.spark, "_jsparkSession") or not opens(lake.path(table)):
        return False
    snapshot = _snapshot(lake, table)
    return snapshot is None or snapshot.metadata().columnMappingMode().name() == "none"


def _snapshot(lake: Lake, table: Table) -> Any:
    """Delta's newest snapshot of a table: ``DeltaTable.history`` runs a Spark job, 30 times as long."""
    if not lake.exists(table):
        return None
    none = getattr(lake.spark._jvm, "scala.Option").empty()
    return delta_log(lake, table).update(False, none, none)


def delta_log(lake: Lake, table: Table) -> Any:
    """Delta's log of a table, in the JVM."""
    jvm = lake.spark._jvm
    assert jvm is not None  # it is None after the session stopped
    return getattr(jvm, "org.apache.spark.sql.delta.DeltaLog").forTable(lake.spark._jsparkSession, lake.path(table))
