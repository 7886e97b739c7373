"""Silver ``complaint``: that a customer called and why; who called and the words stand in ``protected`` only."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import StringType, TimestampType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

COMPLAINT = Table(
    name="silver.complaint",
    grain="One complaint of a customer.",
    key=("complaint_id",),
    columns=(
        Column("complaint_id", StringType(), None, "Complaint, unique over all sources (namespace:source id)"),
        c.optional(c.USAGE_POINT_ID, "Usage point it came from, where the source names one (keyed hash)"),
        c.optional(c.TRANSFORMER_ID, "Service transformer that the source takes it to be about"),
        Column("received_at_utc", TimestampType(), None, "When it was made"),
        Column(
            "category",
            StringType(),
            None,
            "What it was about",
            codes={
                "no_supply": "no voltage",
                "low_voltage": "voltage too low",
                "high_voltage": "voltage too high",
                "flicker": "voltage that goes up and down",
                "noise": "noise of equipment",
                "other": "anything else",
            },
        ),
        *c.PROVENANCE,
    ),
)


def complaints(complaint: DataFrame) -> DataFrame:
    """bronze.complaint -> silver.complaint."""
    return standing(complaint, COMPLAINT)


JOB = Job(COMPLAINT, complaints, {"complaint": Read("bronze.complaint")}, judges="complaint", rules=RULES)
