"""Reading tables of the lake: whole, by grid day, or as of a version."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.lake.delta_internals import commit_mark, metadata, snapshot
from jobs.lake.files import opens
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.span import Span
from jobs.table import Table

DEFAULTS = "spark.databricks.delta.properties.defaults"


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


def read_version(lake: Lake, table: Table, version: int | None, span: Span | None = None) -> DataFrame:
    """Rows of one version of a table; an empty frame of its schema where it is None: the table was not there."""
    if version is None:
        return local_rows(lake.spark, table.schema)
    return read_table(lake, table, span, version=version)


def table_version(lake: Lake, table: Table) -> int | None:
    """Newest version of a table; None where it has never been written."""
    found = _snapshot(lake, table)
    return None if found is None else int(found.version())


def version_marked(lake: Lake, table: Table, mark: str, *, after: int | None) -> int | None:
    """The version after ``after`` whose commit bears ``mark``; the newest where none does: it had nothing to change."""
    newest = table_version(lake, table)
    if newest is None:
        return None
    for version in range(newest, -1 if after is None else after, -1):
        if commit_mark(lake, table, version) == mark:
            return version
    return newest


def table_bytes(lake: Lake, table: Table) -> int:
    """Size of the files of a table's newest version."""
    found = _snapshot(lake, table)
    return 0 if found is None else int(found.sizeInBytes())


def is_plain(lake: Lake, table: Table) -> bool:
    """True where pyarrow may write files of the table: it opens them, and nothing but the declaration binds their rows.

    Column names of its own, CHECKs that are not declared and generated columns are Spark's to write.
    """
    if not hasattr(lake.spark, "_jsparkSession") or not opens(lake.path(table)):
        return False
    found = _snapshot(lake, table)
    if found is None:
        return str(lake.spark.conf.get(f"{DEFAULTS}.columnMapping.mode", "none")) == "none"
    stands = metadata(found)
    checks = {text for key, text in stands["configuration"].items() if key.startswith("delta.constraints.")}
    return (
        stands["configuration"].get("delta.columnMapping.mode", "none") == "none"
        and checks <= set(table.constraints().values())
        and not any(sign in stands["schemaString"] for sign in ("delta.generationExpression", "delta.identity."))
    )


def _snapshot(lake: Lake, table: Table) -> Any:
    return snapshot(lake, table) if lake.exists(table) else None
