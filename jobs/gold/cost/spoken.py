"""What models.failure_probability says of the units of a study year, beside their rows."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.cost.failure_probability import ByModel, FailureProbability

HORIZON_MONTHS = 12  # costs go by years


def with_model(units: DataFrame, failure_probability: DataFrame, *, as_of: date) -> DataFrame:
    """Units with ``_said`` and ``_said_by``: the chance of failing in the year from ``as_of``, null where none is.

    It is the model's newest word of the unit up to that date whose own year reaches into the one asked for: a build of
    a part of a study year has features as of its last day, and none as of the year's end.
    """
    day = F.lit(as_of)
    heard = failure_probability.where(
        (F.col("horizon_months") == HORIZON_MONTHS)
        & (F.col("as_of") <= day)
        & (F.col("as_of") > F.add_months(day, -HORIZON_MONTHS))
    )
    newest = F.max_by(F.struct("probability", "model_version"), "as_of").alias("_newest")
    said = (
        heard.groupBy("asset_id")
        .agg(newest)
        .select(
            "asset_id",
            F.col("_newest.probability").alias("_said"),
            F.col("_newest.model_version").alias("_said_by"),
        )
    )
    return units.join(said, "asset_id", "left")


def by_model(unit: pd.DataFrame, curve: FailureProbability) -> FailureProbability:
    """Who speaks of the units of a batch."""
    told = unit[unit["_said"].notna()]
    if told.empty:
        return curve
    names = told["asset_id"].to_numpy(str)
    said = dict(zip(names, told["_said"].to_numpy(np.float64), strict=True))
    return ByModel(curve, said, dict(zip(names, told["_said_by"], strict=True)))
