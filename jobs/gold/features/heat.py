"""What a unit's own load and weather had aged it by a date, as far as its days were known then."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.features.spine import KEY
from jobs.ordered import ordered_mean, ordered_sum


def aged(transformer_ageing: DataFrame, dates: DataFrame, *, days: int) -> DataFrame:
    """Loss of life and mean ageing rate of the days known at the date, and the hottest of those of the last year.

    A day's reads are taken as known so many days after it ended. Days whose temperatures are not computed say nothing:
    a unit that has no others has no row.
    """
    rows = transformer_ageing.where("loss_of_life_hours is not null").select(
        "asset_id", "grid_date", "loss_of_life_hours", "ageing_rate", "hot_spot_max_degc",
        F.date_add("grid_date", 1 + days).alias("_day_known"),
    )  # fmt: skip
    known = rows.join(F.broadcast(dates.select("as_of")), F.col("_day_known") <= F.col("as_of"))
    recent = F.col("grid_date") >= F.add_months("as_of", -12)
    return known.groupBy(*KEY).agg(
        ordered_sum("loss_of_life_hours").alias("loss_of_life_hours"),
        ordered_mean("ageing_rate").alias("mean_ageing_rate"),
        F.max(F.when(recent, F.col("hot_spot_max_degc"))).alias("hot_spot_max_degc"),
    )
