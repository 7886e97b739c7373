"""Silver ``usage_point_baseline``: what is usual for a channel, by day type and local slot, for one month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, DateType, IntegerType, StringType

from jobs import columns as c
from jobs.batches import group_starts, lists, numbers, whole_groups
from jobs.job import Job, Read
from jobs.lake.carry import carried
from jobs.settings import GridTime, Settings
from jobs.silver.blocks_of import EPOCH, blocks_of
from jobs.silver.local_clock import local_quarters
from jobs.silver.validation import ValidationSettings
from jobs.span import Span
from jobs.table import Column, Table
from kernels.baseline import baselines
from kernels.block_rules import Codes, Flags, no_baseline, validate
from kernels.quality import SUSPECT, VALID

DAY_TYPES = {"workday": "Monday to Friday, no holiday", "saturday": "Saturday", "sunday": "Sunday or public holiday"}

USAGE_POINT_BASELINE = Table(
    name="silver.usage_point_baseline",
    grain="One channel of a usage point, one day type, one month that it judges.",
    key=("usage_point_id", "channel", "day_type", "month_start"),
    replace="period",
    partition_by=("month_start",),
    columns=(
        c.USAGE_POINT_ID,
        c.CHANNEL,
        Column("day_type", StringType(), None, "Day type, by local date", codes=DAY_TYPES),
        Column("month_start", DateType(), None, "First day of the local month that the baseline judges"),
        c.INTERVAL_MINUTES,
        Column("days", IntegerType(), "d", "Days of history that the baseline rests on", minimum=1),
        Column("typical", ArrayType(IntegerType(), False), "Wh or varh", "Mean of the raw reads in each local slot"),
        Column(
            "low", ArrayType(IntegerType(), False), "Wh or varh", "Low quantile of the raw reads in each local slot"
        ),
        Column(
            "high", ArrayType(IntegerType(), False), "Wh or varh", "High quantile of the raw reads in each local slot"
        ),
        Column("day_low", IntegerType(), "Wh or varh", "Lowest day total in the history"),
        Column("day_high", IntegerType(), "Wh or varh", "Highest day total in the history"),
    ),
)

HISTORY_DAYS = 84
GAP_DAYS = 14


def history(month: date) -> Span:
    """The days whose reads judge a month: 12 weeks, ending 14 days before it.

    >>> str(history(date(2016, 4, 1)))
    '2015-12-25 to 2016-03-18'
    """
    end = month - timedelta(days=GAP_DAYS)
    return Span(end - timedelta(days=HISTORY_DAYS), end)


def usage_point_baselines(
    received: DataFrame, *, span: Span, time: GridTime, validation: ValidationSettings
) -> DataFrame:
    """silver.received_block -> silver.usage_point_baseline, from reads that pass the rules which need no history."""
    schema = to_arrow_schema(USAGE_POINT_BASELINE.schema)
    days = Span(history(span.months[0]).first, history(span.months[-1]).end)
    clock = local_quarters(days, time)

    def usual(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return baseline_batches(batches, schema=schema, days=days, months=span.months, clock=clock, settings=validation)

    columns = [*BLOCK_KEYS, "grid_date", "interval_minutes", "reading", "reading_quality", "customer_class",
               "connection_limit_kw", "feeds_in", "received_intervals", "day_total"]  # fmt: skip
    read = received.select(*columns).where((F.col("grid_date") >= days.first) & (F.col("grid_date") < days.end))
    by_channel = carried(read).repartition("usage_point_id").sortWithinPartitions(*BLOCK_KEYS, "grid_date")
    return by_channel.mapInArrow(usual, USAGE_POINT_BASELINE.schema)


BLOCK_KEYS = ("usage_point_id", "channel")


def usable(quality: Codes) -> Flags:
    """1 for reads that may be history: those that stand."""
    flags: Flags = np.isin(quality, (VALID, SUSPECT)).astype(np.uint8)
    return flags


def baseline_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    schema: pa.Schema,
    days: Span,
    months: list[date],
    clock: Any,
    settings: ValidationSettings,
) -> Iterator[pa.RecordBatch]:
    """Baselines of whole channels, from their blocks in order of day."""
    windows = [((history(month).first - EPOCH).days, (history(month).end - EPOCH).days) for month in months]
    for rows in whole_groups(batches, BLOCK_KEYS):
        start = group_starts(rows, BLOCK_KEYS)
        key = np.repeat(np.arange(len(start) - 1), np.diff(start))
        blocks = blocks_of(rows, key, numbers(rows["grid_date"].cast(pa.int32()), np.int32))
        result = validate(
            blocks, no_baseline(rows.num_rows), settings.thresholds(), linear_minutes=settings.linear_minutes
        )
        found = baselines(
            reading=blocks.reading,
            usable=usable(result.reading_quality),
            offset=blocks.offset,
            day=blocks.day,
            interval_minutes=blocks.interval_minutes,
            date_index=blocks.day - np.int32((days.first - EPOCH).days),
            local=clock,
            key_start=start,
            windows=windows,
            quantile=settings.baseline_quantile,
        )
        first = start[:-1][found.key]
        made = {
            "usage_point_id": rows["usage_point_id"].take(first),
            "channel": rows["channel"].take(first),
            "day_type": pa.array(np.array(list(DAY_TYPES))[found.day_type], pa.string()),
            "month_start": pa.array(np.array(months, "datetime64[D]")[found.window], pa.date32()),
            "interval_minutes": pa.array(found.interval_minutes),
            "days": pa.array(found.days),
            "typical": lists(found.typical, found.offset, pa.int32()),
            "low": lists(found.low, found.offset, pa.int32()),
            "high": lists(found.high, found.offset, pa.int32()),
            "day_low": pa.array(found.day_low),
            "day_high": pa.array(found.day_high),
        }
        yield pa.RecordBatch.from_arrays([made[field.name].cast(field.type) for field in schema], schema=schema)


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {
        "span": span,
        "time": settings.grid_time,
        "validation": settings.validation,
    }


JOB = Job(
    USAGE_POINT_BASELINE,
    usage_point_baselines,
    {
        "received": Read(
            "silver.received_block", lambda span: Span(history(span.months[0]).first, history(span.months[-1]).end)
        )
    },
    _options,
)
