"""What had happened at the unit's position by a date: failures, outages, complaints, customers."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.features.unit_history import known_so_far, within

VOLTAGE = ("low_voltage", "high_voltage", "flicker")


def failed_before(asset_event: DataFrame, asset_deployment: DataFrame, dates: DataFrame, *, years: int) -> DataFrame:
    """Failures of units that stood at the position before, known at the date."""
    placed = asset_deployment.select("asset_id", "transformer_id", "valid_from_utc", "valid_to_utc")
    failures = asset_event.where("kind = 'failure'").select(
        "asset_id", "occurred_at_utc", "known_from_utc", F.col("transformer_id").alias("_told")
    )
    # Where the event does not say it, the position is where the unit stood then.
    there = failures.join(placed, "asset_id").where(
        (F.col("valid_from_utc") <= F.col("occurred_at_utc"))
        & (F.col("valid_to_utc").isNull() | (F.col("valid_to_utc") >= F.col("occurred_at_utc")))
    )
    at_position = there.select(
        F.coalesce("_told", "transformer_id").alias("transformer_id"), "occurred_at_utc", "known_from_utc"
    ).distinct()
    known = known_so_far(at_position, dates)
    return known.groupBy("transformer_id", "as_of").agg(
        F.count_if(within(years, "occurred_at_utc")).cast("int").alias("failures_at_position")
    )


def interrupted(outage: DataFrame, dates: DataFrame, *, years: int) -> DataFrame:
    """Unplanned outages of the position that were recorded by the date; how long they lasted, where that was known."""
    rows = outage.where("transformer_id is not null").select(
        "transformer_id", F.col("valid_from_utc").alias("_began"), F.col("valid_to_utc").alias("_ended"),
        "known_from_utc", "planned", "customers_interrupted",
    )  # fmt: skip
    known = known_so_far(rows, dates).where(within(years, "_began"))
    counted = ~F.coalesce("planned", F.lit(False))
    ended = F.when(F.col("_ended") <= F.col("_at"), F.unix_timestamp("_ended") - F.unix_timestamp("_began"))
    return known.groupBy("transformer_id", "as_of").agg(
        F.count_if(counted).cast("int").alias("outages"),
        (F.coalesce(F.sum(F.when(counted, ended)), F.lit(0)) / 3600).alias("outage_hours"),
        F.max("customers_interrupted").cast("int").alias("most_customers_interrupted"),
    )


def complained(complaint: DataFrame, dates: DataFrame, *, years: int) -> DataFrame:
    """Complaints about the position that were made by the date; ``_noise`` is when those of noise were."""
    rows = complaint.where("transformer_id is not null").select(
        "transformer_id", "received_at_utc", "known_from_utc", "category"
    )
    known = known_so_far(rows, dates).where(within(years, "received_at_utc"))
    return known.groupBy("transformer_id", "as_of").agg(
        F.count_if(F.col("category").isin(*VOLTAGE)).cast("int").alias("voltage_complaints"),
        F.collect_list(F.when(F.col("category") == "noise", F.col("received_at_utc"))).alias("_noise"),
    )


def supplied(connectivity: DataFrame, dates: DataFrame) -> DataFrame:
    """Usage points that hung on the position at the date, as was known then."""
    rows = connectivity.where("transformer_id is not null").select(
        "transformer_id", "usage_point_id", F.col("valid_from_utc").alias("_from"),
        F.col("valid_to_utc").alias("_to"), "known_from_utc",
    )  # fmt: skip
    known = known_so_far(rows, dates)
    there = (F.col("_from") <= F.col("_at")) & (F.col("_to").isNull() | (F.col("_to") > F.col("_at")))
    return known.where(there).groupBy("transformer_id", "as_of").agg(F.count("*").cast("int").alias("usage_points"))
