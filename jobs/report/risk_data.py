"""What the report shows of failures: the units at highest risk and why, and how right the model has been."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.asset_feature import ASSET_FEATURE
from jobs.gold.asset_health import ASSET_HEALTH
from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.gold.features.spine import KEY
from jobs.models.failure.outcome import outcomes
from jobs.models.failure.scores import BINS, equal_bins
from jobs.models.failure_probability import FAILURE_PROBABILITY
from jobs.query.snapshot import Snapshot
from jobs.report.main_period import main_period
from jobs.settings import Settings
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.asset_event import ASSET_EVENT

UNITS_SHOWN = 15
HAZARDS = "unit_hazard.parquet"


@dataclass(frozen=True)
class Risk:
    """``units``: the `UNITS_SHOWN` of highest risk, by the champion's word of the newest date; ``decided_probability``
    is the chance that the decision was made with, and ``decided_by`` who said it.

    ``bins``: groups of equal count of the unit-years whose outcome is on record and that the model had not seen:
    ``said``, ``failed`` and, where the planted truth is known, ``truth`` are means. ``model``: its version; None where
    there is no champion, and the units are those of highest risk by their health.
    """

    units: pd.DataFrame
    bins: pd.DataFrame
    model: str | None


def read_risk(snapshot: Snapshot, settings: Settings, study: Column, truth: Path | None) -> Risk:
    said = snapshot.rows(FAILURE_PROBABILITY)
    health = main_period(snapshot.rows(ASSET_HEALTH), "current_score").select(
        "asset_id", "current_score", "consequence_cost", F.col("failure_probability").alias("health_probability")
    )
    newest = said.agg(F.max("as_of").alias("day"), F.max("model_version").alias("model")).first()
    assert newest is not None  # an aggregate without groups has one row
    model = newest["model"]
    now = said.where(F.col("as_of") == F.lit(newest["day"])).select(
        "asset_id", "as_of", "probability", "probability_low", "probability_high", "top_reasons"
    )
    decided = snapshot.rows(ASSET_LIFE_CYCLE_COST).where(study).select(
        "asset_id", "transformer_id", "age_years", "decision", "replacement_year",
        F.col("failure_probability").alias("decided_probability"),
        F.col("failure_probability_source").alias("decided_by"),
    )  # fmt: skip
    chance = F.coalesce("probability", "health_probability")
    units = (
        health.join(now, "asset_id", "left" if model is None else "inner")
        .join(decided, "asset_id", "left")
        .withColumn("risk_cost", chance * F.col("consequence_cost"))
        .orderBy(F.desc_nulls_last("risk_cost"), "asset_id")
    )
    return Risk(units.limit(UNITS_SHOWN).toPandas(), _bins(snapshot, settings, said, truth), model)


def _bins(snapshot: Snapshot, settings: Settings, said: DataFrame, truth: Path | None) -> pd.DataFrame:
    first = said.select("horizon_months").first()
    none = pd.DataFrame(columns=["said", "failed", "truth", "rows"])
    if first is None:
        return none
    stood = snapshot.rows(ASSET_FEATURE).select(*KEY, "transformer_id")
    known = outcomes(
        said.select(*KEY, "probability").join(stood, list(KEY)),
        snapshot.rows(ASSET_EVENT),
        snapshot.rows(ASSET_DEPLOYMENT),
        months=first["horizon_months"],
        utc_offset=settings.grid_time.offset,
    )
    rows = known.join(_truth(snapshot, truth), list(KEY), "left").orderBy("asset_id", "as_of").toPandas()
    if rows["truth"].notna().any():  # a unit taken away in the hour between grid and UTC year has none
        rows = rows[rows["truth"].notna()]
    if rows.empty:
        return none
    chance, failed, planted = (rows[name].to_numpy(np.float64) for name in ("probability", "failed", "truth"))
    bins, true = equal_bins(chance, failed, BINS), equal_bins(chance, planted, BINS)
    return pd.DataFrame({"said": bins[:, 0], "failed": bins[:, 1], "truth": true[:, 1], "rows": bins[:, 2]})


def _truth(snapshot: Snapshot, truth: Path | None) -> DataFrame:
    """``asset_id, as_of, truth``: the planted chance of failing in the year from each 1 January."""
    spark = snapshot.lake.spark
    if truth is None or not (truth / HAZARDS).is_file():
        return spark.createDataFrame([], "asset_id string, as_of date, truth double")
    rows = spark.read.parquet(str(truth / HAZARDS))
    day = F.make_date("year", F.lit(1), F.lit(1)).alias("as_of")
    return rows.select(F.col("unit").alias("asset_id"), day, F.col("failure_probability").alias("truth"))
