"""What the register, crews, laboratories and meters tell of each unit at a year's end, one row a unit."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.health.method import Method
from jobs.gold.health.settings import HealthSettings
from jobs.rule import Rule, RuleSet
from jobs.silver.validity import is_valid_at

RULES = RuleSet(
    "Why the health of a unit is not judged",
    Rule(
        "H11",
        "unknown_class",
        "the configuration maps no such class of units to the methodology (asset_health.classes)",
    ),
    Rule("H12", "no_category", "its rated voltage is unknown or above those that the configuration maps its class by"),
    Rule("H13", "no_age", "the unit's year of manufacture is unknown"),
)
OIL = ("moisture_ppm", "acidity_mg_koh_per_g", "breakdown_voltage_kv", "furfural_ppm")
UTILISATION_SOURCES = {
    "profile": "highest apparent power of its position's own profile in the year / rating",
    "maximum_demand_indicator": "the indicator's last reading, for want of a profile",
    "default": "neither is known: a duty factor of 1",
}


def units_at(
    asset: DataFrame,
    asset_deployment: DataFrame,
    power_transformer: DataFrame,
    connectivity: DataFrame,
    usage_point: DataFrame,
    load_metrics: DataFrame,
    inspection: DataFrame,
    oil_test: DataFrame,
    *,
    health: HealthSettings,
    method: Method,
    year: int,
    offset: timedelta,
) -> DataFrame:
    """Units in service at the end of ``year``; of findings only those known by then. ``_rule`` refuses the others."""
    end = F.lit(datetime(year + 1, 1, 1, tzinfo=timezone(offset)))
    units = _in_service(asset, asset_deployment, end)
    place = power_transformer.where(is_valid_at(end)).select("transformer_id", "area_id")
    columns = {
        told.column for one in health.classes.values() for all_told in one.conditions.values() for told in all_told
    }
    seen = _inspected(inspection.where(_known("inspected_at_utc", end)), sorted(columns | {"maximum_demand_pu"}))
    metered = load_metrics.where((F.col("period_kind") == "year") & (F.col("period_start") == f"{year}-01-01")).select(
        "transformer_id", F.col("utilisation").alias("_metered")
    )
    frame = (
        units.join(place, "transformer_id", "left")
        .join(_customers(connectivity, usage_point, end), "transformer_id", "left")
        .join(metered, "transformer_id", "left")
        .join(seen, "asset_id", "left")
        .join(_oil(oil_test.where(_known("sampled_at_utc", end)), list(method.gases.states)), "asset_id", "left")
    )
    source = (
        F.when(F.col("_metered").isNotNull(), "profile")
        .when(F.col("maximum_demand_pu").isNotNull(), "maximum_demand_indicator")
        .otherwise("default")
    )
    frame = frame.withColumns(
        {
            "utilisation": F.coalesce("_metered", "maximum_demand_pu"),
            "utilisation_source": source,
            "age_years": F.greatest(F.lit(year) - F.col("manufactured_year"), F.lit(0)),
        }
    ).withColumns(
        {
            "peak_kva": F.col("utilisation") * F.col("rating_kva"),
            "position_peak_kva": F.col("utilisation") * F.col("_bank_kva"),
            "category": _category(health),
        }
    )
    return frame.withColumn("_rule", _lacking(health)).drop("_metered", "_bank_kva")


def _in_service(asset: DataFrame, asset_deployment: DataFrame, end: Column) -> DataFrame:
    """Units that stand at a position at ``end``, and those that no deployment names, such as poles and cables."""
    there = asset_deployment.where(
        (F.col("valid_from_utc") < end) & (F.col("valid_to_utc").isNull() | (F.col("valid_to_utc") >= end))
    ).select("asset_id", "transformer_id")
    ever = asset_deployment.select("asset_id").distinct()
    placed = asset.join(there, "asset_id")
    elsewhere = asset.join(ever, "asset_id", "left_anti").withColumn("transformer_id", F.lit(None).cast("string"))
    bank = Window.partitionBy("transformer_id").orderBy("asset_id")
    whole = bank.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    columns = ("asset_id", "asset_class", "manufactured_year", "rating_kva", "high_voltage_kv", "low_voltage_kv")
    return (
        placed.withColumn("_bank_kva", F.sum("rating_kva").over(whole))
        .unionByName(elsewhere.withColumn("_bank_kva", F.lit(None).cast("double")))
        .select(*columns, "transformer_id", "_bank_kva")
    )


def _known(happened: str, end: Column) -> Column:
    return (F.col(happened) < end) & (F.col("known_from_utc") < end)


def _inspected(inspection: DataFrame, columns: list[str]) -> DataFrame:
    """The last that was said of each column."""
    order = F.struct("inspected_at_utc", "inspection_id")
    last = [F.max_by(name, F.when(F.col(name).isNotNull(), order)).alias(name) for name in columns]
    return inspection.groupBy("asset_id").agg(*last)


def _oil(oil_test: DataFrame, gases: list[str]) -> DataFrame:
    """The last value of each measure, and the dissolved gases of the last two samples that tell of any."""
    order = F.struct("sampled_at_utc", "oil_test_id")
    last = [F.max_by(name, F.when(F.col(name).isNotNull(), order)).alias(name) for name in OIL]
    told = reduce(lambda a, b: a | b, [F.col(name).isNotNull() for name in gases])
    sample = F.when(told, F.struct("sampled_at_utc", "oil_test_id", *gases))
    samples = F.sort_array(F.collect_list(sample), asc=False)
    found = oil_test.groupBy("asset_id").agg(*last, samples.alias("_samples"))
    latest, before = F.get("_samples", F.lit(0)), F.get("_samples", F.lit(1))
    return found.withColumns(
        {name: latest[name] for name in gases} | {f"before_{name}": before[name] for name in gases}
    ).drop("_samples")


def _customers(connectivity: DataFrame, usage_point: DataFrame, end: Column) -> DataFrame:
    """Customers behind each position; a position of which no link is known has no row."""
    customers = usage_point.where(is_valid_at(end) & (F.col("kind") == "customer")).select("usage_point_id")
    linked = connectivity.where(is_valid_at(end) & F.col("transformer_id").isNotNull())
    return (
        linked.join(customers, "usage_point_id")
        .groupBy("transformer_id")
        .agg(F.count("*").cast("int").alias("customers"))
    )


def _category(health: HealthSettings) -> Column:
    """Category by class and rated voltage; null where there is none."""
    found = F.lit(None).cast("string")
    for name, one in health.classes.items():
        of_class = F.lit(None).cast("string")
        for by in reversed(one.categories):
            of_class = F.when(F.col("high_voltage_kv") <= by.up_to_kv, by.category).otherwise(of_class)
        found = F.when(F.col("asset_class") == name, of_class).otherwise(found)
    return found


def _lacking(health: HealthSettings) -> Column:
    mapped = F.col("asset_class").isin(list(health.classes))
    return (
        F.when(~mapped, "unknown_class")
        .when(F.col("category").isNull(), "no_category")
        .when(F.col("manufactured_year").isNull(), "no_age")
    )
