"""What the report shows of the fleet: its ages, the plan of its replacement, and how sure its decisions are."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.asset_cost_sensitivity import ASSET_COST_SENSITIVITY
from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.gold.replacement_plan import REPLACEMENT_PLAN
from jobs.gold.replacement_plan_year import REPLACEMENT_PLAN_YEAR
from jobs.query.snapshot import Snapshot

AGE_STEP = 5
TOP_UNITS = 5


@dataclass(frozen=True)
class Fleet:
    """The fleet in one study year.

    ``ages``: units by ``age_from`` (a step of `AGE_STEP` years) and ``decision``. ``plan``: gold.replacement_plan_year;
    ``plan_gap``: share of the greatest saving that the plan may lack. ``factors``: by factor, units whose decision the
    low or the high case changes. ``top``: gold.asset_cost_sensitivity of the `TOP_UNITS` whose waiting costs most.
    """

    ages: pd.DataFrame
    plan: pd.DataFrame
    plan_gap: float | None
    factors: pd.DataFrame
    top: pd.DataFrame


def read_fleet(snapshot: Snapshot, study: Column) -> Fleet:
    units = snapshot.rows(ASSET_LIFE_CYCLE_COST).where(study)
    sensitivity = snapshot.rows(ASSET_COST_SENSITIVITY).where(study)
    aged = units.withColumn("age_from", F.col("age_years") - F.col("age_years") % AGE_STEP)
    first = units.orderBy(F.desc("one_year_waiting_cost"), "asset_id").limit(TOP_UNITS)
    top = sensitivity.join(first.select("asset_id", "one_year_waiting_cost"), "asset_id")
    gap = snapshot.rows(REPLACEMENT_PLAN).where(study).agg(F.max("plan_gap").alias("gap")).first()
    return Fleet(
        ages=aged.groupBy("age_from", "decision").agg(F.count("*").alias("units")).orderBy("age_from").toPandas(),
        plan=snapshot.rows(REPLACEMENT_PLAN_YEAR).where(study).orderBy("plan_year").toPandas(),
        plan_gap=None if gap is None else gap["gap"],
        factors=_moved(sensitivity),
        top=top.orderBy(F.desc("one_year_waiting_cost"), "asset_id", "factor").toPandas(),
    )


def _moved(sensitivity: DataFrame) -> pd.DataFrame:
    """By factor: its cases, units whose decision another case changes, and by how many years at the median."""
    cases = ("low", "high")
    changed = [F.count_if(F.col(f"{case}_decision") != F.col("decision")).alias(f"{case}_changed") for case in cases]
    years = [
        F.median(F.col(f"{case}_replacement_year") - F.col("replacement_year")).alias(f"{case}_years") for case in cases
    ]
    values = [F.first(f"{case}_value").alias(f"{case}_value") for case in ("base", *cases)]
    by_factor = sensitivity.groupBy("factor").agg(F.count("*").alias("units"), *values, *changed, *years)
    return by_factor.orderBy("factor").toPandas()
