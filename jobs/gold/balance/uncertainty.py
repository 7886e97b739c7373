"""How sure a balance is: what meters, models and the days themselves say of its uncertainty.

- Meters: the sum of (u E)2, E each one's net energy and u2 the sum of the thirds of the squares of its limits of error.
  Errors of one meter add up over days, those of two do not. So do reads that validation flagged and kept.
- What is estimated, modelled, missing or lost: each with a relative uncertainty of its own.
- A month's days, as measured: n s2, with s the standard deviation of what is unexplained from day to day. A meter that
  was wrong for some days makes a month unsure; what is unexplained day after day does not.

Source: JCGM 100:2008 (GUM), 4.2 (the days), 4.3 (limits of error) and 5.1 (the sum of squares).
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.balance.settings import BalanceSettings
from jobs.ordered import ordered_sum


def meter_variances(
    usage_point_day: DataFrame,
    doubtful: DataFrame,
    meter: DataFrame,
    balance: BalanceSettings,
    *,
    key: str,
    grid: Column,
) -> DataFrame:
    """By ``place_id``, ``period_kind``, ``period_start``: variance by meters and their flagged reads (``meters_wh2``).

    Parameters
    ----------
    doubtful
        As `doubtful_days` makes them: no month counts them.
    grid
        Which usage points that are no customers belong to the balance: its head or total meters.
    """
    energy = F.when(F.col("channel") == "delivered", F.col("energy")).otherwise(-F.col("energy"))
    rows = usage_point_day.where(
        (F.col("unit") == "Wh") & F.col(key).isNotNull() & ((F.col("customer_class") != "grid") | grid)
    ).select(
        "usage_point_id",
        F.col(key).alias("place_id"),
        "grid_date",
        energy.alias("wh"),
        _flagged_wh().alias("flagged_wh"),
    )
    sums = [F.sum(name).alias(name) for name in ("wh", "flagged_wh")]
    daily = rows.groupBy("usage_point_id", "place_id", "grid_date").agg(*sums)
    month = F.trunc("grid_date", "month").alias("period_start")
    standing = daily.join(doubtful, ["place_id", "grid_date"], "left_anti")
    monthly = standing.groupBy("usage_point_id", "place_id", month).agg(*sums)
    by_period = (
        daily.withColumnRenamed("grid_date", "period_start")
        .withColumn("period_kind", F.lit("day"))
        .unionByName(monthly.withColumn("period_kind", F.lit("month")))
    )
    known = by_period.join(F.broadcast(_relative_variance(meter, balance)), "usage_point_id", "left")
    own = F.coalesce("u2", F.lit(balance.meter_error_limit**2 / 3))
    return known.groupBy("place_id", "period_kind", "period_start").agg(
        ordered_sum(own * F.col("wh") * F.col("wh") + F.pow(F.col("flagged_wh") * balance.flagged, F.lit(2.0))).alias(
            "meters_wh2"
        )
    )


def doubtful_days(usage_point_day: DataFrame, balance: BalanceSettings, *, key: str) -> DataFrame:
    """Places and grid days of which validation flagged more of the customers' energy than a balance bears."""
    customers = usage_point_day.where(
        (F.col("unit") == "Wh") & F.col(key).isNotNull() & (F.col("customer_class") != "grid")
    )
    return (
        customers.groupBy(F.col(key).alias("place_id"), "grid_date")
        .agg(F.sum(_flagged_wh()).alias("flagged_wh"), F.sum(F.abs("energy")).alias("wh"))
        .where(F.col("flagged_wh") > balance.doubtful_share * F.col("wh"))
        .select("place_id", "grid_date")
    )


def _flagged_wh() -> Column:
    return F.round(F.abs("energy") * F.col("suspect_share")).cast("long")


def _relative_variance(meter: DataFrame, balance: BalanceSettings) -> DataFrame:
    """``u2`` of each usage point: of the meter with the widest limits that ever stood there."""
    transformed = F.col("multiplier") != 1
    by_default = F.when(transformed, balance.transformer_meter_error_limit).otherwise(balance.meter_error_limit)
    own = F.coalesce("meter_error_limit", by_default)
    of_transformers = F.when(
        transformed, F.coalesce("current_transformer_error_limit", F.lit(balance.current_transformer_error_limit))
    ).otherwise(F.lit(0.0))
    return meter.groupBy("usage_point_id").agg(F.max((own * own + of_transformers * of_transformers) / 3).alias("u2"))


def uncertainty_wh(balance: BalanceSettings, counted: tuple[str, ...]) -> Column:
    """Standard uncertainty of a balance's unexplained energy, from its sums and ``meters_wh2``.

    Parameters
    ----------
    counted
        The losses that are part of it.
    """
    used = F.col("intervals_used") / F.nullif(F.col("intervals_present"), F.lit(0))
    flowing = sum((F.col(name) for name in ("received_wh", "profiled_wh", "unmetered_wh")), F.col("delivered_wh")).cast(
        "double"
    )
    losses = {
        "no_load_loss_wh": (balance.no_load_loss, balance.unknown_transformer_loss),
        "load_loss_wh": (balance.load_loss, 0.0),
        "line_loss_wh": (balance.line_loss, balance.unknown_line_loss),
    }
    parts = [
        F.col("estimated_wh") * balance.estimated,
        F.col("profiled_wh") * balance.profiled,
        F.col("unmetered_wh") * balance.unmetered,
        flowing * balance.synchronism,
        F.coalesce(flowing * F.col("meters_missing") / F.nullif(F.col("meters_expected"), F.lit(0)), F.lit(0.0))
        * balance.missing,
        *[F.coalesce(F.col(name) * losses[name][0], flowing * losses[name][1]) for name in counted],
    ]
    meters = F.coalesce(F.col("meters_wh2") * used * used, F.lit(0.0))
    return F.sqrt(sum((part * part for part in parts), meters + scatter_wh2()))


def scatter_wh2() -> Column:
    """Variance of a month's unexplained energy by its scatter from day to day; 0 of a day, and of a single one."""
    month = Window.partitionBy("place_id", F.trunc("period_start", "month"))
    # whole numbers, so that the sum does not depend on its order; of those of a day the square is no longer a bigint
    of_day = F.when(
        (F.col("period_kind") == "day") & (F.col("intervals_used") > 0), F.col("unexplained_wh").cast("decimal(19,0)")
    )
    days = F.count(of_day).over(month)
    total, squares = (F.sum(one).over(month).cast("double") for one in (of_day, of_day * of_day))
    scatter = days / (days - 1) * (squares - total * total / days)
    of_month = (F.col("period_kind") == "month") & (days > 1)
    return F.when(of_month, F.greatest(scatter, F.lit(0.0))).otherwise(F.lit(0.0))
