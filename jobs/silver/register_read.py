"""Silver ``register_read``: cumulative register readings."""

from __future__ import annotations

from pyspark.sql.types import LongType, TimestampType

from jobs import columns as c
from jobs.table import Column, Table

REGISTER_READ = Table(
    name="silver.register_read",
    grain="One register of a usage point's meter at one instant.",
    key=("usage_point_id", "channel", "meter_id", "read_at_utc"),
    columns=(
        c.USAGE_POINT_ID,
        c.CHANNEL,
        c.METER_ID,
        Column("read_at_utc", TimestampType(), None, "When the register was read"),
        Column("register_wh", LongType(), "Wh or varh", "Reading of the cumulative register, multiplier applied", minimum=0),
        *c.PROVENANCE,
    ),
)
