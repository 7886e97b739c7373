"""Silver ``asset_event``: failures and work orders of a unit."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType, TimestampType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.money import in_price_year
from jobs.silver.versions import RULES, finished, judged
from jobs.table import Column, Table

ASSET_EVENT = Table(
    name="silver.asset_event",
    grain="One event in a unit's life.",
    key=("event_id",),
    columns=(
        Column("event_id", StringType(), None, "Event, unique over all sources (namespace:source id)"),
        c.ASSET_ID,
        Column(
            "kind",
            StringType(),
            None,
            "What happened",
            codes={
                "failure": "the unit failed in service",
                "work_order": "planned or corrective work",
            },
        ),
        Column("occurred_at_utc", TimestampType(), None, "When it happened"),
        c.optional(c.TRANSFORMER_ID, "Position at which the unit stood, where the source says so"),
        Column(
            "work_type",
            StringType(),
            None,
            "Type of work order; null for a failure, and where the source does not say",
            nullable=True,
            codes={
                "preventive": "work by plan on a unit that works",
                "corrective": "repair of what was found or broke",
                "renewal": "a unit is replaced by plan",
            },
        ),
        Column("category", StringType(), None, "Cause or type of work, in the source's words", nullable=True),
        Column("labour_hours", DoubleType(), "h", "Hours of work booked", nullable=True, minimum=0),
        c.optional(c.AMOUNT, "Recorded cost"),
        c.optional(c.CURRENCY),
        Column(
            "event_cost", DoubleType(), "currency of the price year", "Cost in money of the price year", nullable=True
        ),
        Column("index_used", DoubleType(), "1", "Price index ratio from booking year to price year", nullable=True),
        *c.PROVENANCE,
    ),
)

INDEX_NAME = "labour"  # most of an event's cost is work


def asset_events(
    asset_event: DataFrame, price_index: DataFrame, *, price_year: int, currency: str, zone: str
) -> DataFrame:
    """bronze.asset_event -> silver.asset_event, its costs in money of the price year."""
    null = F.lit(None).cast("double")
    unpriced = asset_event.withColumns({"event_cost": null, "index_used": null})
    priced = in_price_year(
        judged(unpriced, ASSET_EVENT),
        price_index,
        cost="event_cost",
        year=F.year(F.from_utc_timestamp("occurred_at_utc", zone)),
        index_name=INDEX_NAME,
        price_year=price_year,
        currency=currency,
    )
    return finished(priced, ASSET_EVENT)


JOB = Job(
    ASSET_EVENT,
    asset_events,
    {"asset_event": Read("bronze.asset_event"), "price_index": Read("silver.price_index")},
    lambda settings, span: {
        "price_year": settings.money.price_year,
        "currency": settings.money.currency,
        "zone": settings.grid_time.zone,
    },
    judges="asset_event",
    rules=RULES,
)
