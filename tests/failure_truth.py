"""The failure model against what was planted: trained on a sample's lake, scored by the sample's own hazards.

``python -m tests.failure_truth LAKE TRUTH ...`` tells it of lakes that the commands built from samples.

The truth of a unit and year is told twice. *By state*: its chance of failing given its lasting factors and whether and
since when a fault is under way (``failure_probability`` of ``unit_hazard``, see `jobs.sample.true_hazard`). *Planted*:
the chance by its hazard alone, 1 - exp(-hazard), whatever has shown itself.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import functions as F

from jobs.gold.asset_feature import ASSET_FEATURE
from jobs.lake.lake import Lake
from jobs.models.failure.baselines import weibull_probability
from jobs.models.failure.scores import equal_bins
from jobs.models.failure.train import train
from jobs.models.training.trained import Trained
from jobs.query.snapshot import read_snapshot
from jobs.session import spark_session
from jobs.settings import read_settings

Floats = NDArray[np.float64]
TRUTHS = ("by_state", "planted")
MODELS = ("failure", "weibull_of_age")
SHARES = (0.01, 0.02, 0.05)


def slope_of(truth: Floats, estimate: Floats) -> float:
    """Least squares of truth on estimate."""
    return float(np.polyfit(estimate, truth, 1)[0])


def deciles(truth: Floats, estimate: Floats) -> Floats:
    """Mean estimate / mean truth - 1 of each tenth of the rows, from the least likely up."""
    mean = equal_bins(estimate, truth)
    return np.asarray(mean[:, 0] / mean[:, 1] - 1)


def with_truth(said: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """``asset_id, as_of`` and what is said of them, with both truths; each 1 January is a year's start."""
    planted = pd.read_parquet(folder / "unit_hazard.parquet")
    rows = said.assign(year=pd.to_datetime(said["as_of"]).dt.year)
    both = rows.merge(planted, left_on=["asset_id", "year"], right_on=["unit", "year"], how="inner")
    return both.assign(by_state=both["failure_probability"], planted=-np.expm1(-both["hazard"]))


def said_of(lake: Lake, trained: Trained, years: list[int]) -> pd.DataFrame:
    """What the model and the Weibull of age say of the units in service at these new years."""
    days = [date(year, 1, 1) for year in years]
    frame = read_snapshot(lake).rows(ASSET_FEATURE).where(F.col("as_of").isin(days)).toPandas()
    by_age = weibull_probability(
        frame["service_years"].to_numpy(np.float64),
        float(trained.params["weibull_shape"]),
        float(trained.params["weibull_scale_years"]),
    )
    return frame[["asset_id", "as_of"]].assign(
        failure=trained.model.predict(frame)["probability"], weibull_of_age=by_age
    )


def saved(rows: pd.DataFrame, by: str, truth: str, share: float) -> float:
    """Cost of failures in the year that replacing so large a share of each year's units avoids, under the truth.

    The units are those for which ``by`` expects the highest cost; one failure costs what failures of that rating cost.
    """
    ranked = rows.assign(_expected=rows[by] * rows["failure_cost"])
    chosen = [year.nlargest(round(share * len(year)), "_expected", keep="first") for _, year in ranked.groupby("year")]
    return float(sum((year[truth] * year["failure_cost"]).sum() for year in chosen))


def with_costs(rows: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """``failure_cost``: mean of the failures on record of units of the same rating."""
    failure, unit = (pd.read_parquet(folder / f"{name}.parquet") for name in ("unit_failure", "unit"))
    rated = failure.merge(unit[["unit", "rating_kva"]], on="unit")
    return rows.assign(
        failure_cost=rows["asset_id"]
        .map(unit.set_index("unit")["rating_kva"])
        .map(rated.groupby("rating_kva")["cost"].mean())
    )


def told(scores: Mapping[str, Mapping[str, float]], rows: pd.DataFrame) -> list[str]:
    """Lines."""
    names = ("roc_auc", "pr_auc", "lift_top_5_percent", "brier", "brier_skill", "calibration_slope")
    lines = [f"  {model}: " + ", ".join(f"{name} {one[name]:.4f}" for name in names) for model, one in scores.items()]
    for model in MODELS:
        for truth in TRUTHS:
            estimate, true = rows[model].to_numpy(np.float64), rows[truth].to_numpy(np.float64)
            off = " ".join(f"{one:+.2f}" for one in deciles(true, estimate))
            lines.append(f"  {model}, {truth}: slope {slope_of(true, estimate):.3f}, estimate / truth - 1 {off}")
    for truth in TRUTHS:
        for share in SHARES:
            of = {by: saved(rows, by, truth, share) for by in (*MODELS, truth)}
            lines.append(
                f"  {truth}, {share:.0%} replaced, saves: " + ", ".join(f"{k} {v:,.0f}" for k, v in of.items())
            )
    return lines


def main(arguments: list[str]) -> None:
    settings = read_settings()
    spark = spark_session(settings)
    for root, folder in zip(arguments[::2], map(Path, arguments[1::2]), strict=True):
        lake = Lake(spark, root)
        found = train(lake, settings, seed=1, echo=print)
        first = int(str(found.params["score_from"])[:4])
        rows = with_costs(with_truth(said_of(lake, found, [first, first + 1]), folder), folder)
        print(f"{root}: {len(rows):,} unit-years of {first} and {first + 1}")
        print("\n".join(told({"failure": found.metrics, **found.baselines}, rows)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
