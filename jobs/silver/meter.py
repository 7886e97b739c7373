"""Silver ``meter``: which meter stood at which usage point, and its multiplier."""

from __future__ import annotations

from pyspark.sql.types import DoubleType

from jobs import columns as c
from jobs.table import Column, Table

METER = Table(
    name="silver.meter",
    grain="One meter at one usage point from a given instant.",
    key=("meter_id", "valid_from_utc"),
    columns=(
        c.METER_ID,
        *c.VALIDITY,
        c.USAGE_POINT_ID,
        Column("multiplier", DoubleType(), "1", "Factor of the instrument transformers; 1 where none is delivered", minimum=0),
        *c.PROVENANCE,
    ),
)
