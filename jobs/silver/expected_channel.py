"""What is expected of each grid day: a row for each channel of each usage point, received or not."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.span import Span


def expected_channels(
    usage_points: DataFrame, connectivity: DataFrame, agreements: DataFrame, span: Span, offset_seconds: int
) -> DataFrame:
    """A row for each channel a usage point declares on each grid day, with what is true at the day's start."""
    days = F.explode(F.sequence(F.lit(span.first), F.date_sub(F.lit(span.end), 1))).alias("grid_date")
    # The tables' instants as timestamps of UTC; the day's start likewise.
    day_start = F.timestamp_seconds(F.unix_date("grid_date").cast("long") * 86400 - offset_seconds)

    def valid(rows: DataFrame, *names: str) -> DataFrame:
        return rows.select("usage_point_id", "valid_from_utc", "valid_to_utc", *names)

    def at_start(left: DataFrame, right: DataFrame) -> DataFrame:
        of_right = right.withColumnRenamed("usage_point_id", "_id")
        at = (F.col("valid_from_utc") <= F.col("_day_start")) & (
            F.col("valid_to_utc").isNull() | (F.col("valid_to_utc") > F.col("_day_start"))
        )
        joined = left.join(of_right, (F.col("usage_point_id") == F.col("_id")) & at, "left")
        return joined.drop("_id", "valid_from_utc", "valid_to_utc")

    points = valid(usage_points, "kind", "metering", "channels", "connection_limit_kw", "area_id").select("*", days)
    points = points.withColumn("_day_start", day_start).where(
        "valid_from_utc <= _day_start and (valid_to_utc is null or valid_to_utc > _day_start)"
    )
    placed = at_start(
        points.drop("valid_from_utc", "valid_to_utc"),
        valid(connectivity, "transformer_id", "feeder_id", "substation_id"),
    )
    known = at_start(placed, valid(agreements, "customer_class"))
    counting = (
        F.when(F.array_contains("channels", "delivered"), "delivered")
        .when(F.array_contains("channels", "received"), "received")
        .otherwise(F.array_min("channels"))
    )
    of_kind = F.when(F.col("kind") == "generation", "generation").when(
        F.col("kind").isin("feeder_head", "transformer_total"), "grid"
    )
    customer_class = F.coalesce(of_kind, F.col("customer_class"))
    return (
        known.select(
            "usage_point_id",
            F.explode("channels").alias("channel"),
            "grid_date",
            "kind",
            customer_class.alias("customer_class"),
            "connection_limit_kw",
            counting.alias("_counting"),
            F.exists("channels", lambda name: name.startswith("reactive")).alias("reactive_metered"),
            F.array_contains("channels", "received").alias("feeds_in"),
            "transformer_id",
            "feeder_id",
            "substation_id",
            "area_id",
            F.lit(True).alias("_day_row"),
            F.when(F.col("metering") != "interval", "not_interval_metered")
            .when(F.col("substation_id").isNull(), "not_connected")
            .when(customer_class.isNull(), "no_customer_class")
            .alias("_rule"),
        )
        .withColumn("counts_as_meter", F.col("channel") == F.col("_counting"))
        .drop("_counting")
    )
