"""Gold ``reconciliation_record``: the ledger's cards and the register's units, in one spelling."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.gold.reconciliation.sides import cards_told, newest, units_at, units_told
from jobs.job import Job, Read
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table

KINDS = {"card": "a card of the ledger", "unit": "a unit of the register"}


def _text(name: str, meaning: str) -> Column:
    return Column(name, StringType(), None, meaning, nullable=True)


RECONCILIATION_RECORD = Table(
    name="gold.reconciliation_record",
    grain="One card of the ledger at its last closing, or one unit of the register at that time.",
    key=("record_kind", "record_id"),
    columns=(
        Column("record_kind", StringType(), None, "What the row is of", codes=KINDS),
        Column("record_id", StringType(), None, "Number of the card, or the unit"),
        Column("balance_date", DateType(), None, "Day of the closing"),
        _text("key", "Maker's number, by its runs of letters and digits, as all texts here"),
        _text("place", "Where it stands or last stood"),
        Column("year", IntegerType(), None, "Year of manufacture", nullable=True),
        Column("since", DateType(), None, "Capitalised; of a unit, first in service", nullable=True),
        Column(
            "rating_kva", DoubleType(), "kVA", "Rating, by a card's description where it has no other", nullable=True
        ),
        _text("maker", "Maker"),
        c.optional(c.TRANSFORMER_ID, "Where a unit stands or last stood; null of a card"),
        Column("removed_on", DateType(), None, "Day a unit left its last place; null where it did not", nullable=True),
    ),
)


def reconciliation_records(
    asset_account: DataFrame,
    asset: DataFrame,
    asset_deployment: DataFrame,
    *,
    ignored_words: tuple[str, ...],
    zone: str,
) -> DataFrame:
    """silver.asset_account, silver.asset, silver.asset_deployment -> gold.reconciliation_record.

    What all that match and judge look at is brought to one spelling here, once: without a ledger there is nothing to
    reconcile, and no row.
    """
    card = newest(asset_account)
    closing = card.agg(F.max("balance_date").alias("_closing")).where("_closing is not null")
    told = cards_told(card, ignored_words=ignored_words)
    unit = units_told(units_at(asset, asset_deployment, closing, zone=zone), ignored_words=ignored_words)
    both = told.withColumn("record_kind", F.lit("card")).unionByName(
        unit.withColumn("record_kind", F.lit("unit")), allowMissingColumns=True
    )
    return both.select(*RECONCILIATION_RECORD.column_names)


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {"ignored_words": settings.reconciliation.ignored_words, "zone": settings.grid_time.zone}


JOB = Job(
    RECONCILIATION_RECORD,
    reconciliation_records,
    {
        "asset_account": Read("silver.asset_account"),
        "asset": Read("silver.asset"),
        "asset_deployment": Read("silver.asset_deployment"),
    },
    _options,
)
