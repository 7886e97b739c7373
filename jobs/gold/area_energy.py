"""Gold ``area_energy``: energy by area, month and customer class beside population, income and degree days."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType, LongType

from jobs import columns as c
from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.metrics import days_of_months, metrics_by_period, metrics_options
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.profile.sums import SUMMED_KINDS, profiles_by_day
from jobs.job import Job, Read
from jobs.ordered import ordered_mean, ordered_sum
from jobs.table import Column, Table

HOUSEHOLDS = ("household", "household_heat")
KEYS = ("area_id", "customer_class")

AREA_ENERGY = Table(
    name="gold.area_energy",
    grain="One area, one local month, one customer class.",
    key=("area_id", "period_kind", "period_start", "customer_class"),
    replace="period",
    columns=(
        c.AREA_ID,
        c.PERIOD_KIND,
        c.PERIOD_START,
        c.CUSTOMER_CLASS,
        Column("usage_points", IntegerType(), "1", "Usage points with readings", minimum=0),
        Column("delivered_wh", LongType(), "Wh", "Energy delivered"),
        Column("received_wh", LongType(), "Wh", "Energy received"),
        Column("profiled_wh", LongType(), "Wh", "Energy of customers without interval meters, modelled", minimum=0),
        Column(
            "estimated_share",
            DoubleType(),
            "1",
            "Estimated Wh (absolute) / (delivered_wh + received_wh), what is missing in neither; where that is 0, the "
            "share of meter-intervals that are estimated; null where no meter was expected",
            nullable=True,
            minimum=0,
            maximum=1,
        ),
        Column("peak_kw", DoubleType(), "kW", "Highest delivered load of the area and class", nullable=True),
        Column("delivered_wh_per_customer", DoubleType(), "Wh", "Energy delivered per usage point", nullable=True),
        Column(
            "heating_degree_days",
            DoubleType(),
            "K d",
            "Sum over days of base less mean temperature, where positive",
            nullable=True,
            minimum=0,
        ),
        Column(
            "cooling_degree_days",
            DoubleType(),
            "K d",
            "Sum over days of mean temperature less base, where positive",
            nullable=True,
            minimum=0,
        ),
        Column("days_present", IntegerType(), "d", "Grid days with readings", minimum=0),
        Column("population", LongType(), "1", "Inhabitants of the area", nullable=True, minimum=0),
        Column(
            "income_per_person", DoubleType(), "currency", "Mean yearly income of a person", nullable=True, minimum=0
        ),
        Column(
            "delivered_wh_per_inhabitant",
            DoubleType(),
            "Wh",
            "Household energy delivered per inhabitant",
            nullable=True,
        ),
    ),
)


def area_energy(
    interval_blocks: DataFrame,
    profiled_blocks: DataFrame,
    areas: DataFrame,
    weather_hours: DataFrame,
    *,
    settings: ProfileSettings,
    complete_share: float,
    periods: LocalPeriods,
) -> DataFrame:
    """silver.interval_block, silver.profiled_block, silver.area, silver.weather_hour -> gold.area_energy.

    Usage points without an area are in no row. Every interval counts, whatever share of meters is there; statistics
    are those of the latest year that is not after the month.
    """
    by_day = profiles_by_day(interval_blocks, profiled_blocks, keys=KEYS, settings=settings)
    blocks = interval_blocks.where("area_id is not null")
    none = by_day.select(*KEYS, "grid_date", F.lit(None).cast("double").alias("rating_kva")).limit(0)
    all_count = settings.model_copy(update={"minimum_seen_share": 0.0})
    months = metrics_by_period(
        by_day, none, keys=KEYS, settings=all_count, complete_share=complete_share, periods=periods
    ).where("period_kind = 'month'")
    month = F.trunc("grid_date", "month").alias("period_start")
    received = blocks.where(F.col("kind").isin(*SUMMED_KINDS) & (F.col("received_intervals") > 0))
    usage_point_count = (
        received.select(*KEYS, "usage_point_id", month)
        .distinct()
        .groupBy(*KEYS, "period_start")
        .agg(F.count(F.lit(1)).cast("int").alias("usage_points"))
    )
    days = blocks.select(*KEYS, "grid_date").distinct()
    degree_days = _degree_days(days, areas, weather_hours, settings, periods.zone)
    joined = (
        _with_latest_statistics(months, areas)
        .join(usage_point_count, [*KEYS, "period_start"], "left")
        .join(degree_days, [*KEYS, "period_start"], "left")
    )
    customers = F.coalesce("usage_points", F.lit(0))
    delivered = F.col("delivered_wh").cast("double")
    per_inhabitant = F.col("customer_class").isin(*HOUSEHOLDS) & (F.col("population") > 0)
    derived = {
        "usage_points": customers,
        "peak_kw": F.col("delivered_peak_kw"),
        "delivered_wh_per_customer": F.when(customers > 0, delivered / customers),
        "delivered_wh_per_inhabitant": F.when(per_inhabitant, delivered / F.col("population")),
    }
    return joined.withColumns(derived).select(*AREA_ENERGY.column_names)


def _with_latest_statistics(months: DataFrame, areas: DataFrame) -> DataFrame:
    """Months with population and income of their area in the latest year not after each."""
    known = areas.select(
        F.col("area_id").alias("_area"), F.col("year").alias("_year"), "population", "income_per_person"
    )
    of = (F.col("area_id") == F.col("_area")) & (F.col("_year") <= F.year("period_start"))
    newest = F.row_number().over(Window.partitionBy(*KEYS, "period_start").orderBy(F.col("_year").desc_nulls_last()))
    joined = months.join(F.broadcast(known), of, "left").withColumn("_newest", newest)
    return joined.where("_newest = 1").drop("_area", "_year", "_newest")


def _degree_days(
    days: DataFrame, areas: DataFrame, weather_hours: DataFrame, settings: ProfileSettings, zone: str
) -> DataFrame:
    """Heating and cooling degree days of each area and class over the days it has readings, by local date."""
    observed = weather_hours.where("issue_time_utc is null and temperature_degc is not null")
    local_date = F.to_date(F.from_utc_timestamp("hour_utc", zone))
    daily = observed.groupBy("place_id", local_date.alias("grid_date")).agg(
        ordered_mean("temperature_degc").alias("_mean")
    )
    place = (
        areas.where("weather_place_id is not null")
        .groupBy("area_id")
        .agg(F.max_by("weather_place_id", "year").alias("place_id"))
    )
    heating = F.greatest(F.lit(0.0), F.lit(settings.heating_base_degc) - F.col("_mean"))
    cooling = F.greatest(F.lit(0.0), F.col("_mean") - F.lit(settings.cooling_base_degc))
    return (
        days.join(place, "area_id")
        .join(daily, ["place_id", "grid_date"])
        .groupBy(*KEYS, F.trunc("grid_date", "month").alias("period_start"))
        .agg(
            F.round(ordered_sum(heating), 3).alias("heating_degree_days"),
            F.round(ordered_sum(cooling), 3).alias("cooling_degree_days"),
        )
    )


JOB = Job(
    AREA_ENERGY,
    area_energy,
    reads={
        "interval_blocks": Read("silver.interval_block", days_of_months),
        "profiled_blocks": Read("silver.profiled_block", days_of_months),
        "areas": Read("silver.area"),
        "weather_hours": Read("silver.weather_hour"),
    },
    options=metrics_options,
    bears_on=(1, 1),  # an hour of a local month may lie in a grid day beside it
)
