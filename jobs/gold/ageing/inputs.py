"""What ages a unit on a day: where it stood, its share of the position's load, and the air there."""

from __future__ import annotations

from datetime import timedelta

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.ageing.settings import LEAD_DAYS, AgeingSettings
from jobs.ordered import ordered_mean
from jobs.silver.validity import day_start_utc, is_valid_at
from jobs.span import Span

HOURS = 25
"""Hours that a grid day may touch: 24, and one more where its offset from UTC is no whole number of hours."""
NAN = float("nan")


def unit_days(
    profile: DataFrame,
    asset: DataFrame,
    asset_deployment: DataFrame,
    settings: AgeingSettings,
    *,
    span: Span,
    utc_offset: timedelta,
) -> DataFrame:
    """Units of the configured classes with each day of their position's load that bears on a day they stood there.

    ``stands`` marks the days of the span at whose start they did. Units of one position share its load by their
    ratings, all of them whatever their class: ``bank_share`` is null where the rating of one is not known.
    """
    start = day_start_utc(F.col("grid_date"), utc_offset)
    last_start = day_start_utc(F.date_add("grid_date", LEAD_DAYS), utc_offset)
    bears = (F.col("valid_from_utc") <= last_start) & (F.col("valid_to_utc").isNull() | (F.col("valid_to_utc") > start))
    within = (F.col("grid_date") >= F.lit(span.first)) & (F.col("grid_date") < F.lit(span.end))
    placed = asset_deployment.select("asset_id", "transformer_id", "valid_from_utc", "valid_to_utc")
    days = (
        profile.select("transformer_id", "grid_date")
        .join(placed, "transformer_id")
        .where(bears)
        .groupBy("asset_id", "transformer_id", "grid_date")
        .agg(F.max(is_valid_at(start) & within).alias("stands"))
    )
    nameplate = asset.select(
        "asset_id",
        "asset_class",
        F.when(F.col("rating_kva") > 0, F.col("rating_kva")).alias("rating_kva"),
        F.when(
            (F.col("no_load_loss_w") > 0) & F.col("load_loss_w").isNotNull(),
            F.col("load_loss_w") / F.col("no_load_loss_w"),
        ).alias("nameplate_loss_ratio"),
    )
    # Unit after unit: a sum of floats in another order is another sum.
    bank = (
        Window.partitionBy("transformer_id", "grid_date")
        .orderBy("asset_id")
        .rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    )
    standing = F.when(F.col("stands"), F.col("rating_kva"))
    known = F.count(standing).over(bank) == F.sum(F.col("stands").cast("int")).over(bank)
    share = F.when(known, standing / F.sum(standing).over(bank))
    return (
        days.join(nameplate, "asset_id", "left")
        .withColumn("bank_share", share)
        .where(F.col("asset_class").isin(list(settings.classes)))
    )


def weather_places(
    days: DataFrame, power_transformer: DataFrame, area: DataFrame, *, utc_offset: timedelta
) -> DataFrame:
    """``transformer_id, grid_date, weather_place_id``: the weather place of the position's area on each day, if any.

    An area's place is the one its latest statistics name.
    """
    placed = power_transformer.where("area_id is not null").select(
        "transformer_id", "area_id", "valid_from_utc", "valid_to_utc"
    )
    place = (
        area.where("weather_place_id is not null")
        .groupBy("area_id")
        .agg(F.max_by("weather_place_id", "year").alias("weather_place_id"))
    )
    return (
        days.select("transformer_id", "grid_date")
        .join(placed, "transformer_id")
        .where(is_valid_at(day_start_utc(F.col("grid_date"), utc_offset)))
        .groupBy("transformer_id", "grid_date")
        .agg(F.max_by("area_id", F.struct("valid_from_utc", "area_id")).alias("area_id"))
        .join(F.broadcast(place), "area_id")
        .select("transformer_id", "grid_date", "weather_place_id")
    )


def ambient_days(weather_hour: DataFrame, *, span: Span, utc_offset: timedelta) -> DataFrame:
    """``weather_place_id, grid_date, ambient_degc``: the observed air of each day of ``span``, an hour after the other.

    The first of the `HOURS` is the last that starts before the day, NaN where none does and where none was observed.
    """
    second = F.unix_timestamp("hour_utc") + int(utc_offset.total_seconds())
    day = F.floor(second / 86400)
    # An hour that runs past midnight belongs to the next day, too.
    both = F.when(second + 3600 > (day + 1) * 86400, F.array(day, day + 1)).otherwise(F.array(day))
    by_hour = (
        weather_hour.where("issue_time_utc is null and temperature_degc is not null")
        .select("place_id", "temperature_degc", second.alias("second"), F.explode(both).alias("day"))
        .withColumn("grid_date", F.date_from_unix_date(F.col("day").cast("int")))
        .where((F.col("grid_date") >= F.lit(span.first)) & (F.col("grid_date") < F.lit(span.end)))
        .groupBy(
            F.col("place_id").alias("weather_place_id"),
            "grid_date",
            (F.floor((F.col("second") - F.col("day") * 86400) / 3600) + 1).cast("int").alias("hour"),
        )
        .agg(ordered_mean("temperature_degc").alias("degc"))
    )
    known = F.map_from_entries(F.collect_list(F.struct("hour", "degc")))
    every = F.transform(
        F.sequence(F.lit(0), F.lit(HOURS - 1)), lambda hour: F.coalesce(F.col("known")[hour], F.lit(NAN))
    )
    return (
        by_hour.groupBy("weather_place_id", "grid_date")
        .agg(known.alias("known"))
        .select("weather_place_id", "grid_date", every.alias("ambient_degc"))
    )
