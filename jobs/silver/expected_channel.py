"""What is expected of each grid day: a row for each channel of each usage point, received or not."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.silver.connected_day import connected_days
from jobs.span import Span


def expected_channels(
    usage_points: DataFrame, connectivity: DataFrame, agreements: DataFrame, span: Span, offset_seconds: int
) -> DataFrame:
    """A row for each channel a usage point declares on each grid day, with what is true at the day's start."""
    points = usage_points.select(
        "usage_point_id", "valid_from_utc", "valid_to_utc", "kind", "metering", "channels", "connection_limit_kw",
        "area_id",
    )  # fmt: skip
    known = connected_days(points, connectivity, agreements, span, offset_seconds)
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
