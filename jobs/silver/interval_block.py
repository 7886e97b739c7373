"""Silver ``interval_block``: validated and estimated readings, with the transformer and feeder of that day."""

from __future__ import annotations

from pyspark.sql.types import ArrayType, BooleanType, ByteType, DoubleType, IntegerType, StringType, StructField, StructType

from jobs import columns as c
from jobs.table import Column, Table

FINDING = StructType(
    [
        StructField("rule_id", StringType(), False),
        StructField("first_slot", IntegerType(), False),
        StructField("slots", IntegerType(), False),
        StructField("measured", DoubleType(), False),
        StructField("threshold", DoubleType(), False),
        StructField("disposition", StringType(), False),
    ]
)

INTERVAL_BLOCK = Table(
    name="silver.interval_block",
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
        Column("reading", ArrayType(IntegerType(), False), None, "Energy of each interval in whole units; 0 where missing"),
        Column("reading_quality", ArrayType(ByteType(), False), None, "Quality code of each interval (GLOSSARY, kernels.quality)"),
        Column("rule_set_version", StringType(), None, "Version of the rules that judged the block"),
        Column("rules_not_run", ArrayType(StringType(), False), None, "Rules that could not run, for want of history"),
        Column("findings", ArrayType(FINDING, False), None, "What the rules found, in order of first slot"),
        Column("rounding_wh", DoubleType(), "Wh or varh", "Sum of what rounding to whole units moved"),
        Column("kind", StringType(), None, "Kind of usage point"),
        c.CUSTOMER_CLASS,
        Column("counts_as_meter", BooleanType(), None, "True on the one channel of a usage point that stands for it in meter counts"),
        Column("reactive_metered", BooleanType(), None, "True where the usage point measures reactive energy"),
        c.optional(c.TRANSFORMER_ID, "Service transformer the usage point hung on that day; null at medium voltage"),
        c.optional(c.FEEDER_ID, "Feeder the usage point hung on that day; null on the busbar"),
        c.optional(c.SUBSTATION_ID),
        Column("received_intervals", IntegerType(), "1", "Channel-intervals of the day for which a read won", minimum=0),
    ),
)
