"""Gold ``transformer_load_metrics``: peak, load factor, coincidence and losses of every transformer, by local month and year."""

from __future__ import annotations

from jobs import columns as c
from jobs.gold.profile_columns import METRICS
from jobs.table import Table

TRANSFORMER_LOAD_METRICS = Table(
    name="gold.transformer_load_metrics",
    grain="One transformer, one local month or year.",
    key=("transformer_id", "period_kind", "period_start"),
    replace="period",
    columns=(c.TRANSFORMER_ID, *METRICS),
)
