"""A year of losses behind each transformer position: what its own profile cost at each interval's price."""

from __future__ import annotations

from datetime import timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def priced_intervals(
    price_interval: DataFrame, *, market: str, currency: str, offset: timedelta, interval_minutes: int
) -> DataFrame:
    """Energy price of every interval of each grid day: ``grid_date``, ``price`` (currency/MWh, NaN where unknown).

    The mean over the market's price zones, and over shorter price intervals where they are shorter.
    """
    seconds = int(offset.total_seconds())
    step = interval_minutes * 60
    slots = 86400 // step
    start = F.unix_timestamp("interval_start_utc") + seconds
    each = F.sequence(start, start + F.col("interval_minutes") * 60 - 1, F.lit(step))
    by_slot = (
        price_interval.where((F.col("market") == market) & (F.col("currency") == currency))
        .select(F.explode(each).alias("second"), "price_per_mwh")
        .groupBy(
            F.date_from_unix_date(F.floor(F.col("second") / 86400).cast("int")).alias("grid_date"),
            F.floor(F.pmod("second", F.lit(86400)) / step).cast("int").alias("slot"),
        )
        .agg(F.avg("price_per_mwh").alias("price"))
    )
    known = F.map_from_entries(F.collect_list(F.struct("slot", "price")))
    filled = by_slot.groupBy("grid_date").agg(known.alias("known"))
    every = F.transform(
        F.sequence(F.lit(0), F.lit(slots - 1)), lambda slot: F.coalesce(F.col("known")[slot], F.lit(float("nan")))
    )
    return filled.select("grid_date", every.alias("price"))


def loss_years(profile: DataFrame, prices: DataFrame, *, minimum_seen_share: float) -> DataFrame:
    """Squares of load summed over the intervals of each transformer's year, plain and priced.

    Returns
    -------
    DataFrame
        One row a transformer: ``used_hours``, ``square_kva2_h`` (sum of S^2 dt), ``priced_square`` (sum of S^2 dt
        x price, kVA^2 h currency/MWh), ``mean_price`` (currency/MWh over its days), ``peak_kva``. An interval with
        no known price takes the mean price of the transformer's days.
    """
    hours = F.col("interval_minutes") / 60.0
    enough = F.col("meters_expected") * minimum_seen_share
    day = profile.join(F.broadcast(prices), "grid_date", "left")
    slots = F.sequence(F.lit(0), F.size("apparent_va") - 1)
    used = F.filter(
        slots,
        lambda i: (F.col("meters_seen")[i] + F.col("meters_estimated")[i] >= enough) & (F.col("meters_expected") > 0),
    )
    square = F.transform(used, lambda i: F.pow(F.col("apparent_va")[i] / 1000.0, 2.0))
    price = F.transform(used, lambda i: F.coalesce(F.get("price", i), F.lit(float("nan"))))
    day = day.select("transformer_id", hours.alias("hours"), square.alias("square"), price.alias("price_of"), "price")

    def add(left: Column, right: Column) -> Column:
        return left + right

    zero = F.lit(0.0)
    both = F.zip_with("square", "price_of", lambda s, p: F.when(~F.isnan(p), s * p).otherwise(0.0))
    unpriced = F.zip_with("square", "price_of", lambda s, p: F.when(F.isnan(p), s).otherwise(0.0))
    known = F.filter("price", lambda p: ~F.isnan(p))
    sums = day.select(
        "transformer_id",
        (F.size("square") * F.col("hours")).alias("used_hours"),
        (F.aggregate("square", zero, add) * F.col("hours")).alias("square_kva2_h"),
        (F.aggregate(both, zero, add) * F.col("hours")).alias("priced"),
        (F.aggregate(unpriced, zero, add) * F.col("hours")).alias("unpriced"),
        F.coalesce(F.aggregate(known, zero, add), zero).alias("price_sum"),
        F.coalesce(F.size(known), F.lit(0)).alias("price_count"),
        F.array_max("square").alias("highest"),
    )
    year = sums.groupBy("transformer_id").agg(
        *[F.sum(name).alias(name) for name in ("used_hours", "square_kva2_h", "priced", "unpriced")],
        (F.sum("price_sum") / F.nullif(F.sum("price_count"), F.lit(0))).alias("mean_price"),
        F.sqrt(F.max("highest")).alias("peak_kva"),
    )
    priced = F.col("priced") + F.col("unpriced") * F.col("mean_price")
    return year.select(
        "transformer_id", "used_hours", "square_kva2_h", priced.alias("priced_square"), "mean_price", "peak_kva"
    )
