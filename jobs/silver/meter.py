"""Silver ``meter``: which meter stood at which usage point, and its multiplier."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

METER = Table(
    name="silver.meter",
    grain="One meter at one usage point from a given instant.",
    key=("meter_id", "valid_from_utc"),
    columns=(
        c.METER_ID,
        *c.VALIDITY,
        c.USAGE_POINT_ID,
        Column(
            "multiplier",
            DoubleType(),
            "1",
            "Factor of the instrument transformers; 1 where none is delivered",
            minimum=0,
        ),
        Column(
            "meter_error_limit",
            DoubleType(),
            "1",
            "Limit of the meter's error by its accuracy class: 0.005 in class 0.5; null where none is delivered",
            nullable=True,
            minimum=0,
        ),
        Column(
            "current_transformer_error_limit",
            DoubleType(),
            "1",
            "Likewise of its current transformers; null where it has none, or no class is delivered",
            nullable=True,
            minimum=0,
        ),
        *c.PROVENANCE,
    ),
)


def meters(meter: DataFrame) -> DataFrame:
    """bronze.meter -> silver.meter."""
    return standing(meter, METER)


JOB = Job(METER, meters, {"meter": Read("bronze.meter")}, judges="meter", rules=RULES)
