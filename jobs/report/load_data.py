"""What the report shows of loads: feeders and transformers with their metrics, and the feeders' profiles."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.gold.feeder_load_metrics import FEEDER_LOAD_METRICS
from jobs.gold.feeder_profile import FEEDER_PROFILE
from jobs.gold.transformer_load_metrics import TRANSFORMER_LOAD_METRICS
from jobs.query.snapshot import Snapshot
from jobs.report.main_period import main_period
from jobs.silver.feeder import FEEDER
from jobs.silver.power_transformer import POWER_TRANSFORMER

HEAT_CELLS = 700_000
"""Intervals that the heat map may hold; at 2 bytes each in base64 some 2 MB of the page."""

TRANSFORMERS_SHOWN = 5_000
NET_WH = """zip_with(
    zip_with(delivered_wh, received_wh, (d, r) -> d - r),
    zip_with(meters_seen, meters_estimated, (s, e) -> s + e),
    (net, meters) -> if(meters > 0, net, null))"""


@dataclass(frozen=True)
class Loads:
    """Frames of a row per feeder, per transformer and per feeder-day (``net_wh``: an array, null without a meter)."""

    feeders: pd.DataFrame
    transformers: pd.DataFrame
    profiles: pd.DataFrame
    transformers_in_all: int
    feeders_in_all: int


def read_loads(snapshot: Snapshot, study: Column) -> Loads:
    feeders = main_period(snapshot.rows(FEEDER_LOAD_METRICS), "days_present")
    names = _newest(snapshot.rows(FEEDER), "feeder_id").select("feeder_id", "name")
    transformers = _transformers(snapshot, study)
    profiles = snapshot.rows(FEEDER_PROFILE)
    largest = _largest_feeders(profiles)
    return Loads(
        feeders=_with_highest_month(feeders, snapshot)
        .join(F.broadcast(names), "feeder_id", "left")
        .orderBy(F.desc_nulls_last("apparent_peak_kva"), "feeder_id")
        .limit(500)
        .toPandas(),
        transformers=transformers.orderBy(F.desc_nulls_last("utilisation"), "transformer_id")
        .limit(TRANSFORMERS_SHOWN)
        .toPandas(),
        profiles=profiles.where(F.col("feeder_id").isin(largest))
        .select("feeder_id", "grid_date", "interval_minutes", F.expr(NET_WH).alias("net_wh"))
        .orderBy("feeder_id", "grid_date")
        .toPandas(),
        transformers_in_all=transformers.count(),
        feeders_in_all=profiles.select("feeder_id").distinct().count(),
    )


def _with_highest_month(feeders: DataFrame, snapshot: Snapshot) -> DataFrame:
    """Metrics of feeders; coincidence, which a year has none of, is that of the month of highest delivered load."""
    year = F.year("period_start").alias("_year")
    highest = F.max_by("delivered_coincidence_factor", "delivered_peak_kw").alias("_of_month")
    months = snapshot.rows(FEEDER_LOAD_METRICS).where("period_kind = 'month'").groupBy("feeder_id", year).agg(highest)
    joined = feeders.withColumn("_year", F.year("period_start")).join(months, ["feeder_id", "_year"], "left")
    factor = F.coalesce("delivered_coincidence_factor", "_of_month")
    return joined.withColumn("delivered_coincidence_factor", factor).drop("_year", "_of_month")


def _largest_feeders(profiles: DataFrame) -> list[str]:
    """As many feeders as the heat map may hold, those of most energy first."""
    energy = F.sum(F.aggregate("delivered_wh", F.lit(0).cast("long"), lambda total, wh: total + wh))
    cells = F.sum(F.size("delivered_wh")).alias("cells")
    sizes = profiles.groupBy("feeder_id").agg(energy.alias("energy"), cells)
    running = Window.orderBy(F.desc("energy"), "feeder_id").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    shown = sizes.withColumn("_so_far", F.sum("cells").over(running)).where(F.col("_so_far") <= HEAT_CELLS)
    return [row["feeder_id"] for row in shown.select("feeder_id").collect()]


def _transformers(snapshot: Snapshot, study: Column) -> DataFrame:
    """Metrics of every transformer with its place, and the most urgent decision of the units that stand there."""
    metrics = main_period(snapshot.rows(TRANSFORMER_LOAD_METRICS), "days_present")
    place = _newest(snapshot.rows(POWER_TRANSFORMER), "transformer_id").select("transformer_id", "feeder_id", "x", "y")
    costs = snapshot.rows(ASSET_LIFE_CYCLE_COST).where(study)
    decision = costs.groupBy("transformer_id").agg(F.max_by("decision", "one_year_waiting_cost").alias("decision"))
    shown = (
        "transformer_id",
        "rating_kva",
        "utilisation",
        "apparent_peak_kva",
        "peak_kw",
        "peak_at_utc",
        "hours_above_rating",
        "reverse_hours",
        "estimated_share",
        "days_present",
    )
    return metrics.select(*shown).join(place, "transformer_id", "left").join(decision, "transformer_id", "left")


def _newest(rows: DataFrame, key: str) -> DataFrame:
    """The row of each key that became valid last."""
    order = Window.partitionBy(key).orderBy(F.desc("valid_from_utc"), F.desc("known_from_utc"))
    return rows.withColumn("_rank", F.row_number().over(order)).where("_rank = 1").drop("_rank")
