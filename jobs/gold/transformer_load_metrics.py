"""Gold ``transformer_load_metrics``: what load each transformer bore, by local month and year."""

from __future__ import annotations

from pyspark.sql import DataFrame

from jobs import columns as c
from jobs.gold.profile.columns import METRICS
from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.metrics import (
    days_of_months,
    days_of_years,
    metrics_by_period,
    metrics_options,
    transformer_ratings,
    with_coincidence,
)
from jobs.gold.profile.own_peaks import own_peaks
from jobs.gold.profile.settings import ProfileSettings
from jobs.job import Job, Read
from jobs.table import Table

TRANSFORMER_LOAD_METRICS = Table(
    name="gold.transformer_load_metrics",
    grain="One transformer, one local month or year.",
    key=("transformer_id", "period_kind", "period_start"),
    replace="period",
    columns=(c.TRANSFORMER_ID, *METRICS),
)


def transformer_load_metrics(
    transformer_profile: DataFrame,
    interval_blocks: DataFrame,
    asset_deployments: DataFrame,
    assets: DataFrame,
    *,
    settings: ProfileSettings,
    complete_share: float,
    periods: LocalPeriods,
) -> DataFrame:
    """gold.transformer_profile, silver.interval_block, silver.asset_deployment, silver.asset -> this table.

    The rating is the sum of the units that stand at the position on each day.
    """
    key = "transformer_id"
    ratings = transformer_ratings(transformer_profile, asset_deployments, assets, periods.utc_offset)
    metrics = metrics_by_period(
        transformer_profile, ratings, keys=(key,), settings=settings, complete_share=complete_share, periods=periods
    )
    peaks = own_peaks(interval_blocks, transformer_profile, key=key, settings=settings, periods=periods)
    return with_coincidence(metrics, peaks, key=key)


JOB = Job(
    TRANSFORMER_LOAD_METRICS,
    transformer_load_metrics,
    reads={
        "transformer_profile": Read("gold.transformer_profile", days_of_years),
        "interval_blocks": Read("silver.interval_block", days_of_months),
        "asset_deployments": Read("silver.asset_deployment"),
        "assets": Read("silver.asset"),
    },
    options=metrics_options,
    bears_on=(1, 1),  # an hour of a local month may lie in a grid day beside it
)
