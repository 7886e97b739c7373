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

# Source: IEC 60300-3-14:2004 for corrective and preventive maintenance, IEC 61968-6, WorkKind, for the others.
WORK_KINDS = {
    "corrective": "maintenance after a fault was found, to restore the unit: repair",
    "preventive": "maintenance before a fault, at set times or by condition",
    "inspection": "inspection, test or measurement, which changes nothing",
    "construction": "putting up, moving or taking down",
    "other": "none of these",
}

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
                "work_order": "work was done on the unit",
            },
        ),
        Column("work_kind", StringType(), None, "What a work order was for; null of a failure", True, codes=WORK_KINDS),
        Column("occurred_at_utc", TimestampType(), None, "When it happened"),
        c.optional(c.TRANSFORMER_ID, "Position at which the unit stood, where the source says so"),
        Column("category", StringType(), None, "Cause or work, in the source's words", nullable=True),
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
    untold = (F.col("kind") == "work_order") & F.col("work_kind").isNull()
    unpriced = asset_event.withColumns(
        {
            "event_cost": null,
            "index_used": null,
            "_rule": F.when(untold, "missing_value"),
            "_reason": F.when(untold, f"{RULES['missing_value'].told}: work_kind of a work order"),
        }
    )
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
