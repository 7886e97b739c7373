"""What was known at a date of the place of a unit: lightning, the people who live there, and its load."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.features.spine import KEY
from jobs.ordered import ordered_mean


def areas_of(units: DataFrame, power_transformer: DataFrame) -> DataFrame:
    """``asset_id, as_of, _at, area_id``: the area of each position by what was known of it at the date."""
    rows = power_transformer.where("area_id is not null").select(
        "transformer_id", "area_id", F.col("valid_from_utc").alias("_from"), "known_from_utc"
    )
    known = (
        units.select(*KEY, "_at", "transformer_id")
        .join(rows, "transformer_id")
        .where((F.col("known_from_utc") <= F.col("_at")) & (F.col("_from") <= F.col("_at")))
    )
    return known.groupBy(*KEY, "_at").agg(F.max_by("area_id", F.struct("_from", "area_id")).alias("area_id"))


def year_known(days: int) -> Column:
    """When a figure of a year was known: as recorded; if only a file's arrival says it, so many days after the year."""
    ended = F.make_date(F.col("year") + 1, F.lit(1), F.lit(1))
    published = F.date_add(ended, days).cast("timestamp")
    stated = F.col("known_from_basis") == "arrival"
    return F.when(stated, F.least("known_from_utc", published)).otherwise(F.col("known_from_utc"))


def struck(areas: DataFrame, lightning_density: DataFrame, *, days: int) -> DataFrame:
    """Ground flash density of the area: the mean of the years known at the date, and the last of them."""
    rows = lightning_density.select("area_id", "year", "ground_flash_density", year_known(days).alias("_known"))
    return _by_area(areas, rows).select(
        "area_id", "as_of", "mean_ground_flash_density", "last_ground_flash_density"
    )


def _by_area(areas: DataFrame, rows: DataFrame) -> DataFrame:
    """Figures by area and date: many units share an area, so each is worked out once."""
    places = areas.select("area_id", "as_of", "_at").distinct()
    known = places.join(rows, "area_id").where(F.col("_known") <= F.col("_at"))
    return known.groupBy("area_id", "as_of").agg(
        ordered_mean("ground_flash_density").alias("mean_ground_flash_density"),
        F.max_by("ground_flash_density", "year").alias("last_ground_flash_density"),
    )


def inhabited(areas: DataFrame, area: DataFrame, *, days: int) -> DataFrame:
    """The newest statistics of the area that were known at the date."""
    rows = area.select("area_id", "year", "population", "income_per_person", "area_km2", year_known(days).alias("_known"))
    places = areas.select("area_id", "as_of", "_at").distinct()
    last = F.max_by(F.struct("population", "income_per_person", "area_km2"), "year")
    found = (
        places.join(rows, "area_id")
        .where(F.col("_known") <= F.col("_at"))
        .groupBy("area_id", "as_of")
        .agg(last.alias("_last"))
    )
    surface = F.nullif(F.col("_last.area_km2"), F.lit(0.0))
    return found.select(
        "area_id",
        "as_of",
        (F.col("_last.population") / surface).alias("population_per_km2"),
        F.col("_last.income_per_person").alias("income_per_person"),
    )


def loaded(units: DataFrame, load_metrics: DataFrame, *, days: int) -> DataFrame:
    """Highest apparent power of the position over its rating in the months of the year before that were known.

    A month's reads are taken as known so many days after it ended. Loss of life by a unit's own profile belongs here
    once there is a table of it.
    """
    month_end = F.add_months("period_start", 1)
    rows = load_metrics.where("period_kind = 'month' and apparent_peak_kva is not null and rating_kva > 0").select(
        "transformer_id",
        (F.col("apparent_peak_kva") / F.col("rating_kva")).alias("_peak"),
        F.date_add(month_end, days).alias("_known"),
        "period_start",
    )
    known = (
        units.select(*KEY, "transformer_id")
        .join(F.broadcast(rows), "transformer_id")
        .where((F.col("_known") <= F.col("as_of")) & (F.col("period_start") >= F.add_months("as_of", -12)))
    )
    return known.groupBy(*KEY).agg(F.max("_peak").alias("profile_peak_pu"))
