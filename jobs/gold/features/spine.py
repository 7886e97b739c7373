"""Which units stood at which dates, and their nameplates as they were known then."""

from __future__ import annotations

from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

SECONDS_A_YEAR = 365.25 * 86400
KEY = ("asset_id", "as_of")


def as_of_dates(asset_event: DataFrame, *, end: date, utc_offset: timedelta) -> DataFrame:
    """Dates of features: each 1 January since the year of the first event, and the day ``end``.

    Returns
    -------
    DataFrame
        ``as_of``, ``_at`` (that grid day's start, UTC), ``_record_from`` (the first of them: where the record begins).
    """
    last = F.lit(end)
    first = asset_event.agg(F.min(F.year("occurred_at_utc")).alias("_year"))
    begin = F.least(F.coalesce(F.make_date("_year", F.lit(1), F.lit(1)), last), last)
    each = F.sequence(F.trunc(begin, "year"), last, F.expr("interval 1 year"))
    days = first.select(
        F.explode(F.array_distinct(F.concat(each, F.array(last)))).alias("as_of"), begin.alias("_first")
    )
    return days.where(F.col("as_of") >= F.col("_first")).select(
        "as_of",
        day_start("as_of", utc_offset).alias("_at"),
        day_start("_first", utc_offset).alias("_record_from"),
    )


def day_start(day: str, utc_offset: timedelta) -> Column:
    """Where a grid day begins."""
    return F.timestamp_seconds(F.unix_timestamp(F.col(day).cast("timestamp")) - int(utc_offset.total_seconds()))


def years_between(earlier: Column | str, later: Column | str) -> Column:
    """Years from one instant to another."""
    return (F.unix_timestamp(later) - F.unix_timestamp(earlier)) / SECONDS_A_YEAR


def units_in_service(asset: DataFrame, asset_deployment: DataFrame, dates: DataFrame) -> DataFrame:
    """One row a unit and date it stood at a position, with its age and nameplate.

    A nameplate whose time of recording is only its file's arrival counts as known since the unit was first placed: who
    placed it read it. Later versions of a nameplate take the place of earlier ones in silver.
    """
    at = F.col("_at")
    there = asset_deployment.select(
        "asset_id", "transformer_id", "valid_from_utc", "valid_to_utc", F.col("known_from_utc").alias("_placed_known")
    ).join(
        F.broadcast(dates),
        (F.col("valid_from_utc") <= at)
        & (F.col("valid_to_utc").isNull() | (F.col("valid_to_utc") > at))
        & (F.col("_placed_known") <= at),
    )
    first = asset_deployment.groupBy("asset_id").agg(
        F.min("valid_from_utc").alias("_placed"), F.min("known_from_utc").alias("_first_known")
    )
    plate = (
        "asset_class", "type_name", "manufacturer", "batch", "manufactured_year", "rating_kva", "high_voltage_kv",
        "loss_class", "measures", "traits",
    )  # fmt: skip
    named = asset.select("asset_id", "known_from_utc", "known_from_basis", "synthetic", *plate)
    known = (F.col("known_from_utc") <= at) | ((F.col("known_from_basis") == "arrival") & (F.col("_first_known") <= at))
    rows = there.join(named, "asset_id").join(first, "asset_id")
    return rows.select(
        *KEY, "transformer_id", "_at", "_record_from", "valid_from_utc",
        *[F.when(known, F.col(name)).alias(name) for name in plate],
        F.when(known, F.greatest(F.year("as_of") - F.col("manufactured_year"), F.lit(0))).alias("age_years"),
        F.greatest(years_between("_placed", at), F.lit(0.0)).alias("service_years"),
        F.greatest(years_between("_placed", "_record_from"), F.lit(0.0)).alias("service_years_at_record_start"),
    )  # fmt: skip
