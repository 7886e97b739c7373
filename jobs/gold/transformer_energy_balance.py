"""Gold ``transformer_energy_balance``: what each transformer's total meter counted, and where it went.

The meter stands at the low-voltage side: the transformer's own losses lie before it and are in no balance of it.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import columns as c
from jobs.gold.balance.columns import ENERGY, LINE_LOSS, PERIOD, RESULT, transformer_losses
from jobs.gold.balance.energy_balance import balance_options, balanced, grid_meter_profiles, losing_transformers
from jobs.gold.balance.settings import BalanceSettings
from jobs.gold.balance.sums import balance_sums, metered_profiles
from jobs.gold.balance.uncertainty import doubtful_days, meter_variances
from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.metrics import days_of_months
from jobs.gold.profile.settings import ProfileSettings
from jobs.job import Job, Read
from jobs.table import Table

BEHIND_METER = ("line_loss_wh",)

TRANSFORMER_ENERGY_BALANCE = Table(
    name="gold.transformer_energy_balance",
    grain="One transformer that has a total meter, one grid day or local month.",
    key=("transformer_id", "period_kind", "period_start"),
    replace="period",
    columns=(
        c.TRANSFORMER_ID,
        *PERIOD,
        *ENERGY,
        *transformer_losses(", before the meter: in its feeder's balance, not in this one"),
        LINE_LOSS,
        *RESULT,
    ),
)


def transformer_energy_balances(
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
    """Profiles, total meters, nameplates and line loss coefficients -> gold.transformer_energy_balance."""
    key = "transformer_id"
    measured = grid_meter_profiles(interval_blocks, kind="transformer_total", key=key, settings=settings)
    no_own_lines = coefficients.where("level = 'lv'").select(
        "place_id", "month_start", F.lit(0.0).alias("loss_w_per_va2")
    )
    doubtful = doubtful_days(usage_point_day, balance, key=key)
    places = metered_profiles(transformer_profile, measured, doubtful, no_own_lines, key=key)
    losing = losing_transformers(
        transformer_profile, asset_deployments, assets, coefficients, place=key, utc_offset=periods.utc_offset
    )
    sums = balance_sums(places, losing, settings=settings, periods=periods)
    grid = F.col("customer_class") == "grid"
    variances = meter_variances(usage_point_day, doubtful, meters, balance, key=key, grid=grid)
    return balanced(sums, variances, balance, table=TRANSFORMER_ENERGY_BALANCE, counted=BEHIND_METER)


JOB = Job(
    TRANSFORMER_ENERGY_BALANCE,
    transformer_energy_balances,
    reads={
        "transformer_profile": Read("gold.transformer_profile", days_of_months),
        "interval_blocks": Read("silver.interval_block", days_of_months),
        "usage_point_day": Read("gold.usage_point_day", days_of_months),
        "meters": Read("silver.meter"),
        "asset_deployments": Read("silver.asset_deployment"),
        "assets": Read("silver.asset"),
        "coefficients": Read("gold.line_loss_coefficient"),
    },
    options=balance_options,
    bears_on=(1, 1),  # an hour of a local month may lie in a grid day beside it
)
