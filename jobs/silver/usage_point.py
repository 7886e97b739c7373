"""Silver ``usage_point``: where energy is delivered or received."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, DoubleType, LongType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

KINDS = {
    "customer": "a customer's connection",
    "generation": "a generator's connection",
    "unmetered": "load without a meter, such as street lighting",
    "feeder_head": "measurement at a feeder's head: compared with sums, never in them",
    "transformer_total": "total meter of a transformer: compared with sums, never in them",
}
METERING = {"interval": "interval meter", "register": "register reads only", "none": "no meter"}

USAGE_POINT = Table(
    name="silver.usage_point",
    grain="One usage point as it was from a given instant.",
    key=("usage_point_id", "valid_from_utc"),
    columns=(
        c.USAGE_POINT_ID,
        *c.VALIDITY,
        Column("kind", StringType(), None, "What the usage point is", codes=KINDS),
        Column("metering", StringType(), None, "How it is metered", codes=METERING),
        Column("channels", ArrayType(StringType(), False), None, "Channels its meter delivers", codes=c.CHANNELS),
        c.SUPPLY_LEVEL,
        Column("phases", StringType(), None, "Phases of the connection, such as ABC or B", nullable=True),
        Column("connection_limit_kw", DoubleType(), "kW", "Limit of the connection", nullable=True, minimum=0),
        c.X,
        c.Y,
        c.optional(c.AREA_ID),
        Column(
            "profile_id",
            StringType(),
            None,
            "Without an interval meter: the standard profile that shapes its energy, or sunset_to_sunrise",
            nullable=True,
        ),
        Column(
            "annual_energy_wh",
            LongType(),
            "Wh",
            "Without an interval meter: what it is thought to take in a year, where no registers say it",
            nullable=True,
            minimum=0,
        ),
        Column("installed_w", DoubleType(), "W", "Without a meter: power while it burns", nullable=True, minimum=0),
        *c.PROVENANCE,
    ),
)


def usage_points(usage_point: DataFrame) -> DataFrame:
    """bronze.usage_point -> silver.usage_point."""
    return standing(usage_point, USAGE_POINT)


JOB = Job(USAGE_POINT, usage_points, {"usage_point": Read("bronze.usage_point")}, judges="usage_point", rules=RULES)
