"""Gold ``feeder_load_metrics``: peak, load factor, coincidence and losses of every feeder, by local month and year."""

from __future__ import annotations

from pyspark.sql import DataFrame

from jobs import columns as c
from jobs.gold.profile.columns import METRICS
from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.metrics import (
    days_of_months,
    days_of_years,
    feeder_ratings,
    metrics_by_period,
    metrics_options,
    with_coincidence,
)
from jobs.gold.profile.own_peaks import own_peaks
from jobs.gold.profile.settings import ProfileSettings
from jobs.job import Job, Read
from jobs.table import Table

FEEDER_LOAD_METRICS = Table(
    name="gold.feeder_load_metrics",
    grain="One feeder, one local month or year.",
    key=("feeder_id", "period_kind", "period_start"),
    replace="period",
    columns=(c.FEEDER_ID, *METRICS),
)


def feeder_load_metrics(
    feeder_profile: DataFrame,
    interval_blocks: DataFrame,
    feeders: DataFrame,
    *,
    settings: ProfileSettings,
    complete_share: float,
    periods: LocalPeriods,
) -> DataFrame:
    """gold.feeder_profile, silver.interval_block, silver.feeder -> this table.

    The rating is that of the feeder's head on each day.
    """
    key = "feeder_id"
    ratings = feeder_ratings(feeder_profile, feeders, periods.utc_offset)
    metrics = metrics_by_period(
        feeder_profile, ratings, keys=(key,), settings=settings, complete_share=complete_share, periods=periods
    )
    peaks = own_peaks(interval_blocks, feeder_profile, key=key, settings=settings, periods=periods)
    return with_coincidence(metrics, peaks, key=key)


JOB = Job(
    FEEDER_LOAD_METRICS,
    feeder_load_metrics,
    reads={
        "feeder_profile": Read("gold.feeder_profile", days_of_years),
        "interval_blocks": Read("silver.interval_block", days_of_months),
        "feeders": Read("silver.feeder"),
    },
    options=metrics_options,
    bears_on=(1, 1),  # an hour of a local month may lie in a grid day beside it
)
