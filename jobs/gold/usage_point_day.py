"""Gold ``usage_point_day``: each channel's day in a few figures."""

from __future__ import annotations

from pyspark.sql.types import DoubleType, IntegerType, LongType, TimestampType

from jobs import columns as c
from jobs.table import Column, Table

USAGE_POINT_DAY = Table(
    name="gold.usage_point_day",
    grain="One channel of a usage point, one grid day.",
    key=("usage_point_id", "channel", "grid_date"),
    replace="day",
    partition_by=("grid_date",),
    columns=(
        c.USAGE_POINT_ID,
        c.CHANNEL,
        c.UNIT,
        c.GRID_DATE,
        c.INTERVAL_MINUTES,
        Column("energy", LongType(), "Wh or varh", "Energy of the day, missing intervals left out"),
        Column("peak_kw", DoubleType(), "kW or kvar", "Mean power of the highest interval; null where every interval is missing", nullable=True),
        Column("peak_at_utc", TimestampType(), None, "Start of that interval, the first on a tie", nullable=True),
        Column("valid_share", DoubleType(), "1", "Share of intervals valid", minimum=0, maximum=1),
        Column("suspect_share", DoubleType(), "1", "Share of intervals kept as suspect", minimum=0, maximum=1),
        Column("estimated_share", DoubleType(), "1", "Share of intervals estimated", minimum=0, maximum=1),
        Column("missing_share", DoubleType(), "1", "Share of intervals missing", minimum=0, maximum=1),
        c.CUSTOMER_CLASS,
        c.optional(c.TRANSFORMER_ID),
        c.optional(c.FEEDER_ID),
    ),
)
