"""From sums to a balance: what is left, how sure that is, and who is suspect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.balance.settings import BalanceSettings
from jobs.gold.balance.sums import LOSSES
from jobs.gold.balance.uncertainty import uncertainty_wh
from jobs.gold.profile.metrics import metrics_options
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.profile.sums import profiles_by_day
from jobs.lake.carry import carried
from jobs.ordered import ordered_sum
from jobs.settings import Settings
from jobs.silver.validity import day_start_utc, is_valid_at
from jobs.span import Span
from jobs.table import Table


def balance_options(settings: Settings, span: Span) -> dict[str, Any]:
    """What both balances are told by the settings."""
    of_metrics = metrics_options(settings, span)
    return {name: of_metrics[name] for name in ("settings", "periods")} | {"balance": settings.energy_balance}


def grid_meter_profiles(interval_blocks: DataFrame, *, kind: str, key: str, settings: ProfileSettings) -> DataFrame:
    """What the meters of one kind of usage point counted, by key and grid day, as a profile."""
    blocks = interval_blocks.where(F.col("kind") == kind)
    return profiles_by_day(blocks, None, keys=(key,), settings=settings, kinds=(kind,))


def losing_transformers(
    transformer_profile: DataFrame,
    deployments: DataFrame,
    assets: DataFrame,
    coefficients: DataFrame,
    *,
    place: str,
    utc_offset: timedelta,
) -> DataFrame:
    """Transformers day by day with what they and the lines behind them lose by the square of their load.

    Units of one position share its load by their ratings: together they lose sum Pk / (sum Sr)2 x S2.

    Parameters
    ----------
    place
        Column of the profile by which they belong to a balance: ``transformer_id`` or ``feeder_id``.
    """
    start = day_start_utc(F.col("grid_date"), utc_offset)
    units = deployments.select("asset_id", "transformer_id", "valid_from_utc", "valid_to_utc").join(
        assets.select("asset_id", "rating_kva", "no_load_loss_w", "load_loss_w"), "asset_id", "left"
    )
    known = F.col("rating_kva").isNotNull() & F.col("no_load_loss_w").isNotNull() & F.col("load_loss_w").isNotNull()
    nameplate = (
        transformer_profile.select("transformer_id", "grid_date")
        .join(units, "transformer_id")
        .where(is_valid_at(start))
        .groupBy("transformer_id", "grid_date")
        .agg(
            F.every(known).alias("_known"),
            ordered_sum("no_load_loss_w").alias("no_load_loss_w"),
            (ordered_sum("load_loss_w") / F.pow(ordered_sum("rating_kva") * 1000, F.lit(2.0))).alias(
                "load_loss_w_per_va2"
            ),
        )
        .where("_known")
        .drop("_known")
    )
    lines = coefficients.where("level = 'lv'").select(
        F.col("place_id").alias("transformer_id"), "month_start", "loss_w_per_va2"
    )
    columns = ["transformer_id", "grid_date", "apparent_va"]
    rows = carried(transformer_profile.select(*dict.fromkeys([*columns, place])))
    if place != "transformer_id":
        rows = rows.withColumnRenamed(place, "place_id")
    else:
        rows = rows.withColumn("place_id", F.col("transformer_id"))
    return (
        rows.where("place_id is not null")
        .withColumn("month_start", F.trunc("grid_date", "month"))
        .join(nameplate, ["transformer_id", "grid_date"], "left")
        .join(F.broadcast(lines), ["transformer_id", "month_start"], "left")
        .drop("month_start")
    )


def balanced(
    sums: DataFrame, variances: DataFrame, balance: BalanceSettings, *, table: Table, counted: tuple[str, ...]
) -> DataFrame:
    """Sums and the variance of their meters -> rows of a balance.

    Parameters
    ----------
    counted
        The losses that lie between the meter and the usage points.
    """
    whole = sums.withColumns({name: F.round(name).cast("long") for name in LOSSES})
    accounted = F.col("delivered_wh") - F.col("received_wh") + F.col("profiled_wh") + F.col("unmetered_wh")
    for name in counted:
        accounted = accounted + F.coalesce(F.col(name), F.lit(0))
    both = F.col("import_wh") + F.col("export_wh")
    unsure = balance.suspect_uncertainties * F.col("standard_uncertainty_wh")
    rows = (
        whole.join(variances, ["place_id", "period_kind", "period_start"], "left")
        .withColumn("unexplained_wh", F.col("import_wh") - F.col("export_wh") - accounted)
        .withColumn("standard_uncertainty_wh", uncertainty_wh(balance, counted))
        .withColumns(
            {
                "coverage": F.least("coverage", F.lit(1.0)),
                "unexplained_share": F.col("unexplained_wh") / F.nullif(both.cast("double"), F.lit(0.0)),
                "line_loss_basis": F.when(F.col("line_loss_wh").isNull(), "unknown").otherwise("computed"),
                "suspect": F.abs("unexplained_wh") > unsure,
            }
        )
    )
    ranked = F.col("suspect") & (F.col("period_kind") == "month")
    order = Window.partitionBy("period_kind", "period_start", "suspect").orderBy(
        F.abs("unexplained_wh").desc(), "place_id"
    )
    rows = rows.withColumn("rank", F.when(ranked, F.row_number().over(order)))
    return rows.withColumnRenamed("place_id", table.key[0]).select(*table.column_names)
