"""What work, inspections and oil tests had said of a unit by a date."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.features.spine import KEY, years_between
from jobs.ordered import ordered_sum

# Severity in the order of the grades of silver.inspection.
CONDITIONS = ("as_new", "normal_wear", "some_deterioration", "substantial_deterioration")
LEAKS = ("none", "seeping", "dripping")
OIL = (
    "hydrogen_ppm", "methane_ppm", "ethane_ppm", "ethylene_ppm", "acetylene_ppm", "carbon_monoxide_ppm",
    "carbon_dioxide_ppm", "moisture_ppm", "acidity_mg_koh_per_g", "breakdown_voltage_kv", "furfural_ppm",
)  # fmt: skip


def known_so_far(rows: DataFrame, dates: DataFrame) -> DataFrame:
    """Each row at every date at which it was known."""
    named = rows.withColumnRenamed("known_from_utc", "_known")
    return named.join(F.broadcast(dates.select("as_of", "_at")), F.col("_known") <= F.col("_at"))


def within(years: int, when: str) -> Column:
    """True of what happened in so many years before the date."""
    return F.col(when) >= F.add_months("as_of", -12 * years).cast("timestamp")


def work(asset_event: DataFrame, dates: DataFrame, *, years: int) -> DataFrame:
    """Corrective work on the unit that was booked by the date."""
    orders = asset_event.where("kind = 'work_order' and work_kind = 'corrective'").select(
        "asset_id", "event_id", "occurred_at_utc", "known_from_utc", "event_cost"
    )
    known = known_so_far(orders, dates)
    recent = within(years, "occurred_at_utc")
    return known.groupBy(*KEY).agg(
        F.count_if(recent).cast("int").alias("corrective_orders"),
        ordered_sum(F.when(recent, F.col("event_cost"))).alias("corrective_cost"),
        years_between(F.max("occurred_at_utc"), F.first("_at")).alias("years_since_corrective"),
    )


def inspected(inspection: DataFrame, dates: DataFrame) -> DataFrame:
    """What inspections that were entered by the date saw: the last of them, and all of them together."""
    graded = inspection.withColumns(
        {"condition_grade": _grade("external_condition", CONDITIONS), "oil_leak_grade": _grade("oil_leak", LEAKS)}
    ).select(
        "asset_id", "inspection_id", "inspected_at_utc", "known_from_utc", "condition_grade", "oil_leak_grade",
        "bushings_damaged", "maximum_demand_pu",
    )  # fmt: skip
    known = known_so_far(graded, dates)
    seen = ("condition_grade", "oil_leak_grade", "bushings_damaged", "maximum_demand_pu")
    last = F.max_by(F.struct("inspected_at_utc", *seen), F.struct("inspected_at_utc", "inspection_id"))
    found = known.groupBy(*KEY).agg(
        last.alias("_last"),
        F.first("_at").alias("_at"),
        F.count("*").cast("int").alias("inspections"),
        F.avg("condition_grade").alias("mean_condition_grade"),
        F.avg("oil_leak_grade").alias("mean_oil_leak_grade"),
        F.avg(years_between("inspected_at_utc", "_at")).alias("mean_years_since_inspection"),
    )
    return found.select(
        *KEY, "inspections", "mean_condition_grade", "mean_oil_leak_grade", "mean_years_since_inspection",
        years_between("_last.inspected_at_utc", "_at").alias("years_since_inspection"),
        *[F.col(f"_last.{name}").alias(name) for name in seen],
    )  # fmt: skip


def oil_tested(oil_test: DataFrame, dates: DataFrame) -> DataFrame:
    """The last sample of the unit's oil whose result was known at the date."""
    samples = oil_test.select("asset_id", "oil_test_id", "sampled_at_utc", "known_from_utc", *OIL)
    known = known_so_far(samples, dates)
    last = F.max_by(F.struct("sampled_at_utc", *OIL), F.struct("sampled_at_utc", "oil_test_id"))
    found = known.groupBy(*KEY).agg(last.alias("_last"), F.first("_at").alias("_at"))
    return found.select(
        *KEY,
        years_between("_last.sampled_at_utc", "_at").alias("years_since_oil_test"),
        *[F.col(f"_last.{name}").alias(name) for name in OIL],
    )


def _grade(name: str, grades: tuple[str, ...]) -> Column:
    """Place of a code among the grades, 0 the best."""
    return F.nullif(F.array_position(F.array(*map(F.lit, grades)), F.col(name)), F.lit(0)).cast("int") - 1
