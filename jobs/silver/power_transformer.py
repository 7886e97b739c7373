"""Silver ``power_transformer``: positions where service transformers stand (a bank is one position)."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

POWER_TRANSFORMER = Table(
    name="silver.power_transformer",
    grain="One service transformer position as it was from a given instant.",
    key=("transformer_id", "valid_from_utc"),
    columns=(
        c.TRANSFORMER_ID,
        *c.VALIDITY,
        c.optional(c.FEEDER_ID, "Feeder that normally supplies the position"),
        c.optional(c.SUBSTATION_ID),
        Column(
            "high_voltage_kv", DoubleType(), "kV", "Nominal voltage of the highest winding", nullable=True, minimum=0
        ),
        Column("low_voltage_kv", DoubleType(), "kV", "Nominal voltage of the lowest winding", nullable=True, minimum=0),
        c.X,
        c.Y,
        c.optional(c.AREA_ID),
        *c.PROVENANCE,
    ),
)


def power_transformers(power_transformer: DataFrame) -> DataFrame:
    """bronze.power_transformer -> silver.power_transformer."""
    return standing(power_transformer, POWER_TRANSFORMER)


JOB = Job(
    POWER_TRANSFORMER,
    power_transformers,
    {"power_transformer": Read("bronze.power_transformer")},
    judges="power_transformer",
    rules=RULES,
)
