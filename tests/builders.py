"""Rows for tests, built from a table's declaration: what a test does not name gets a harmless value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as t
from pyspark.sql.pandas.types import to_arrow_schema

from jobs.lake.local import local_rows
from jobs.table import Column, Table

DEFAULTS: dict[type[t.DataType], Any] = {
    t.StringType: "x",
    t.IntegerType: 1,
    t.LongType: 1,
    t.DoubleType: 1.0,
    t.BooleanType: True,
    t.DateType: date(2016, 1, 15),
    t.TimestampType: datetime(2016, 1, 1, tzinfo=UTC),
    t.DecimalType: Decimal("1.00"),
}


def frame(spark: SparkSession, table: Table, *rows: dict[str, Any]) -> DataFrame:
    """A frame of the table's schema with the given rows; unknown columns are refused."""
    for row in rows:
        unknown = set(row) - set(table.column_names)
        if unknown:
            raise ValueError(f"{table.name} declares no {sorted(unknown)}")
    return local_rows(spark, table.schema, (_filled(table, row) for row in rows))


def frame_of(spark: SparkSession, folder: Path, table: Table, rows: pd.DataFrame) -> DataFrame:
    """A frame of the table's schema from many rows at once, read from a file: a column that is not given is null."""
    schema = to_arrow_schema(table.schema, timezone="UTC")
    columns = [pa.array(rows[f.name], f.type, from_pandas=True) if f.name in rows else pa.nulls(len(rows), f.type)
               for f in schema]  # fmt: skip
    return in_file(spark, folder, table, pa.table(columns, names=schema.names))


def in_file(spark: SparkSession, folder: Path, table: Table, rows: pa.Table) -> DataFrame:
    """Rows of a table read from a file: many that a plan holds fill the heap."""
    path = folder / f"{table.name}.parquet"
    pq.write_table(rows, path)
    return spark.read.parquet(str(path))


def _filled(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[c.name] if c.name in row else _default(c) for c in table.columns)


def _default(column: Column) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, t.ArrayType | t.MapType):
        return [] if isinstance(column.type, t.ArrayType) else {}
    if column.codes:
        return next(iter(column.codes))
    return DEFAULTS[type(column.type)]
