"""What was known at a date of the place of a unit: lightning, the people who live there, and its load."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.features.unit_history import known_so_far
from jobs.ordered import ordered_mean


def areas_of(power_transformer: DataFrame, dates: DataFrame) -> DataFrame:
    """``transformer_id, as_of, area_id``: the area of each position by what was known of it at the date."""
    rows = power_transformer.where("area_id is not null").select(
        "transformer_id", "area_id", F.col("valid_from_utc").alias("_from"), "known_from_utc"
    )
    known = known_so_far(rows, dates).where(F.col("_from") <= F.col("_at"))
    newest = F.max_by("area_id", F.struct("_from", "area_id"))
    return known.groupBy("transformer_id", "as_of").agg(newest.alias("area_id"))


def year_known(days: int) -> Column:
    """When a figure of a year was known: as recorded; if only a file's arrival says it, so many days after the year."""
    ended = F.make_date(F.col("year") + 1, F.lit(1), F.lit(1))
    published = F.date_add(ended, days).cast("timestamp")
    stated = F.col("known_from_basis") == "arrival"
    return F.when(stated, F.least("known_from_utc", published)).otherwise(F.col("known_from_utc"))


def struck(lightning_density: DataFrame, dates: DataFrame, *, days: int) -> DataFrame:
    """Ground flash density of each area: the mean of the years known at the date, and the last of them."""
    rows = lightning_density.select("area_id", "year", "ground_flash_density", year_known(days).alias("known_from_utc"))
    return (
        known_so_far(rows, dates)
        .groupBy("area_id", "as_of")
        .agg(
            ordered_mean("ground_flash_density").alias("mean_ground_flash_density"),
            F.max_by("ground_flash_density", "year").alias("last_ground_flash_density"),
        )
    )


def inhabited(area: DataFrame, dates: DataFrame, *, days: int) -> DataFrame:
    """The newest statistics of the area that were known at the date."""
    rows = area.select(
        "area_id", "year", "population", "income_per_person", "area_km2", year_known(days).alias("known_from_utc")
    )
    last = F.max_by(F.struct("population", "income_per_person", "area_km2"), "year")
    found = known_so_far(rows, dates).groupBy("area_id", "as_of").agg(last.alias("_last"))
    surface = F.nullif(F.col("_last.area_km2"), F.lit(0.0))
    return found.select(
        "area_id",
        "as_of",
        (F.col("_last.population") / surface).alias("population_per_km2"),
        F.col("_last.income_per_person").alias("income_per_person"),
    )


def loaded(load_metrics: DataFrame, dates: DataFrame, *, days: int) -> DataFrame:
    """Highest apparent power of the position over its rating in the months of the year before that were known.

    A month's reads are taken as known so many days after it ended.
    """
    month_end = F.add_months("period_start", 1)
    rows = load_metrics.where("period_kind = 'month' and apparent_peak_kva is not null and rating_kva > 0").select(
        "transformer_id",
        (F.col("apparent_peak_kva") / F.col("rating_kva")).alias("_peak"),
        F.date_add(month_end, days).alias("_month_known"),
        "period_start",
    )
    known = rows.join(
        F.broadcast(dates.select("as_of")),
        (F.col("_month_known") <= F.col("as_of")) & (F.col("period_start") >= F.add_months("as_of", -12)),
    )
    return known.groupBy("transformer_id", "as_of").agg(F.max("_peak").alias("profile_peak_pu"))
