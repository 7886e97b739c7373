"""Gold ``feeder_profile``: the load of every feeder, each interval of each grid day."""

from __future__ import annotations

from jobs import columns as c
from jobs.gold.profile_columns import PROFILE
from jobs.table import Table

FEEDER_PROFILE = Table(
    name="gold.feeder_profile",
    grain="One feeder, one grid day.",
    key=("feeder_id", "grid_date"),
    replace="day",
    partition_by=("grid_date",),
    columns=(c.FEEDER_ID, *PROFILE),
)
