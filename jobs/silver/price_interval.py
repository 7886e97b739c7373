"""Silver ``price_interval``: energy prices."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType, StringType, TimestampType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

PRICE_INTERVAL = Table(
    name="silver.price_interval",
    grain="One price zone and market, one interval.",
    key=("price_zone", "market", "interval_start_utc"),
    columns=(
        Column("price_zone", StringType(), None, "Price zone"),
        Column("market", StringType(), None, "Which price, such as day_ahead or real_time"),
        Column("interval_start_utc", TimestampType(), None, "Start of the interval"),
        c.INTERVAL_MINUTES,
        Column("price_per_mwh", DoubleType(), "currency/MWh", "Price of energy as traded"),
        c.CURRENCY,
        *c.PROVENANCE,
    ),
)


def price_intervals(price_interval: DataFrame) -> DataFrame:
    """bronze.price_interval -> silver.price_interval."""
    return standing(price_interval, PRICE_INTERVAL)


JOB = Job(
    PRICE_INTERVAL,
    price_intervals,
    {"price_interval": Read("bronze.price_interval")},
    judges="price_interval",
    rules=RULES,
)
