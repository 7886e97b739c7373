"""What demand series are made of: profiles by day, what transformers and lines lose, and when it was known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.balance.energy_balance import losing_transformers
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.profile.sums import SUMMED_KINDS
from jobs.lake.carry import carried
from jobs.models.demand.settings import DemandSettings

ENERGY = ("delivered_wh", "received_wh", "profiled_wh", "unmetered_wh")
COUNTS = ("meters_seen", "meters_estimated")
PLANES = (*ENERGY, *COUNTS, "apparent_va")
LOSSES = ("no_load_loss_w", "load_loss_w_per_va2", "loss_w_per_va2")
DAY_SECONDS = 86400
READS = {
    "feeder_profile": "gold.feeder_profile",
    "transformer_profile": "gold.transformer_profile",
    "received": "silver.received_block",
    "files": "bronze.file",
    "deployments": "silver.asset_deployment",
    "assets": "silver.asset",
    "coefficients": "gold.line_loss_coefficient",
    "power_transformers": "silver.power_transformer",
    "feeders": "silver.feeder",
    "substations": "silver.substation",
    "weather_hours": "silver.weather_hour",
}
"""Parameter -> table: what a forecast is made from."""


def profile_days(
    frames: dict[str, DataFrame], *, utc_offset: timedelta, profile: ProfileSettings, demand: DemandSettings
) -> DataFrame:
    """A row for each transformer and feeder and grid day, its lists as bytes.

    ``group_id`` is the feeder that the place is part of on its last day (of a transformer on none, itself): all rows
    that make a feeder's series have it. A transformer that hung on another feeder before has these days in that group,
    too, for they are part of that feeder's sums; ``own`` says in which group it is a series.
    """
    known = known_days(frames["received"], frames["files"], utc_offset=utc_offset, profile=profile, demand=demand)
    transformer_profile, coefficients = frames["transformer_profile"], frames["coefficients"]
    newest = transformer_profile.groupBy("transformer_id").agg(
        F.max_by("feeder_id", F.struct("grid_date")).alias("feeder_now")
    )
    losing = losing_transformers(
        transformer_profile, frames["deployments"], frames["assets"], coefficients,
        place="transformer_id", utc_offset=utc_offset,
    ).select("transformer_id", "grid_date", *LOSSES)  # fmt: skip
    now = F.coalesce("feeder_now", "transformer_id")
    transformers = (
        carried(transformer_profile.select("transformer_id", "feeder_id", "grid_date", "meters_expected", *PLANES))
        .join(newest, "transformer_id")
        .join(losing, ["transformer_id", "grid_date"], "left")
        .join(
            known.where("transformer_id is not null").groupBy("transformer_id", "grid_date").agg(_known(profile)),
            ["transformer_id", "grid_date"],
            "left",
        )
        .withColumn("group_id", F.explode(F.array_distinct(F.array(now, F.coalesce("feeder_id", now)))))
        .withColumn("own", F.col("group_id") == now)
    )
    lines = coefficients.where("level = 'mv'").select(
        F.col("place_id").alias("feeder_id"), "month_start", "loss_w_per_va2"
    )
    feeders = (
        carried(frames["feeder_profile"].select("feeder_id", "grid_date", "meters_expected", *PLANES))
        .withColumn("month_start", F.trunc("grid_date", "month"))
        .join(F.broadcast(lines), ["feeder_id", "month_start"], "left")
        .join(
            known.where("feeder_id is not null").groupBy("feeder_id", "grid_date").agg(_known(profile)),
            ["feeder_id", "grid_date"],
            "left",
        )
        .drop("month_start")
        .withColumns({"group_id": F.col("feeder_id"), "own": F.lit(True)})
    )
    usual = _usual_minute(F.col("grid_date"), utc_offset, demand)
    return (
        transformers.unionByName(feeders, allowMissingColumns=True)
        .withColumn("known_minute", F.coalesce("known_minute", usual))
        .select(
            "group_id", "transformer_id", "feeder_id", "feeder_now", "own", "grid_date", "meters_expected",
            "known_minute", *LOSSES, *PLANES,
        )
    )  # fmt: skip


def known_days(
    received: DataFrame,
    files: DataFrame,
    *,
    utc_offset: timedelta,
    profile: ProfileSettings,
    demand: DemandSettings,
) -> DataFrame:
    """When each usage point's reads of a day were known, as ``minute`` since 1970 UTC, beside its place.

    A read is known when its source wrote it, where the source says so (its version is then that instant), and in any
    case not before the usual hours after the day's end. A version that is the arrival of a file says something only
    where the lake is filled day by day (``arrival_counts``).
    """
    arrivals = files.select(F.unix_micros("arrived_utc").alias("version"), F.lit(True).alias("_arrival")).distinct()
    written = F.col("version").cast("double") / 60e6
    says = F.col("version").isNotNull() & (F.col("_arrival").isNull() | F.lit(demand.arrival_counts))
    usual = _usual_minute(F.col("grid_date"), utc_offset, demand)
    blocks = received.where(F.col("kind").isin(*SUMMED_KINDS) & F.col("counts_as_meter"))
    return (
        blocks.select("transformer_id", "feeder_id", "grid_date", "version")
        .join(F.broadcast(arrivals), "version", "left")
        .withColumn("minute", F.greatest(usual, F.when(says, F.ceil(written)).otherwise(usual)))
        .select("transformer_id", "feeder_id", "grid_date", "minute")
    )


def _known(profile: ProfileSettings) -> Column:
    """When enough of a place's meters were known."""
    share = profile.minimum_seen_share
    return F.expr(f"percentile_disc({share}) within group (order by minute)").cast("long").alias("known_minute")


def _usual_minute(grid_date: Column, utc_offset: timedelta, demand: DemandSettings) -> Column:
    end = (F.unix_date(grid_date).cast("long") + 1) * (DAY_SECONDS // 60)
    return end - F.lit(int(utc_offset.total_seconds()) // 60) + F.lit(round(demand.reads_known_hours * 60))


def weather_places(frames: dict[str, DataFrame]) -> DataFrame:
    """``group_id`` and the weather ``place_id`` that stands for it.

    The place that bears the name of the feeder or its substation; else the one nearest to the substation, or to the
    transformer where it is on no feeder; a group whose own place nobody says gets none, unless there is only one.
    """
    places = frames["weather_hours"].groupBy("place_id").agg(F.max("x").alias("_x"), F.max("y").alias("_y"))
    substations = (
        frames["substations"]
        .groupBy("substation_id")
        .agg(F.max_by("x", "valid_from_utc").alias("x"), F.max_by("y", "valid_from_utc").alias("y"))
    )
    feeders = (
        frames["feeders"]
        .groupBy("feeder_id")
        .agg(F.max_by("substation_id", "valid_from_utc").alias("substation_id"))
        .join(substations, "substation_id", "left")
        .select(F.col("feeder_id").alias("group_id"), "substation_id", "x", "y")
    )
    alone = (
        frames["power_transformers"]
        .where("feeder_id is null")
        .groupBy(F.col("transformer_id").alias("group_id"))
        .agg(F.max_by("x", "valid_from_utc").alias("x"), F.max_by("y", "valid_from_utc").alias("y"))
    )
    groups = feeders.unionByName(alone, allowMissingColumns=True)
    named = F.col("place_id").eqNullSafe(F.col("group_id")) | F.col("place_id").eqNullSafe(F.col("substation_id"))
    apart = F.hypot(F.col("x") - F.col("_x"), F.col("y") - F.col("_y"))
    rank = F.when(named, F.lit(-1.0)).otherwise(apart)
    only = places.count() == 1
    best = F.min_by("place_id", F.struct(F.when(rank.isNotNull(), rank).otherwise(F.lit(float("inf"))), "place_id"))
    found = groups.crossJoin(F.broadcast(places)).where(F.lit(only) | rank.isNotNull())
    return found.groupBy("group_id").agg(best.alias("place_id"))


def weather_rows(weather_hours: DataFrame, *, first_minute: Any, last_minute: Any, demand: DemandSettings) -> DataFrame:
    """Hours of weather between two instants (minutes since 1970 UTC), with when each was known."""
    minute = (F.unix_seconds("hour_utc") / 60).cast("long")
    issued = (F.unix_seconds("issue_time_utc") / 60).cast("long")
    return weather_hours.where((minute >= first_minute) & (minute < last_minute)).select(
        "place_id",
        (minute / 60).cast("long").alias("hour"),
        F.coalesce(issued, minute + 60).alias("known_minute"),
        F.col("issue_time_utc").isNotNull().alias("forecast"),
        "temperature_degc",
        "irradiance_w_per_m2",
    )
