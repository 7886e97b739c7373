"""Silver ``usage_point_baseline``: what is usual for a channel, by day type and local slot, for one month."""

from __future__ import annotations

from pyspark.sql.types import ArrayType, DateType, IntegerType, StringType

from jobs import columns as c
from jobs.table import Column, Table

DAY_TYPES = {"workday": "Monday to Friday, no holiday", "saturday": "Saturday", "sunday": "Sunday or public holiday"}

USAGE_POINT_BASELINE = Table(
    name="silver.usage_point_baseline",
    grain="One channel of a usage point, one day type, one month that it judges.",
    key=("usage_point_id", "channel", "day_type", "month_start"),
    replace="period",
    partition_by=("month_start",),
    columns=(
        c.USAGE_POINT_ID,
        c.CHANNEL,
        Column("day_type", StringType(), None, "Day type, by local date", codes=DAY_TYPES),
        Column("month_start", DateType(), None, "First day of the local month that the baseline judges"),
        c.INTERVAL_MINUTES,
        Column("days", IntegerType(), "d", "Days of history that the baseline rests on", minimum=1),
        Column("typical", ArrayType(IntegerType(), False), "Wh or varh", "Mean of the raw reads in each local slot"),
        Column("low", ArrayType(IntegerType(), False), "Wh or varh", "Low quantile of the raw reads in each local slot"),
        Column("high", ArrayType(IntegerType(), False), "Wh or varh", "High quantile of the raw reads in each local slot"),
        Column("day_low", IntegerType(), "Wh or varh", "Lowest day total in the history"),
        Column("day_high", IntegerType(), "Wh or varh", "Highest day total in the history"),
    ),
)
