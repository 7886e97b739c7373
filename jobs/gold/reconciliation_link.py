"""Gold ``reconciliation_link``: which unit each card of the ledger is of, how that was found and how sure it is."""

from __future__ import annotations

from typing import Any

from pyspark.sql.types import DoubleType, StringType

from jobs import columns as c
from jobs.gold.reconciliation.links import linked
from jobs.job import Job, Read
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table

METHODS = {
    "key": "the card's number is the unit's, and nothing contradicts it",
    "key_and_attributes": "the card's number is the unit's; what contradicts it weighs less",
    "attributes": "the card's number is missing or another; what else both tell outweighs that",
}
MATCH_METHOD = Column("match_method", StringType(), None, "How its unit was found", nullable=True, codes=METHODS)
MATCH_PROBABILITY = Column(
    "match_probability",
    DoubleType(),
    "1",
    "Chance that card and unit are one: 1 by rule for method `key`, else by the model of linkage, among all "
    "units that come into question and none; null without a unit",
    nullable=True,
    minimum=0,
    maximum=1,
)

RECONCILIATION_LINK = Table(
    name="gold.reconciliation_link",
    grain="One card of the ledger at its last closing.",
    key=("account_id",),
    columns=(
        Column("account_id", StringType(), None, "Card of the ledger"),
        c.optional(c.ASSET_ID, "The unit it is of; null where none comes near enough"),
        MATCH_METHOD,
        MATCH_PROBABILITY,
    ),
)


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {"settings": settings.reconciliation, "tasks": settings.spark.shuffle_partitions}


JOB = Job(RECONCILIATION_LINK, linked, {"records": Read("gold.reconciliation_record")}, _options)
