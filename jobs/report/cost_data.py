"""What the report shows of money: the life-cycle cost of units in service, and energy by area."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.area_energy import AREA_ENERGY
from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.query.snapshot import Snapshot
from jobs.report.main_period import main_period
from jobs.silver.area import AREA

RANKED = 200
HOUSEHOLD_CLASSES = ("household", "household_heat")


@dataclass(frozen=True)
class Costs:
    """``ranking``: units whose waiting costs most first, at most `RANKED`; ``decisions``: units by decision."""

    ranking: pd.DataFrame
    decisions: dict[str, int]


def read_costs(snapshot: Snapshot) -> Costs:
    rows = main_period(snapshot.rows(ASSET_LIFE_CYCLE_COST), "observed_share")
    decisions = rows.groupBy("decision").count().collect()
    return Costs(
        ranking=rows.orderBy(F.desc("one_year_waiting_cost"), "asset_id").limit(RANKED).toPandas(),
        decisions={row["decision"]: row["count"] for row in decisions},
    )


def read_areas(snapshot: Snapshot) -> pd.DataFrame:
    """A row per area over the fullest year, or the fullest month: energy beside population and income."""
    energy = main_period(snapshot.rows(AREA_ENERGY), "days_present")
    energy_wh = F.col("delivered_wh") + F.col("received_wh")
    household = F.col("customer_class").isin(*HOUSEHOLD_CLASSES)
    latest_name = snapshot.rows(AREA).groupBy("area_id").agg(F.max_by("name", "year").alias("name"))
    by_area: DataFrame = energy.groupBy("area_id", "period_kind", "period_start").agg(
        F.sum("usage_points").alias("usage_points"),
        F.sum("delivered_wh").alias("delivered_wh"),
        F.sum("received_wh").alias("received_wh"),
        (F.sum(F.col("estimated_share") * energy_wh) / F.nullif(F.sum(energy_wh), F.lit(0))).alias("estimated_share"),
        F.sum(F.when(household, F.col("delivered_wh"))).alias("household_wh"),
        F.max("heating_degree_days").alias("heating_degree_days"),
        F.max("days_present").alias("days_present"),
        F.max("population").alias("population"),
        F.max("income_per_person").alias("income_per_person"),
    )
    ranked = by_area.join(latest_name, "area_id", "left").orderBy(F.desc("delivered_wh"), "area_id")
    return ranked.limit(500).toPandas()
