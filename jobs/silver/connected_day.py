"""Usage points day by day: each on every grid day at whose start it is valid, with what is true at that instant."""

from __future__ import annotations

from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.silver.validity import day_start_utc, is_valid_at
from jobs.span import Span


def connected_days(
    usage_points: DataFrame, connectivity: DataFrame, agreements: DataFrame, span: Span, offset_seconds: int
) -> DataFrame:
    """The usage points (their columns but the validity) on each grid day, with place and customer class.

    Adds ``grid_date``, ``transformer_id``, ``feeder_id``, ``substation_id``, ``customer_class``; null where nothing
    holds at the day's start.
    """
    days = F.explode(F.sequence(F.lit(span.first), F.date_sub(F.lit(span.end), 1))).alias("grid_date")
    start = F.col("_day_start")

    def at_start(left: DataFrame, versions: DataFrame, *names: str) -> DataFrame:
        of_right = versions.select(F.col("usage_point_id").alias("_id"), "valid_from_utc", "valid_to_utc", *names)
        joined = left.join(of_right, (F.col("usage_point_id") == F.col("_id")) & is_valid_at(start), "left")
        return joined.drop("_id", "valid_from_utc", "valid_to_utc")

    day_start = day_start_utc(F.col("grid_date"), timedelta(seconds=offset_seconds))
    points = usage_points.select("*", days).withColumn("_day_start", day_start).where(is_valid_at(start))
    placed = at_start(
        points.drop("valid_from_utc", "valid_to_utc"), connectivity, "transformer_id", "feeder_id", "substation_id"
    )
    return at_start(placed, agreements, "customer_class").drop("_day_start")
