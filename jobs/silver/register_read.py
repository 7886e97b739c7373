"""Silver ``register_read``: cumulative register readings."""

from __future__ import annotations

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, Window, WindowSpec
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, LongType, TimestampType

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
        Column(
            "multiplier_before",
            DoubleType(),
            "1",
            "Multiplier of its meter up to the read; that after it where the meter did not stand here before",
            minimum=0,
        ),
        Column(
            "multiplier_after",
            DoubleType(),
            "1",
            "Multiplier of its meter from the read on, the one applied; of a meter's last read the one before it",
            minimum=0,
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
        F.col("multiplier").alias("_multiplier"),
    )
    there = (
        (F.col("meter_id") == F.col("_meter"))
        & (F.col("read_at_utc") >= F.col("_from"))
        & (F.col("_to").isNull() | (F.col("read_at_utc") <= F.col("_to")))  # the last read of a meter is its removal
    )
    found = register_read.drop("usage_point_id").join(stood, there, "left")
    delivered = Window.partitionBy("file_id", "source", "first_line")
    nearest = F.row_number().over(delivered.orderBy(F.col("_from").desc_nulls_last(), "_usage_point"))
    stays_on = F.when(F.col("_from") < F.col("read_at_utc"), F.struct("_usage_point", "_multiplier"))
    found = found.withColumns({"_nearest": nearest, "_before": F.max(stays_on).over(delivered)}).where("_nearest = 1")
    multiplier = F.coalesce("_multiplier", F.lit(1.0))
    here = F.col("_before._usage_point") == F.col("_usage_point")
    found = found.withColumns(
        {
            "usage_point_id": F.coalesce("_usage_point", F.lit("")),
            "register_wh": F.bround(F.col("register_wh") * multiplier).cast("long"),
            "multiplier_before": F.when(here, F.col("_before._multiplier")).otherwise(multiplier),
            "multiplier_after": multiplier,
        }
    )
    at_no_point = F.col("usage_point_id") == ""
    return finished(refuse(judged(found, REGISTER_READ), "no_meter", at_no_point), REGISTER_READ)


def counted_to_next(of_meter: WindowSpec) -> SparkColumn:
    """What a meter counted from each of its reads to the next: at the multiplier that held from the one to the other.

    Null of its last read, and where the multiplier changed between two reads: how much it counted before and how much
    after, they do not say.
    """
    of_next = {name: F.lead(name).over(of_meter) for name in ("register_wh", "multiplier_before", "multiplier_after")}
    multiplier, rescaled = F.col("multiplier_after"), of_next["register_wh"] * F.col("multiplier_after")
    shown = F.when(of_next["multiplier_after"] == multiplier, of_next["register_wh"]).otherwise(
        F.bround(F.try_divide(rescaled, of_next["multiplier_after"])).cast("long")
    )
    return F.when(of_next["multiplier_before"] == multiplier, shown - F.col("register_wh"))


JOB = Job(
    REGISTER_READ,
    register_reads,
    {"register_read": Read("bronze.register_read"), "meter": Read("silver.meter")},
    judges="register_read",
    rules=RULES,
)
