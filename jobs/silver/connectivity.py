"""Silver ``connectivity``: which transformer, feeder and substation a usage point hangs on, and when."""

from __future__ import annotations

from pyspark.sql.types import StringType

from jobs import columns as c
from jobs.table import Column, Table

CONNECTIVITY = Table(
    name="silver.connectivity",
    grain="One usage point's place in the network from a given instant.",
    key=("usage_point_id", "valid_from_utc"),
    columns=(
        c.USAGE_POINT_ID,
        *c.VALIDITY,
        c.SUPPLY_LEVEL,
        Column("phases", StringType(), None, "Phases by the network model", nullable=True),
        c.optional(c.TRANSFORMER_ID, "Service transformer; null at medium voltage"),
        c.optional(c.FEEDER_ID, "Feeder; null on the busbar"),
        c.SUBSTATION_ID,
        *c.PROVENANCE,
    ),
)
