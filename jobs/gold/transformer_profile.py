"""Gold ``transformer_profile``: the load of every service transformer, each interval of each grid day."""

from __future__ import annotations

from jobs import columns as c
from jobs.gold.profile_columns import PROFILE
from jobs.table import Table

TRANSFORMER_PROFILE = Table(
    name="gold.transformer_profile",
    grain="One service transformer, one grid day.",
    key=("transformer_id", "grid_date"),
    replace="day",
    partition_by=("grid_date",),
    columns=(c.TRANSFORMER_ID, c.optional(c.FEEDER_ID, "Feeder the transformer hung on that day"), *PROFILE),
)
