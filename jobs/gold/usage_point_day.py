"""Gold ``usage_point_day``: each channel's day in a few figures."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import DoubleType, LongType, StructField, StructType, TimestampType

from jobs import columns as c
from jobs.batches import flat, numbers
from jobs.job import Job, Read
from jobs.lake.direct import Batches, map_in_arrow
from jobs.table import Column, Table
from jobs.totals import Totals
from kernels.load_profile import summarise_blocks
from kernels.quality import FIRST_ESTIMATED, MISSING, SUSPECT, SUSPECT_RAW, VALID

CARRIED = (
    "usage_point_id",
    "channel",
    "unit",
    "grid_date",
    "interval_minutes",
    "customer_class",
    "transformer_id",
    "feeder_id",
)

USAGE_POINT_DAY = Table(
    name="gold.usage_point_day",
    grain="One channel of a usage point, one grid day.",
    key=("usage_point_id", "channel", "grid_date"),
    replace="day",
    partition_by=("grid_date",),
    columns=(
        c.USAGE_POINT_ID,
        c.CHANNEL,
        c.UNIT,
        c.GRID_DATE,
        c.INTERVAL_MINUTES,
        Column("energy", LongType(), "Wh or varh", "Energy of the day, missing intervals left out"),
        Column(
            "peak_kw",
            DoubleType(),
            "kW or kvar",
            "Mean power of the highest interval; null where every interval is missing",
            nullable=True,
        ),
        Column("peak_at_utc", TimestampType(), None, "Start of that interval, the first on a tie", nullable=True),
        Column("valid_share", DoubleType(), "1", "Share of intervals valid", minimum=0, maximum=1),
        Column("suspect_share", DoubleType(), "1", "Share of intervals kept as suspect", minimum=0, maximum=1),
        Column("estimated_share", DoubleType(), "1", "Share of intervals estimated", minimum=0, maximum=1),
        Column("missing_share", DoubleType(), "1", "Share of intervals missing", minimum=0, maximum=1),
        c.CUSTOMER_CLASS,
        c.optional(c.TRANSFORMER_ID),
        c.optional(c.FEEDER_ID),
    ),
)


def usage_point_days(interval_blocks: DataFrame, *, utc_offset: timedelta) -> DataFrame:
    """silver.interval_block -> gold.usage_point_day: one row for each block, of every kind of usage point."""
    schema = StructType([StructField(column.name, column.type) for column in USAGE_POINT_DAY.columns])
    blocks = interval_blocks.select(*CARRIED, "reading", "reading_quality")
    summarise = partial(summaries, utc_offset=utc_offset, schema=to_arrow_schema(schema, timezone="UTC"))
    return map_in_arrow(blocks, summarise, schema)


def summaries(batches: Batches, *, utc_offset: timedelta, schema: pa.Schema) -> Batches:
    """The figures of each block."""
    for batch in batches:
        reading, start = flat(batch.column("reading"), np.int32)
        quality = flat(batch.column("reading_quality"), np.int8)[0]
        found = summarise_blocks(start.astype(np.int32), reading, quality)
        minutes = numbers(batch.column("interval_minutes"), np.int64)
        silent = found.peak_slot < 0
        day = numbers(batch.column("grid_date").cast(pa.int32()), np.int64).astype("datetime64[D]")
        midnight = day.astype("datetime64[us]") - np.timedelta64(utc_offset)
        share = found.by_quality / np.diff(start)[:, None]
        columns = {
            **{name: batch.column(name).cast(schema.field(name).type) for name in CARRIED},
            "energy": pa.array(found.energy),
            "peak_kw": pa.array(found.peak * 60 / (minutes * 1000), mask=silent),
            "peak_at_utc": pa.array(midnight + (found.peak_slot * minutes).astype("timedelta64[m]"), mask=silent),
            "valid_share": pa.array(share[:, VALID]),
            "suspect_share": pa.array(share[:, SUSPECT] + share[:, SUSPECT_RAW]),
            "estimated_share": pa.array(share[:, FIRST_ESTIMATED:].sum(axis=1)),
            "missing_share": pa.array(share[:, MISSING]),
        }
        yield pa.RecordBatch.from_arrays([columns[f.name].cast(f.type) for f in schema], schema=schema)


JOB = Job(
    USAGE_POINT_DAY,
    usage_point_days,
    reads={"interval_blocks": Read("silver.interval_block")},
    options=lambda settings, span: {"utc_offset": settings.grid_time.offset},
    totals=(Totals("interval_blocks", {"energy": "energy"}, by=("usage_point_id", "channel")),),
)
