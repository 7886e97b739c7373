"""Silver ``interval_block``: validated and estimated readings, with the transformer and feeder of that day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import (
    ArrayType,
    ByteType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
)

from jobs import columns as c
from jobs.job import Job, Read
from jobs.lake.carry import carried
from jobs.lake.day_files import DayFiles, in_tasks
from jobs.settings import GridTime, Settings
from jobs.silver.block_columns import DAY_OF_CHANNEL, GRAIN, KEY, KIND, PLACE, ROUNDING_WH
from jobs.silver.block_validation import KEYS, validated_batches
from jobs.silver.local_clock import local_quarters
from jobs.silver.outage import dark_quarters
from jobs.silver.register_read import counted_to_next
from jobs.silver.usage_point_baseline import DAY_TYPES
from jobs.silver.validation import ValidationSettings
from jobs.span import Span, next_month
from jobs.table import Column, Table
from jobs.totals import Totals

FINDING = StructType(
    [
        StructField("rule_id", StringType(), False),
        StructField("first_slot", IntegerType(), False),
        StructField("slots", IntegerType(), False),
        StructField("measured", DoubleType(), False),
        StructField("threshold", DoubleType(), False),
        StructField("disposition", StringType(), False),
    ]
)

INTERVAL_BLOCK = Table(
    name="silver.interval_block",
    grain=GRAIN,
    key=KEY,
    replace="day",
    partition_by=("grid_date",),
    columns=(
        *DAY_OF_CHANNEL,
        Column(
            "reading", ArrayType(IntegerType(), False), None, "Energy of each interval in whole units; 0 where missing"
        ),
        Column(
            "reading_quality",
            ArrayType(ByteType(), False),
            None,
            "Quality code of each interval (GLOSSARY, kernels.quality)",
        ),
        Column("energy", LongType(), "Wh or varh", "Energy of the day: the sum of its readings"),
        Column("rule_set_version", StringType(), None, "Version of the rules that judged the block"),
        Column("rules_not_run", ArrayType(StringType(), False), None, "Rules that could not run, for want of history"),
        Column("findings", ArrayType(FINDING, False), None, "What the rules found, in order of first slot"),
        ROUNDING_WH,
        KIND,
        c.CUSTOMER_CLASS,
        *PLACE,
    ),
)

BESIDE_DAYS = 2
"""A day is judged beside the reads of so many days before and after it."""
EARLIER_DAYS = 14
"""Of so many days before it the mean is known."""
BYTES = ("reading", "reading_quality")
USUAL = ("typical", "low", "high")


def interval_blocks(
    received: DataFrame,
    earlier: DataFrame,
    baseline: DataFrame,
    register_reads: DataFrame,
    outage: DataFrame,
    *,
    span: Span,
    time: GridTime,
    validation: ValidationSettings,
    tasks: int,
    into: DayFiles | None = None,
) -> DataFrame:
    """silver.received_block -> silver.interval_block.

    All that judges a channel's days of one month meets in one task by one exchange: its blocks, the blocks of the
    days beside the month, the means of days before, and its baselines.

    Parameters
    ----------
    received, earlier
        Blocks of the span and `BESIDE_DAYS` on either side; of `EARLIER_DAYS` before it, of which no reading is read.
    """
    months = [_within(span, month) for month in span.months]
    parts = -(-tasks // len(months))
    offset_seconds = time.offset_seconds
    dark = dark_quarters(outage, span.widened(BESIDE_DAYS, BESIDE_DAYS), offset_seconds)
    judged = _with_register(_with_live(carried(received), received, dark), register_reads, offset_seconds)
    means = earlier.where(F.col("grid_date") < F.lit(span.widened(BESIDE_DAYS).first)).drop(
        "reading", "reading_quality"
    )
    history = baseline.where((F.col("days") >= validation.baseline_min_days) & F.col("month_start").isin(span.months))
    usual = history.select(
        *KEYS,
        "interval_minutes",
        "days",
        F.array_position(F.array(*map(F.lit, DAY_TYPES)), F.col("day_type")).cast("int").alias("_day_type"),
        "typical",
        "low",
        "high",
        "day_low",
        "day_high",
        F.array_position(F.array(*map(F.lit, span.months)), F.col("month_start")).cast("int").alias("_month"),
    ).withColumns({"_day_type": F.col("_day_type") - 1, "_month": F.col("_month") - 1})  # positions count from 1
    rows = _by_month(judged.unionByName(means, allowMissingColumns=True), months).unionByName(
        usual, allowMissingColumns=True
    )
    no_list = {name: F.coalesce(name, F.lit(b"")) for name in BYTES}
    no_list |= {name: F.coalesce(name, F.array().cast("array<int>")) for name in USUAL}
    rows = (
        rows.withColumns(no_list)
        .fillna(
            {
                "_emitted": False,
                "feeds_in": False,
                "received_intervals": 0,
                "day_total": 0,
                "_live_first": 0,
                "_live_second": 0,
            }
        )
        .repartitionById(parts * len(months), F.col("_month") * parts + F.pmod(F.hash("usage_point_id"), F.lit(parts)))
        .sortWithinPartitions(*KEYS, F.col("grid_date").asc_nulls_first(), "_day_type")
    )
    schema, clock = to_arrow_schema(INTERVAL_BLOCK.schema), local_quarters(span, time)

    def validated(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return validated_batches(batches, schema=schema, span=span, clock=clock, settings=validation)

    return in_tasks(rows, validated, INTERVAL_BLOCK.schema, into)


def _within(span: Span, month: Any) -> Span:
    return Span(max(span.first, month), min(span.end, next_month(month)))


def _by_month(rows: DataFrame, months: list[Span]) -> DataFrame:
    """Each row for each month that it helps to judge; readings only where the month needs them."""
    day = F.col("grid_date")

    def during(days: Span) -> Any:
        return (day >= F.lit(days.first)) & (day < F.lit(days.end))

    def any_month(days: list[Span]) -> Any:
        """True for rows whose ``_month`` has them among its days."""
        cases = F.lit(False)
        for number, one in enumerate(days):
            cases = cases | ((F.col("_month") == number) & during(one))
        return cases

    helped = [
        F.when(during(month.widened(EARLIER_DAYS, BESIDE_DAYS)), F.lit(number)) for number, month in enumerate(months)
    ]
    each = rows.withColumn("_month", F.explode(F.array_compact(F.array(*helped))))
    beside = any_month([month.widened(BESIDE_DAYS, BESIDE_DAYS) for month in months])
    needed = {name: F.when(beside, F.col(name)) for name in BYTES}
    return each.withColumns(needed | {"_emitted": any_month(months)})


def _with_live(rows: DataFrame, received: DataFrame, dark: DataFrame) -> DataFrame:
    """Rows with when the service transformer was live: a meter of it read more than zero, and no outage was recorded.

    What hangs on no service transformer, at medium voltage, is always live.
    """
    live = (
        received.where("transformer_id is not null")
        .groupBy("transformer_id", "grid_date")
        .agg(F.bit_or("active_first_half").alias("_live_first"), F.bit_or("active_second_half").alias("_live_second"))
        .join(dark, ["transformer_id", "grid_date"], "left")
        .select(
            "transformer_id",
            "grid_date",
            *[
                F.col(f"_live_{half}")
                .bitwiseAND(F.bitwise_not(F.coalesce(f"_dark_{half}", F.lit(0).cast("long"))))
                .alias(f"_live_{half}")
                for half in ("first", "second")
            ],
        )
    )
    joined = rows.join(live, ["transformer_id", "grid_date"], "left")
    always = F.when(F.col("transformer_id").isNull(), F.lit((1 << 48) - 1))
    return joined.withColumns({name: F.coalesce(always, F.col(name)) for name in ("_live_first", "_live_second")})


def _with_register(received: DataFrame, register_reads: DataFrame, offset_seconds: int) -> DataFrame:
    """What the register counted over the grid day, where one meter's was read at both its ends, of one multiplier."""
    seconds = F.unix_seconds("read_at_utc") + offset_seconds
    next_read = Window.partitionBy("usage_point_id", "channel", "meter_id").orderBy("read_at_utc", "register_wh")
    counted = (
        register_reads.withColumn("_seconds", seconds)
        .where(F.col("_seconds") % 86400 == 0)
        .withColumn("_next_seconds", F.lead("_seconds").over(next_read))
        .withColumn("_register", counted_to_next(next_read).cast("double"))
        .where((F.col("_next_seconds") == F.col("_seconds") + 86400) & (F.col("_register") >= 0))
        .withColumn("grid_date", F.date_from_unix_date((F.col("_seconds") / 86400).cast("int")))
        .groupBy("usage_point_id", "channel", "grid_date")
        .agg(F.max("_register").alias("_register"))
    )
    return received.join(counted, ["usage_point_id", "channel", "grid_date"], "left")


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {
        "span": span,
        "time": settings.grid_time,
        "validation": settings.validation,
        "tasks": settings.spark.shuffle_partitions,
    }


JOB = Job(
    INTERVAL_BLOCK,
    interval_blocks,
    {
        "received": Read("silver.received_block", lambda span: span.widened(BESIDE_DAYS, BESIDE_DAYS)),
        "earlier": Read("silver.received_block", lambda span: span.widened(EARLIER_DAYS)),
        "baseline": Read("silver.usage_point_baseline"),
        "register_reads": Read("silver.register_read"),
        "outage": Read("silver.outage"),
    },
    _options,
    writes_files=True,
    bears_on=(BESIDE_DAYS, EARLIER_DAYS),
    totals=(Totals("received", {"received_intervals": "received_intervals"}, by=("usage_point_id", "channel")),),
)
