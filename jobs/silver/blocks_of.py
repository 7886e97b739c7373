"""Rows of received blocks as the kernel's blocks."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from jobs.batches import Array, from_bytes, numbers
from jobs.columns import CUSTOMER_CLASSES
from kernels.block_rules import DEMAND, FEED_IN, REACTIVE, Blocks, mean_kw

EPOCH = date(1970, 1, 1)


def blocks_of(rows: pa.RecordBatch, key: Array, day: Array, *, enabled: bool = True) -> Blocks:
    """The blocks of the batch, row by row; rows without a reading are not judged."""
    reading, offset = from_bytes(rows["reading"], np.int32)
    quality, _ = from_bytes(rows["reading_quality"], np.int8)
    interval = numbers(rows["interval_minutes"], np.int32)
    channel = rows["channel"].dictionary_encode()
    reactive = np.array([name.startswith("reactive") for name in channel.dictionary.to_pylist()] or [False])
    reactive = reactive[numbers(channel.indices, np.int64)]
    classes = rows["customer_class"].dictionary_encode()
    code = np.array(
        [list(CUSTOMER_CLASSES).index(str(name)) for name in classes.dictionary.to_pylist()] or [0], np.int32
    )
    of_class = code[numbers(classes.indices.fill_null(0), np.int64)]
    received = numbers(rows["received_intervals"], np.int64)
    return Blocks(
        reading=reading,
        reading_quality=quality,
        offset=offset,
        key=key,
        day=day,
        interval_minutes=interval,
        judged=((np.diff(offset) > 0) & enabled).astype(np.uint8),
        of_class=of_class,
        limit_kw=numbers(rows["connection_limit_kw"].fill_null(np.nan), np.float64),
        mean_kw=mean_kw(numbers(rows["day_total"], np.int64), received, interval),
        nature=np.where(reactive, REACTIVE, np.where(numbers(rows["feeds_in"], bool), FEED_IN, DEMAND)).astype(np.int8),
        live=_live(rows),
        register=_register(rows),
    )


def _live(rows: pa.RecordBatch) -> Array:
    """When the transformer was live; never, where that was not asked."""
    if "_live_first" not in rows.schema.names:
        return np.zeros((rows.num_rows, 2), np.int64)
    return np.stack([numbers(rows[f"_live_{half}"], np.int64) for half in ("first", "second")], axis=1)


def _register(rows: pa.RecordBatch) -> Array:
    if "_register" not in rows.schema.names:
        return np.full(rows.num_rows, np.nan)
    return numbers(rows["_register"].fill_null(np.nan), np.float64)
