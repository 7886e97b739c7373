"""Gold ``feeder_energy_balance``: what the meter at each feeder's head counted, and where it went.

Between it and the usage points lie the feeder's lines, its transformers and the lines behind them. Those lines' losses
follow from each transformer's own profile, the feeder's from the feeder's (`gold.line_loss_coefficient`).
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import columns as c
from jobs.gold.balance.columns import ENERGY, LINE_LOSS, PERIOD, RESULT, transformer_losses
from jobs.gold.balance.energy_balance import balance_options, balanced, grid_meter_profiles, losing_transformers
from jobs.gold.balance.settings import BalanceSettings
from jobs.gold.balance.sums import LOSSES, balance_sums, metered_profiles
from jobs.gold.balance.uncertainty import doubtful_days, meter_variances
from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.metrics import days_of_months
from jobs.gold.profile.settings import ProfileSettings
from jobs.job import Job, Read
from jobs.table import Table

FEEDER_ENERGY_BALANCE = Table(
    name="gold.feeder_energy_balance",
    grain="One feeder that has a meter at its head, one grid day or local month.",
    key=("feeder_id", "period_kind", "period_start"),
    replace="period",
    columns=(c.FEEDER_ID, *PERIOD, *ENERGY, *transformer_losses(" of all its transformers"), LINE_LOSS, *RESULT),
)


def feeder_energy_balances(
    feeder_profile: DataFrame,
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
    """Profiles, head meters, nameplates and line loss coefficients -> gold.feeder_energy_balance."""
    key = "feeder_id"
    measured = grid_meter_profiles(interval_blocks, kind="feeder_head", key=key, settings=settings)
    own_lines = coefficients.where("level = 'mv'").select("place_id", "month_start", "loss_w_per_va2")
    doubtful = doubtful_days(usage_point_day, balance, key=key)
    places = metered_profiles(feeder_profile, measured, doubtful, own_lines, key=key)
    losing = losing_transformers(
        transformer_profile, asset_deployments, assets, coefficients, place=key, utc_offset=periods.utc_offset
    )
    sums = balance_sums(places, losing, settings=settings, periods=periods)
    head = (F.col("customer_class") == "grid") & F.col("transformer_id").isNull()
    variances = meter_variances(usage_point_day, doubtful, meters, balance, key=key, grid=head)
    return balanced(sums, variances, balance, table=FEEDER_ENERGY_BALANCE, counted=LOSSES)


JOB = Job(
    FEEDER_ENERGY_BALANCE,
    feeder_energy_balances,
    reads={
        "feeder_profile": Read("gold.feeder_profile", days_of_months),
        "transformer_profile": Read("gold.transformer_profile", days_of_months),
        "interval_blocks": Read("silver.interval_block", days_of_months),
        "usage_point_day": Read("gold.usage_point_day", days_of_months),
        "meters": Read("silver.meter"),
        "asset_deployments": Read("silver.asset_deployment"),
        "assets": Read("silver.asset"),
        "coefficients": Read("gold.line_loss_coefficient"),
    },
    options=balance_options,
    bears_on=(1, 1),
)
