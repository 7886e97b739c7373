"""Frames of a few rows: they become part of the plan, where Spark's ``createDataFrame`` of a list starts tasks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as t
from pyspark.sql.pandas.types import to_arrow_schema


def local_rows(spark: SparkSession, schema: t.StructType, rows: Iterable[tuple[Any, ...]] = ()) -> DataFrame:
    """A frame of ``rows``, each a tuple in the order of ``schema``; an empty one without rows."""
    plain = [_plain(row, schema) for row in rows]
    table = pa.Table.from_pylist(plain, schema=to_arrow_schema(schema, timezone="UTC"))
    return spark.createDataFrame(table, schema)


def _plain(value: Any, kind: t.DataType) -> Any:
    """The value as Arrow takes it: structures as dictionaries, maps as pairs."""
    if value is None:
        return None
    if isinstance(kind, t.StructType):
        return {field.name: _plain(one, field.dataType) for field, one in zip(kind.fields, value, strict=True)}
    if isinstance(kind, t.ArrayType):
        return [_plain(one, kind.elementType) for one in value]
    if isinstance(kind, t.MapType):
        return [(_plain(key, kind.keyType), _plain(one, kind.valueType)) for key, one in value.items()]
    return value
