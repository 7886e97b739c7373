"""Bronze ``interval_block``: intervals as received, keyed as head-ends deliver: by meter and register."""

from __future__ import annotations

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from jobs import columns as c
from jobs.table import Column, Table

QUALITY_RUN = StructType(
    [
        StructField("first_slot", IntegerType(), False),
        StructField("slots", IntegerType(), False),
        StructField("code", StringType(), False),
    ]
)

BRONZE_INTERVAL_BLOCK = Table(
    name="bronze.interval_block",
    grain="One record of one register in one file: a run of equal intervals without a change of version.",
    key=("file_id", "first_line", "register"),
    replace="file",
    partition_by=("received_date",),
    columns=(
        c.FILE_ID,
        c.RECEIVED_DATE,
        c.SOURCE,
        c.FIRST_LINE,
        Column("last_line", LongType(), None, "Last line of the record in its file", minimum=1),
        c.METER_ID,
        Column("register", StringType(), None, "Register or channel, as the source names it"),
        c.CHANNEL,
        Column("source_unit", StringType(), None, "Unit of the values, as the source names it"),
        Column(
            "unit_factor", DoubleType(), "Wh or varh per source unit", "Factor to whole units, with the sign convention"
        ),
        Column("start_utc", TimestampType(), None, "Start of the first interval"),
        c.INTERVAL_MINUTES,
        Column(
            "value",
            ArrayType(DoubleType(), False),
            None,
            "Values as received, in the source's unit; NaN where none came",
        ),
        Column(
            "quality", ArrayType(QUALITY_RUN, False), None, "Runs of the source's quality codes; empty where none came"
        ),
        Column(
            "source_estimated",
            ArrayType(BooleanType(), False),
            None,
            "True for values the source marks as estimated or substituted; empty where none is",
        ),
        Column("first_grid_date", c.GRID_DATE.type, None, "Grid day of the first interval"),
        Column("last_grid_date", c.GRID_DATE.type, None, "Grid day of the last interval"),
        c.VERSION,
    ),
)
