"""Silver ``feeder``: feeders with their rating."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

FEEDER = Table(
    name="silver.feeder",
    grain="One feeder as it was from a given instant.",
    key=("feeder_id", "valid_from_utc"),
    columns=(
        c.FEEDER_ID,
        *c.VALIDITY,
        c.SUBSTATION_ID,
        Column("name", StringType(), None, "Name in use", nullable=True),
        Column("rating_kva", DoubleType(), "kVA", "Rating of the feeder's head", nullable=True, minimum=0),
        Column("nominal_voltage_kv", DoubleType(), "kV", "Nominal voltage", nullable=True, minimum=0),
        *c.PROVENANCE,
    ),
)


def feeders(feeder: DataFrame) -> DataFrame:
    """bronze.feeder -> silver.feeder."""
    return standing(feeder, FEEDER)


JOB = Job(FEEDER, feeders, {"feeder": Read("bronze.feeder")}, judges="feeder", rules=RULES)
