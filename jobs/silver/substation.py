"""Silver ``substation``: substations with their place."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

SUBSTATION = Table(
    name="silver.substation",
    grain="One substation as it was from a given instant.",
    key=("substation_id", "valid_from_utc"),
    columns=(
        c.SUBSTATION_ID,
        *c.VALIDITY,
        Column("name", StringType(), None, "Name in use", nullable=True),
        c.X,
        c.Y,
        *c.PROVENANCE,
    ),
)


def substations(substation: DataFrame) -> DataFrame:
    """bronze.substation -> silver.substation."""
    return standing(substation, SUBSTATION)


JOB = Job(SUBSTATION, substations, {"substation": Read("bronze.substation")}, judges="substation", rules=RULES)
