"""What the report shows of money: the life-cycle cost of units in service, and energy by area."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.area_energy import AREA_ENERGY
from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.query.snapshot import Snapshot
from jobs.report import words
from jobs.report.main_period import in_main_period, main_period
from jobs.silver.area import AREA

RANKED = 100
HOUSEHOLD_CLASSES = ("household", "household_heat")


@dataclass(frozen=True)
class Ranked:
    """``units``: those whose waiting costs most first, at most `RANKED`; ``decisions``: units by decision."""

    units: pd.DataFrame
    decisions: dict[str, int]


def replaced_now(decisions: dict[str, int]) -> str:
    """How many units to replace now, of how many."""
    return f"{words.count(decisions.get('replace_now', 0))} of {words.count(sum(decisions.values()))}"


@dataclass(frozen=True)
class Costs:
    """Units with a load of their own, and those that a typical load stands for: the first are known, not inferred."""

    metered: Ranked
    typical: Ranked

    @property
    def decisions(self) -> dict[str, int]:
        """All units by decision."""
        return dict(Counter(self.metered.decisions) + Counter(self.typical.decisions))


def study_period(snapshot: Snapshot) -> Column:
    """Whether a row of costs, or of what is made of them, is of the study year that the report shows."""
    return in_main_period(snapshot.rows(ASSET_LIFE_CYCLE_COST), "observed_share")


def read_costs(snapshot: Snapshot, study: Column) -> Costs:
    rows = snapshot.rows(ASSET_LIFE_CYCLE_COST).where(study).withColumn("_own", F.col("profile_source") == "own")
    counted = rows.groupBy("_own", "decision").count().orderBy("decision").collect()

    def ranked(own: bool) -> Ranked:
        first = rows.where(F.col("_own") == own).orderBy(F.desc("one_year_waiting_cost"), "asset_id").limit(RANKED)
        return Ranked(
            first.drop("_own").toPandas(), {row["decision"]: row["count"] for row in counted if row["_own"] == own}
        )

    return Costs(metered=ranked(True), typical=ranked(False))


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
