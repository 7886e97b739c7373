"""What became of each unit after a date: joined to its features for training alone."""

from __future__ import annotations

from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.features.spine import KEY, day_start


def outcomes(
    feature: DataFrame, asset_event: DataFrame, asset_deployment: DataFrame, *, months: int, utc_offset: timedelta
) -> DataFrame:
    """Features with ``failed`` (1 or 0) and ``exposure``, of the dates whose outcome is wholly on record.

    The record ends at the newest date of the table. A unit that was taken away whole within the time counts for the
    share of it that it stood (``exposure``): what it would have done afterwards nobody saw. One that failed counts.
    """
    ends = feature.agg(F.max("as_of").alias("_record_end"))
    observed = (
        feature.crossJoin(F.broadcast(ends))
        .withColumn("_until", F.add_months("as_of", months))
        .where(F.col("_until") <= F.col("_record_end"))
        .withColumns({"_at": day_start("as_of", utc_offset), "_stop": day_start("_until", utc_offset)})
    )
    keys = observed.select(*KEY, "transformer_id", "_at", "_stop")
    failures = asset_event.where("kind = 'failure'").select("asset_id", "occurred_at_utc")
    failed = (
        keys.join(failures, "asset_id")
        .where((F.col("occurred_at_utc") >= F.col("_at")) & (F.col("occurred_at_utc") < F.col("_stop")))
        .select(*KEY, F.lit(1).alias("failed"))
        .distinct()
    )
    left = asset_deployment.select("asset_id", "transformer_id", "valid_from_utc", "valid_to_utc")
    removed = (
        keys.join(left, ["asset_id", "transformer_id"])
        .where((F.col("valid_from_utc") <= F.col("_at")) & (F.col("valid_to_utc") > F.col("_at")))
        .where(F.col("valid_to_utc") < F.col("_stop"))
        .select(*KEY, F.col("valid_to_utc").alias("_removed"))
    )
    stood = F.unix_timestamp(F.coalesce("_removed", "_stop")) - F.unix_timestamp("_at")
    whole = F.unix_timestamp("_stop") - F.unix_timestamp("_at")
    rows = observed.join(failed, list(KEY), "left").join(removed, list(KEY), "left")
    share = F.when(F.col("failed") == 1, F.lit(1.0)).otherwise(stood / whole)
    rows = rows.withColumns({"exposure": share, "failed": F.coalesce("failed", F.lit(0))})
    return rows.select(*feature.columns, "failed", "exposure").where("exposure > 0")
