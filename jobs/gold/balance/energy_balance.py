"""The balance of places that have a meter of the grid: what is left, how sure that is, and who is suspect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.balance.settings import BalanceSettings
from jobs.gold.balance.sums import LOSSES, TAKEN, balance_sums, metered_profiles
from jobs.gold.balance.uncertainty import doubtful_days, meter_variances, uncertainty_wh
from jobs.gold.line_loss_coefficient import LOSSES as COEFFICIENTS
from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.metrics import days_of_months, metrics_options
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.profile.sums import profiles_by_day
from jobs.job import Read
from jobs.lake.carry import carried
from jobs.ordered import ordered_sum
from jobs.settings import Settings
from jobs.silver.validity import day_start_utc, is_valid_at
from jobs.span import Span
from jobs.table import Table

READS = {
    "transformer_profile": Read("gold.transformer_profile", days_of_months),
    "interval_blocks": Read("silver.interval_block", days_of_months),
    "usage_point_day": Read("gold.usage_point_day", days_of_months),
    "meters": Read("silver.meter"),
    "asset_deployments": Read("silver.asset_deployment"),
    "assets": Read("silver.asset"),
    "coefficients": Read("gold.line_loss_coefficient"),
}
"""What every balance is made from, beside the profile of its places."""


@dataclass(frozen=True)
class MeteredPlace:
    """What a balance is of.

    Parameters
    ----------
    table
        The balance's own; the first column of its key says which place.
    kind
        Kind of the usage points whose meters count what goes in and out.
    grid
        Which rows of gold.usage_point_day with that place are of these meters, in SQL.
    own_lines
        Level of the lines that the place's own load flows through; None where all lie behind its transformers.
    counted
        The losses that lie between the meter and the usage points.
    """

    table: Table
    kind: str
    grid: str
    own_lines: str | None
    counted: tuple[str, ...]


def balance_options(settings: Settings, span: Span) -> dict[str, Any]:
    """What both balances are told by the settings."""
    of_metrics = metrics_options(settings, span)
    return {name: of_metrics[name] for name in ("settings", "periods")} | {"balance": settings.energy_balance}


def energy_balances(
    of: MeteredPlace,
    profile: DataFrame,
    transformer_profile: DataFrame,
    interval_blocks: DataFrame,
    usage_point_day: DataFrame,
    meters: DataFrame,
    asset_deployments: DataFrame,
    assets: DataFrame,
    coefficients: DataFrame,
    *,
    settings: ProfileSettings,
    periods: LocalPeriods,
    balance: BalanceSettings,
) -> DataFrame:
    """Rows of ``of.table`` from the profile of its places and what stands in `READS`."""
    key = of.table.key[0]
    blocks = interval_blocks.where(F.col("kind") == of.kind)
    measured = profiles_by_day(blocks, None, keys=(key,), settings=settings, kinds=(of.kind,))
    doubtful = doubtful_days(usage_point_day, balance, key=key)
    places = metered_profiles(profile, measured, doubtful, _own_lines(of, coefficients), key=key)
    losing = losing_transformers(
        transformer_profile, asset_deployments, assets, coefficients, place=key, utc_offset=periods.utc_offset
    )
    sums = balance_sums(places, losing, settings=settings, periods=periods)
    variances = meter_variances(usage_point_day, doubtful, meters, balance, key=key, grid=F.expr(of.grid))
    return balanced(sums, variances, balance, of)


def _own_lines(of: MeteredPlace, coefficients: DataFrame) -> DataFrame:
    """Coefficient of the lines that a place's own load flows through, by ``place_id`` and ``month_start``."""
    own = [F.col(one) if of.own_lines else F.lit(0.0).alias(one) for one in COEFFICIENTS]
    return coefficients.where(F.col("level") == (of.own_lines or "lv")).select("place_id", "month_start", *own)


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
        F.col("place_id").alias("transformer_id"), "month_start", *COEFFICIENTS
    )
    columns = ["transformer_id", "grid_date", "apparent_va", *TAKEN, "received_wh"]
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


def balanced(sums: DataFrame, variances: DataFrame, balance: BalanceSettings, of: MeteredPlace) -> DataFrame:
    """Sums and the variance of their meters -> rows of ``of.table``."""
    whole = sums.withColumns({name: F.round(name).cast("long") for name in LOSSES})
    accounted = F.col("delivered_wh") - F.col("received_wh") + F.col("profiled_wh") + F.col("unmetered_wh")
    for name in of.counted:
        accounted = accounted + F.coalesce(F.col(name), F.lit(0))
    both = F.col("import_wh") + F.col("export_wh")
    unsure = balance.suspect_uncertainties * F.col("standard_uncertainty_wh")
    rows = (
        whole.join(variances, ["place_id", "period_kind", "period_start"], "left")
        .withColumn("unexplained_wh", F.col("import_wh") - F.col("export_wh") - accounted)
        .withColumn("standard_uncertainty_wh", uncertainty_wh(balance, of.counted))
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
    return rows.withColumnRenamed("place_id", of.table.key[0]).select(*of.table.column_names)
