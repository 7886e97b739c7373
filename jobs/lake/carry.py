"""Rows on their way to a kernel: their lists of numbers as bytes, which Spark shuffles and hands over as a whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, BinaryType, DataType, StructField, StructType

from jobs.batches import Array, as_bytes
from jobs.lake.direct import Batches, map_in_arrow


def carried(rows: DataFrame, *, keep: Callable[[pa.RecordBatch], Array] | None = None) -> DataFrame:
    """The rows with each list column as bytes (`jobs.batches.from_bytes` undoes it).

    Parameters
    ----------
    keep
        The conditions of ``rows`` on columns other than the table's partitioning once more: which rows meet them.
    """
    schema = StructType([StructField(one.name, _carried_type(one), one.nullable) for one in rows.schema])
    carry = partial(_carry, keep=keep, schema=to_arrow_schema(schema, timezone="UTC"))
    return map_in_arrow(rows, carry, schema, refilters=keep is not None)


def _carried_type(field: StructField) -> DataType:
    return BinaryType() if isinstance(field.dataType, ArrayType) else field.dataType


def _carry(batches: Batches, *, keep: Callable[[pa.RecordBatch], Array] | None, schema: pa.Schema) -> Batches:
    for batch in batches:
        mask = np.ones(batch.num_rows, bool) if keep is None else keep(batch)
        kept = batch if mask.all() else batch.filter(pa.array(mask))
        if kept.num_rows:
            columns = [
                as_bytes(column) if pa.types.is_binary(field.type) else column.cast(field.type)
                for column, field in zip(kept.columns, schema, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
