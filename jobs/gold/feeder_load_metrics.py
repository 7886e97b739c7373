"""Gold ``feeder_load_metrics``: peak, load factor, coincidence and losses of every feeder, by local month and year."""

from __future__ import annotations

from jobs import columns as c
from jobs.gold.profile_columns import METRICS
from jobs.table import Table

FEEDER_LOAD_METRICS = Table(
    name="gold.feeder_load_metrics",
    grain="One feeder, one local month or year.",
    key=("feeder_id", "period_kind", "period_start"),
    replace="period",
    columns=(c.FEEDER_ID, *METRICS),
)
