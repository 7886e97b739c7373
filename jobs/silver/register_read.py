"""Silver ``register_read``: cumulative register readings."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, TimestampType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, finished, judged, refuse
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
        Column(
            "register_wh", LongType(), "Wh or varh", "Reading of the cumulative register, multiplier applied", minimum=0
        ),
        *c.PROVENANCE,
    ),
)


def register_reads(register_read: DataFrame, meter: DataFrame) -> DataFrame:
    """bronze.register_read and silver.meter -> silver.register_read, multiplier applied."""
    stood = meter.select(
        F.col("meter_id").alias("_meter"),
        F.col("usage_point_id").alias("_usage_point"),
        F.col("valid_from_utc").alias("_from"),
        F.col("valid_to_utc").alias("_to"),
        "multiplier",
    )
    there = (
        (F.col("meter_id") == F.col("_meter"))
        & (F.col("read_at_utc") >= F.col("_from"))
        & (F.col("_to").isNull() | (F.col("read_at_utc") <= F.col("_to")))  # the last read of a meter is its removal
    )
    found = register_read.drop("usage_point_id").join(stood, there, "left")
    nearest = F.row_number().over(
        Window.partitionBy("file_id", "source", "first_line").orderBy(F.col("_from").desc_nulls_last(), "_usage_point")
    )
    found = found.withColumn("_nearest", nearest).where("_nearest = 1")
    found = found.withColumns(
        {
            "usage_point_id": F.coalesce("_usage_point", F.lit("")),
            "register_wh": F.bround(F.col("register_wh") * F.coalesce("multiplier", F.lit(1.0))).cast("long"),
        }
    )
    at_no_point = F.col("usage_point_id") == ""
    return finished(refuse(judged(found, REGISTER_READ), "no_meter", at_no_point), REGISTER_READ)


JOB = Job(
    REGISTER_READ,
    register_reads,
    {"register_read": Read("bronze.register_read"), "meter": Read("silver.meter")},
    judges="register_read",
    rules=RULES,
)
