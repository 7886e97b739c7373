"""Silver ``outage``: when a transformer or a whole area was without voltage, by the utility's outage records."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, LongType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.blocks_of import EPOCH
from jobs.silver.versions import RULES, standing
from jobs.span import Span
from jobs.table import Column, Table

OUTAGE = Table(
    name="silver.outage",
    grain="One outage of one transformer position, or of an area where the record names no position.",
    key=("outage_id",),
    columns=(
        Column("outage_id", StringType(), None, "Outage, unique over all sources (namespace:source id)"),
        c.optional(c.TRANSFORMER_ID, "Service transformer: the position or bank; null of an outage of a whole area"),
        c.optional(c.AREA_ID, "Area struck, where the source says so: a place of its own naming, not of silver.area"),
        replace(c.VALID_FROM_UTC, meaning="When the voltage went"),
        replace(c.VALID_TO_UTC, meaning="When it came back; null while it is gone, or where nobody recorded it"),
        Column("cause", StringType(), None, "Cause, in the source's words", nullable=True),
        Column("planned", BooleanType(), None, "True where it was planned and announced", nullable=True),
        Column(
            "customers_interrupted",
            LongType(),
            "1",
            "Customers without supply, as recorded (customers interrupted, IEEE 1366)",
            nullable=True,
            minimum=0,
        ),
        *c.PROVENANCE,
    ),
)

_DAY_SECONDS, _QUARTER_SECONDS = 86400, 900


def outages(outage: DataFrame) -> DataFrame:
    """bronze.outage -> silver.outage; a row that names neither a position nor an area is refused."""
    nowhere = F.col("transformer_id").isNull() & F.col("area_id").isNull()
    told = f"{RULES['missing_value'].told}: transformer_id or area_id"
    marked = {"_rule": F.when(nowhere, "missing_value"), "_reason": F.when(nowhere, told)}
    return standing(outage.withColumns(marked), OUTAGE)


def dark_quarters(outage: DataFrame, days: Span, offset_seconds: int) -> DataFrame:
    """Quarter-hours of each grid day in which a transformer was without voltage, be it for a part of them.

    An outage of a whole area says of no transformer that it was dark.

    Columns ``transformer_id, grid_date, _dark_first, _dark_second``: bit i of the halves of a day, as in
    ``silver.received_block.active_first_half``.
    """
    first, end = ((day - EPOCH).days for day in (days.first, days.end))
    gone = F.unix_seconds("valid_from_utc") + offset_seconds
    back = F.coalesce(F.unix_seconds("valid_to_utc") + offset_seconds, F.lit(end * _DAY_SECONDS))
    touched = F.sequence(
        F.greatest(F.floor(gone / _DAY_SECONDS), F.lit(first)),
        F.least(F.floor((back - 1) / _DAY_SECONDS), F.lit(end - 1)),
    )
    into_day = F.col("_day") * _DAY_SECONDS
    low, high = F.floor((gone - into_day) / _QUARTER_SECONDS), F.ceil((back - into_day) / _QUARTER_SECONDS)
    return (
        outage.where(F.col("transformer_id").isNotNull() & (gone < end * _DAY_SECONDS) & (back > first * _DAY_SECONDS))
        .withColumn("_day", F.explode(touched))
        .groupBy("transformer_id", F.date_from_unix_date(F.col("_day").cast("int")).alias("grid_date"))
        .agg(
            F.bit_or(_bits(low, high)).alias("_dark_first"), F.bit_or(_bits(low - 48, high - 48)).alias("_dark_second")
        )
    )


def _bits(low: SparkColumn, high: SparkColumn) -> SparkColumn:
    """Bits ``low`` up to, not including, ``high`` of the 48 of half a day."""

    def power(slot: SparkColumn) -> SparkColumn:
        within = F.least(F.greatest(slot, F.lit(0)), F.lit(48)).cast("int")
        return F.call_function("shiftleft", F.lit(1).cast("long"), within)

    return power(high) - power(low)


JOB = Job(OUTAGE, outages, {"outage": Read("bronze.outage")}, judges="outage", rules=RULES)
