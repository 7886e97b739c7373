"""What the report shows of ageing: the units that got hottest, day by day and over all days computed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pyspark.sql import functions as F

from jobs.gold.ageing.kernel import COMPUTED
from jobs.gold.transformer_ageing import TRANSFORMER_AGEING
from jobs.query.snapshot import Snapshot

UNITS_SHOWN = 10
DAY_HOURS = 24.0


@dataclass(frozen=True)
class Ageing:
    """``units``: the `UNITS_SHOWN` hottest with their sums; ``days``: gold.transformer_ageing of these units.

    ``computed``: units with temperatures on any day, ``above``: those of them above the hot-spot's limit.
    """

    units: pd.DataFrame
    days: pd.DataFrame
    computed: int
    above: int


def read_ageing(snapshot: Snapshot) -> Ageing:
    rows = snapshot.rows(TRANSFORMER_AGEING).where(F.col("outcome") == COMPUTED)
    by_unit = rows.groupBy("asset_id").agg(
        F.max_by("transformer_id", "grid_date").alias("transformer_id"),
        F.max("rating_kva").alias("rating_kva"),
        F.max("load_peak_pu").alias("load_peak_pu"),
        F.max("hot_spot_max_degc").alias("hot_spot_max_degc"),
        F.max_by("grid_date", "hot_spot_max_degc").alias("hottest_day"),
        F.sum("hours_above_hot_spot_limit").alias("hours_above_hot_spot_limit"),
        F.sum("loss_of_life_hours").alias("loss_of_life_hours"),
        F.count("*").alias("days"),
    )
    counted = by_unit.agg(
        F.count("*").alias("computed"), F.count_if(F.col("hours_above_hot_spot_limit") > 0).alias("above")
    ).first()
    assert counted is not None  # an aggregate without groups has one row
    units = by_unit.orderBy(F.desc("hot_spot_max_degc"), "asset_id").limit(UNITS_SHOWN).toPandas()
    days = rows.where(F.col("asset_id").isin(units["asset_id"].tolist())).select(
        "asset_id", "grid_date", "hot_spot_max_degc"
    )
    return Ageing(units, days.orderBy("asset_id", "grid_date").toPandas(), counted["computed"], counted["above"])
