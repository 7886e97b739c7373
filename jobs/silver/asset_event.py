"""Silver ``asset_event``: failures and work orders of a unit."""

from __future__ import annotations

from pyspark.sql.types import DoubleType, StringType, TimestampType

from jobs import columns as c
from jobs.table import Column, Table

ASSET_EVENT = Table(
    name="silver.asset_event",
    grain="One event in a unit's life.",
    key=("event_id",),
    columns=(
        Column("event_id", StringType(), None, "Event, unique over all sources (namespace:source id)"),
        c.ASSET_ID,
        Column("kind", StringType(), None, "What happened", codes={
            "failure": "the unit failed in service",
            "work_order": "planned or corrective work",
        }),
        Column("occurred_at_utc", TimestampType(), None, "When it happened"),
        Column("category", StringType(), None, "Cause or type of work, in the source's words", nullable=True),
        c.optional(c.AMOUNT, "Recorded cost"),
        c.optional(c.CURRENCY),
        Column("event_cost", DoubleType(), "currency of the price year", "Cost in money of the price year", nullable=True),
        Column("index_used", DoubleType(), "1", "Price index ratio from booking year to price year", nullable=True),
        *c.PROVENANCE,
    ),
)
