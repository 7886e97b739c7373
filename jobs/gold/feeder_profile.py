"""Gold ``feeder_profile``: the load of every feeder, each interval of each grid day."""

from __future__ import annotations

from datetime import timedelta

from pyspark.sql import DataFrame

from jobs import columns as c
from jobs.gold.profile.columns import PROFILE
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.profile.sums import profile_options, profiles_by_day
from jobs.gold.profile.totals import profile_totals
from jobs.job import Job, Read
from jobs.lake.direct import grid_days_of
from jobs.silver.validity import valid_on_days
from jobs.table import Table

FEEDER_PROFILE = Table(
    name="gold.feeder_profile",
    grain="One feeder, one grid day.",
    key=("feeder_id", "grid_date"),
    replace="day",
    partition_by=("grid_date",),
    columns=(c.FEEDER_ID, *PROFILE),
)


def feeder_profiles(
    interval_blocks: DataFrame,
    profiled_blocks: DataFrame,
    feeders: DataFrame,
    *,
    settings: ProfileSettings,
    utc_offset: timedelta,
) -> DataFrame:
    """silver.interval_block, silver.profiled_block, silver.feeder -> gold.feeder_profile.

    A feeder in use on which no interval-metered usage point hangs that day has a profile of zeros that expects no
    meter; a day without any block has no profiles at all.
    """
    return profiles_by_day(
        interval_blocks,
        profiled_blocks,
        keys=("feeder_id",),
        settings=settings,
        empty=valid_on_days(feeders, grid_days_of(interval_blocks), utc_offset).select("feeder_id", "grid_date"),
    )


JOB = Job(
    FEEDER_PROFILE,
    feeder_profiles,
    reads={
        "interval_blocks": Read("silver.interval_block"),
        "profiled_blocks": Read("silver.profiled_block"),
        "feeders": Read("silver.feeder"),
    },
    options=profile_options,
    totals=profile_totals("feeder_id"),
)
