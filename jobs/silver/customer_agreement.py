"""Silver ``customer_agreement``: who is supplied where, as what class, at which tariff."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

CUSTOMER_AGREEMENT = Table(
    name="silver.customer_agreement",
    grain="One agreement for a usage point from a given instant.",
    key=("usage_point_id", "valid_from_utc"),
    columns=(
        c.USAGE_POINT_ID,
        *c.VALIDITY,
        c.CUSTOMER_ID,
        c.CUSTOMER_CLASS,
        Column("tariff", StringType(), None, "Tariff of the agreement", nullable=True),
        *c.PROVENANCE,
    ),
)


def customer_agreements(customer_agreement: DataFrame) -> DataFrame:
    """bronze.customer_agreement -> silver.customer_agreement."""
    return standing(customer_agreement, CUSTOMER_AGREEMENT)


JOB = Job(
    CUSTOMER_AGREEMENT,
    customer_agreements,
    {"customer_agreement": Read("bronze.customer_agreement")},
    judges="customer_agreement",
    rules=RULES,
)
