"""Bronze records cut into pieces that lie within one grid day and one stay of their meter at a usage point."""

from __future__ import annotations

from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StructField, StructType

from jobs.batches import Array, flat, numbers
from jobs.lake.carry import carried
from jobs.lake.direct import Batches, map_in_arrow
from jobs.span import Span

EVER = 1 << 40  # seconds: beyond any instant
VALUE_BYTES = 8
TAKEN = StructType([StructField("taken", LongType())])
CARRIED = (
    "file_id", "source", "first_line", "meter_id", "register", "channel", "unit_factor", "start_utc",
    "interval_minutes", "value", "source_estimated", "first_grid_date", "last_grid_date", "version",
)  # fmt: skip


def read_pieces(bronze: DataFrame, files: DataFrame, meters: DataFrame, span: Span, offset_seconds: int) -> DataFrame:
    """Each record cut at the bounds of grid days and of its meter's stay at a usage point.

    An interval belongs to the day, and to the usage point, in which it starts.
    """
    last = F.date_sub(F.lit(span.end), 1)
    start, length = F.unix_seconds("start_utc"), F.col("interval_minutes") * 60
    day_start = F.unix_date("grid_date").cast("long") * 86400 - offset_seconds
    by_day = (
        carried(_of_span(bronze, span).select(*CARRIED), keep=partial(_touching, span=span))
        .join(F.broadcast(files.select("file_id", "source")), ["file_id", "source"])
        .withColumn("_start", start)
        .withColumn("_seconds", length)
        .withColumn(
            "grid_date",
            F.explode(F.sequence(F.greatest("first_grid_date", F.lit(span.first)), F.least("last_grid_date", last))),
        )
        .withColumn("_day_start", day_start)
    )

    values = (F.length("value") / VALUE_BYTES).cast("int")

    def index(seconds: SparkColumn) -> SparkColumn:
        """Number of the record's intervals that start before an instant."""
        inside = F.ceil((seconds - F.col("_start")) / F.col("_seconds")).cast("int")
        return F.greatest(F.lit(0), F.least(values, inside))

    stays = _stays(meters).withColumnRenamed("meter_id", "_of_meter")
    begins, ends = F.coalesce("_from", F.lit(-EVER)), F.coalesce("_to", F.lit(EVER))
    joined = by_day.join(
        stays,
        (F.col("meter_id") == F.col("_of_meter"))
        & (F.col("_from") < F.col("_day_start") + 86400)
        & (F.col("_to") > F.col("_day_start")),
        "left",
    )
    cut = (
        joined.withColumn("_first", index(F.greatest("_day_start", begins)))
        .withColumn("_end", index(F.least(F.col("_day_start") + 86400, ends)))
        .where("_first < _end")
    )
    misfit = (F.lit(1440) % F.col("interval_minutes") != 0) | (
        F.pmod(F.col("_start") + offset_seconds, F.col("_seconds")) != 0
    )
    whole = (F.col("_first") == 0) & (F.col("_end") == values)
    count = F.col("_end") - F.col("_first")

    def part(name: str, size: int) -> SparkColumn:
        cut = F.substring(name, F.col("_first") * size + 1, count * size)
        return F.when(whole | (F.length(name) == 0), F.col(name)).otherwise(cut)

    return cut.select(
        "grid_date",
        "usage_point_id",
        "channel",
        "interval_minutes",
        F.lit(False).alias("_day_row"),
        part("value", VALUE_BYTES).alias("_value"),
        part("source_estimated", 1).alias("_source_estimated"),
        ((F.col("_start") + F.col("_first") * F.col("_seconds") - F.col("_day_start")) / 60)
        .cast("int")
        .alias("_first_minute"),
        (F.col("unit_factor") * F.coalesce("multiplier", F.lit(1.0))).alias("_factor"),
        F.col("version").alias("_version"),
        F.when(misfit, "interval_not_dividing_day")
        .when(F.col("usage_point_id").isNull(), "unknown_meter")
        .alias("_rule"),
        F.col("meter_id").alias("_meter_id"),
        F.col("register").alias("_register"),
        F.timestamp_seconds(F.col("_start") + F.col("_first") * F.col("_seconds")).alias("_start_utc"),
        F.col("source").alias("_source"),
        F.col("file_id").alias("_file_id"),
        F.col("first_line").alias("_line"),
    )


def reads_taken(bronze: DataFrame, span: Span, offset_seconds: int) -> DataFrame:
    """Rows whose ``taken`` add up to the reads received of the span: values, of intervals that start in it."""
    seconds = [(day - date(1970, 1, 1)).days * 86400 - offset_seconds for day in (span.first, span.end)]
    columns = ("start_utc", "interval_minutes", "value", "first_grid_date", "last_grid_date")
    count = partial(_taken, bounds=(seconds[0], seconds[1]))
    return map_in_arrow(_of_span(bronze, span).select(*columns), count, TAKEN, refilters=True)


def _taken(batches: Batches, *, bounds: tuple[int, int]) -> Batches:
    for rows in batches:
        start = numbers(rows["start_utc"].cast(pa.int64()), np.int64) // 1_000_000
        length = numbers(rows["interval_minutes"], np.int64) * 60
        value, offset = flat(rows["value"], np.float64)
        came = np.concatenate([[0], np.cumsum(~np.isnan(value))])
        first, end = (np.clip(-((start - bound) // length), 0, np.diff(offset)) for bound in bounds)
        taken = came[offset[:-1] + end] - came[offset[:-1] + first]
        yield pa.RecordBatch.from_arrays([pa.array([int(taken.sum())], pa.int64())], names=["taken"])


def _of_span(bronze: DataFrame, span: Span) -> DataFrame:
    return bronze.where((F.col("last_grid_date") >= span.first) & (F.col("first_grid_date") < span.end))


def _stays(meters: DataFrame) -> DataFrame:
    """Where each meter stood at any time, in seconds; the usage point is null where it stood nowhere."""
    of_meter = Window.partitionBy("meter_id").orderBy("_from", "usage_point_id")
    stays = meters.select(
        "meter_id",
        "usage_point_id",
        "multiplier",
        F.unix_seconds("valid_from_utc").alias("_from"),
        F.coalesce(F.unix_seconds("valid_to_utc"), F.lit(EVER)).alias("_to"),
    )
    before = F.coalesce(F.lag("_to").over(of_meter), F.lit(-EVER))
    beside = stays.withColumn("_before", before).withColumn("_after", F.lead("_from").over(of_meter))
    nowhere = [F.lit(None).cast("string").alias("usage_point_id"), F.lit(None).cast("double").alias("multiplier")]
    gaps = beside.select("meter_id", *nowhere, F.col("_before").alias("_from"), F.col("_from").alias("_to")).unionAll(
        beside.where("_after is null").select(
            "meter_id", *nowhere, F.col("_to").alias("_from"), F.lit(EVER).alias("_to")
        )
    )
    return stays.unionByName(gaps.where("_from < _to"))


def _touching(rows: pa.RecordBatch, *, span: Span) -> Array:
    """Records with an interval in the span."""
    last, first = (numbers(rows[name].cast(pa.int32()), np.int32) for name in ("last_grid_date", "first_grid_date"))
    epoch = date(1970, 1, 1)
    touching: Array = (last >= (span.first - epoch).days) & (first < (span.end - epoch).days)
    return touching
