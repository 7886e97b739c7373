"""Gold ``transformer_profile``: the load of every service transformer, each interval of each grid day."""

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

TRANSFORMER_PROFILE = Table(
    name="gold.transformer_profile",
    grain="One service transformer, one grid day.",
    key=("transformer_id", "grid_date"),
    replace="day",
    partition_by=("grid_date",),
    columns=(c.TRANSFORMER_ID, c.optional(c.FEEDER_ID, "Feeder the transformer hung on that day"), *PROFILE),
)


def transformer_profiles(
    interval_blocks: DataFrame,
    profiled_blocks: DataFrame,
    power_transformers: DataFrame,
    *,
    settings: ProfileSettings,
    utc_offset: timedelta,
) -> DataFrame:
    """silver.interval_block, silver.profiled_block, silver.power_transformer -> gold.transformer_profile.

    A position in use on a feeder, on which no interval-metered usage point hangs that day, has a profile of zeros that
    expects no meter; one without a feeder is of the register alone and has none. A day without any block has no
    profiles at all.
    """
    on_a_feeder = power_transformers.where("feeder_id is not null")
    positions = valid_on_days(on_a_feeder, grid_days_of(interval_blocks), utc_offset)
    return profiles_by_day(
        interval_blocks,
        profiled_blocks,
        keys=("transformer_id",),
        attribute="feeder_id",
        settings=settings,
        empty=positions.select("transformer_id", "feeder_id", "grid_date"),
    )


JOB = Job(
    TRANSFORMER_PROFILE,
    transformer_profiles,
    reads={
        "interval_blocks": Read("silver.interval_block"),
        "profiled_blocks": Read("silver.profiled_block"),
        "power_transformers": Read("silver.power_transformer"),
    },
    options=profile_options,
    totals=profile_totals("transformer_id"),
)
