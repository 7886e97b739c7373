"""Columns that received and validated blocks share: one grid day of one channel of a usage point."""

from __future__ import annotations

from pyspark.sql.types import BooleanType, DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.table import Column

GRAIN = "One grid day of one channel of an interval-metered usage point connected that day, received or not."
KEY = ("usage_point_id", "channel", "grid_date")

DAY_OF_CHANNEL = (c.USAGE_POINT_ID, c.CHANNEL, c.UNIT, c.GRID_DATE, c.INTERVAL_MINUTES)
ROUNDING_WH = Column("rounding_wh", DoubleType(), "Wh or varh", "Sum of what rounding to whole units moved")
KIND = Column("kind", StringType(), None, "Kind of usage point")
PLACE = (
    Column(
        "counts_as_meter",
        BooleanType(),
        None,
        "True on the one channel of a usage point that stands for it in meter counts",
    ),
    Column("reactive_metered", BooleanType(), None, "True where the usage point measures reactive energy"),
    c.optional(c.TRANSFORMER_ID, "Service transformer the usage point hung on that day; null at medium voltage"),
    c.optional(c.FEEDER_ID, "Feeder the usage point hung on that day; null on the busbar"),
    c.optional(c.SUBSTATION_ID),
    c.optional(c.AREA_ID, "Small statistical area in which the usage point lay that day"),
    Column("received_intervals", IntegerType(), "1", "Channel-intervals of the day for which a read won", minimum=0),
)
