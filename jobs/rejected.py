"""Tables of rejected rows: beside each table that judges rows stands one ``<table>_rejected``."""

from __future__ import annotations

from functools import cache

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType

from jobs import columns as c
from jobs.table import Column, Table

REJECTION = (
    Column("rule_id", StringType(), None, "Rule that refused the row"),
    Column("reason", StringType(), None, "What was found and what is needed"),
    Column("record", StringType(), None, "The record, as JSON with hashed ids", nullable=True),
    c.optional(c.SOURCE),
    c.optional(c.FILE_ID),
    Column("first_line", LongType(), None, "First line of the record in its file", nullable=True),
    Column("weight", LongType(), "1", "What it counts for: rows, or channel-intervals of interval data", minimum=0),
)


@cache
def rejected_table(table: Table) -> Table:
    """Declaration of the table of rows that ``table`` refused."""
    of_span = _span_columns(table)
    return Table(
        name=f"{table.name}_rejected",
        grain=f"One record that {table.name} refused.",
        key=(),
        columns=(*(table.column(name) for name in of_span), *REJECTION),
        replace=table.replace if of_span else "all",
        partition_by=table.partition_by if of_span else (),
    )


def rejected_rows(rows: DataFrame, table: Table) -> DataFrame:
    """Rows with the scratch columns of ``jobs.outcome``, as rows of ``table``'s rejected table."""
    return rows.select(
        *_span_columns(table),
        F.col("_rule").alias("rule_id"),
        F.col("_reason").alias("reason"),
        F.col("_record").alias("record"),
        F.col("_source").alias("source"),
        F.col("_file_id").alias("file_id"),
        F.col("_line").alias("first_line"),
        F.coalesce(F.col("_rejected"), F.lit(1).cast("long")).alias("weight"),
    )


def _span_columns(table: Table) -> list[str]:
    """Columns that say which day or period a row belongs to: what a build of a span replaces, refused rows too."""
    of = {"day": ("grid_date",), "period": ("month_start", "period_kind", "period_start")}
    return [name for name in of.get(table.replace, ()) if name in table.column_names]
