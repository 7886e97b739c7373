"""What the record of events says of a class: corrective work in a year of service, and what failures cost."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.cost.inputs import priced
from jobs.gold.cost.settings import CostSettings
from jobs.ordered import ordered_sum

SECONDS_A_YEAR = 365.25 * 86400


def recorded_costs(
    asset_event: DataFrame,
    asset: DataFrame,
    asset_deployment: DataFrame,
    known: DataFrame,
    cost: CostSettings,
    *,
    year: int,
    offset: timedelta,
) -> DataFrame:
    """Costs by class from the events up to a year's end, of units that have left since, too.

    Returns
    -------
    DataFrame
        One row a class: ``work_order_cost``, corrective work in a year of service (service since the year of the
        first event that is on record); ``failure_cost_ratio``, recorded cost of failures / what ``known`` lists for
        the units that failed, 1 where fewer than ``minimum_failures`` are on record.
    """
    units = asset.where(F.col("asset_class").isin(list(cost.classes))).select(
        "asset_id", "asset_class", "rating_kva", "loss_class"
    )
    events = asset_event.where(F.year("occurred_at_utc") <= year).join(units, "asset_id")
    first = events.groupBy("asset_class").agg(F.min(F.year("occurred_at_utc")).alias("_first"))
    served = _years_served(asset_deployment, units, first, year=year, offset=offset)
    worked = _corrective(events).groupBy("asset_class").agg(ordered_sum("_paid").alias("_paid"))
    # A failure's list price depends on the unit's rating, so the record moves its level alone.
    failures = priced(
        events.where((F.col("kind") == "failure") & F.col("event_cost").isNotNull()),
        asset.select("asset_class", "rating_kva", "loss_class"),
        known,
        prefix="listed_",
    ).where("listed_failure > 0")
    ratio = ordered_sum("event_cost") / ordered_sum("listed_failure")
    failed = failures.groupBy("asset_class").agg(
        F.when(F.count("*") >= cost.minimum_failures, ratio).alias("failure_cost_ratio")
    )
    return (
        served.join(worked, "asset_class", "left")
        .join(failed, "asset_class", "left")
        .select("asset_class", (F.col("_paid") / F.col("_years")).alias("work_order_cost"), "failure_cost_ratio")
    )


def _years_served(
    asset_deployment: DataFrame, units: DataFrame, first: DataFrame, *, year: int, offset: timedelta
) -> DataFrame:
    """Years that units of a class were in service since the first year on record, whole seconds summed."""
    end = F.lit(datetime(year + 1, 1, 1, tzinfo=timezone(offset)))
    start = F.timestamp_seconds(
        F.unix_timestamp(F.make_timestamp("_first", F.lit(1), F.lit(1), F.lit(0), F.lit(0), F.lit(0)))
        - int(offset.total_seconds())
    )
    there = asset_deployment.join(units, "asset_id").join(F.broadcast(first), "asset_class")
    until = F.least(F.coalesce(F.col("valid_to_utc"), end), end)
    seconds = F.unix_timestamp(until) - F.unix_timestamp(F.greatest(F.col("valid_from_utc"), start))
    return there.groupBy("asset_class").agg((F.sum(F.greatest(seconds, F.lit(0))) / SECONDS_A_YEAR).alias("_years"))


def _corrective(events: DataFrame) -> DataFrame:
    """Corrective work by unit, ``_paid``."""
    return (
        events.where(F.col("work_kind") == "corrective")
        .groupBy("asset_class", "asset_id")
        .agg(ordered_sum("event_cost").alias("_paid"))
    )
