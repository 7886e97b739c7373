"""What the report shows of meters whose multiplier was registered wrongly and put right since."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import functions as F

from jobs.bronze.entity import ENTITIES
from jobs.gold.usage_point_day import USAGE_POINT_DAY
from jobs.query.snapshot import Snapshot
from jobs.silver.meter import METER

STAY = ("meter_id", "valid_from_utc")


def read_corrections(snapshot: Snapshot) -> pd.DataFrame:
    """A row per meter, most energy moved first: ``first_multiplier`` and ``multiplier``, ``known_from_utc``.

    ``delivered_wh`` is what its usage point took on the days built, ``first_delivered_wh`` the same by the multiplier
    registered first; both null where no day of it is built.
    """
    first = F.min_by("multiplier", F.struct("version", "known_from_utc")).alias("first_multiplier")
    registered = snapshot.rows(ENTITIES["meter"]).groupBy(*STAY).agg(first)
    right = snapshot.rows(METER).join(registered, [*STAY]).where("first_multiplier <> multiplier")
    day = snapshot.rows(USAGE_POINT_DAY).where("channel = 'delivered'").select(
        "usage_point_id", "grid_date", "energy", "transformer_id", "feeder_id"
    )  # fmt: skip
    stood = F.col("grid_date") >= F.to_date("valid_from_utc")
    left = F.coalesce(F.col("grid_date") >= F.to_date("valid_to_utc"), F.lit(False))
    of_days = (
        day.join(F.broadcast(right), "usage_point_id")
        .where(stood & ~left)
        .groupBy(*STAY)
        .agg(
            F.sum("energy").alias("delivered_wh"),
            *[F.max_by(name, "grid_date").alias(name) for name in ("transformer_id", "feeder_id")],
        )
    )
    by_first = F.col("delivered_wh") * F.col("first_multiplier") / F.col("multiplier")
    moved = F.abs(F.col("first_delivered_wh") - F.col("delivered_wh"))
    return (
        right.join(of_days, [*STAY], "left")
        .withColumn("first_delivered_wh", by_first)
        .select(
            "usage_point_id", *STAY, "transformer_id", "feeder_id", "first_multiplier", "multiplier", "known_from_utc",
            "delivered_wh", "first_delivered_wh",
        )
        .orderBy(F.desc_nulls_last(moved), *STAY)
        .toPandas()
    )  # fmt: skip
