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
    """Units with ``_said`` and ``_said_by``: the chance of failing in the year from ``as_of``, null where none is."""
    said = failure_probability.where(
        (F.col("as_of") == F.lit(as_of)) & (F.col("horizon_months") == HORIZON_MONTHS)
    ).select("asset_id", F.col("probability").alias("_said"), F.col("model_version").alias("_said_by"))
    return units.join(said, "asset_id", "left")


def by_model(unit: pd.DataFrame, curve: FailureProbability) -> FailureProbability:
    """Who speaks of the units of a batch."""
    told = unit[unit["_said"].notna()]
    if told.empty:
        return curve
    names = told["asset_id"].to_numpy(str)
    said = dict(zip(names, told["_said"].to_numpy(np.float64), strict=True))
    return ByModel(curve, said, dict(zip(names, told["_said_by"], strict=True)))
