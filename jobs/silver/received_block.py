"""Silver ``received_block``: bronze reads resolved to one block a usage point, channel and grid day, unvalidated."""

from __future__ import annotations

from pyspark.sql.types import ArrayType, BooleanType, ByteType, DoubleType, IntegerType, LongType, StringType

from jobs import columns as c
from jobs.table import Column, Table

RECEIVED_BLOCK = Table(
    name="silver.received_block",
    grain="One grid day of one channel of an interval-metered usage point connected that day, received or not.",
    key=("usage_point_id", "channel", "grid_date"),
    replace="day",
    partition_by=("grid_date",),
    columns=(
        c.USAGE_POINT_ID,
        c.CHANNEL,
        c.UNIT,
        c.GRID_DATE,
        c.INTERVAL_MINUTES,
        Column("reading", ArrayType(IntegerType(), False), None, "Whole units received in each interval; 0 where missing"),
        Column("reading_quality", ArrayType(ByteType(), False), None, "Quality before validation: valid, missing, or estimated by the source"),
        Column("rounding_wh", DoubleType(), "Wh or varh", "Sum of what rounding to whole units moved"),
        Column("version", LongType(), None, "Highest version among the reads that won", nullable=True),
        Column("kind", StringType(), None, "Kind of usage point"),
        c.CUSTOMER_CLASS,
        Column("connection_limit_kw", DoubleType(), "kW", "Limit of the connection", nullable=True, minimum=0),
        Column("counts_as_meter", BooleanType(), None, "True on the one channel of a usage point that stands for it in meter counts"),
        Column("reactive_metered", BooleanType(), None, "True where the usage point measures reactive energy"),
        c.optional(c.TRANSFORMER_ID, "Service transformer the usage point hung on that day; null at medium voltage"),
        c.optional(c.FEEDER_ID, "Feeder the usage point hung on that day; null on the busbar"),
        c.optional(c.SUBSTATION_ID),
        Column("received_intervals", IntegerType(), "1", "Channel-intervals of the day for which a read won", minimum=0),
    ),
)
