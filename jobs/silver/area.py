"""Silver ``area``: small-area statistics."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType, IntegerType, LongType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

AREA = Table(
    name="silver.area",
    grain="One small statistical area in one year.",
    key=("area_id", "year"),
    columns=(
        c.AREA_ID,
        Column("year", IntegerType(), None, "Year of the statistics", minimum=1900, maximum=2200),
        Column("name", StringType(), None, "Name of the area", nullable=True),
        Column("population", LongType(), "1", "Inhabitants", nullable=True, minimum=0),
        Column("households", LongType(), "1", "Households", nullable=True, minimum=0),
        Column(
            "income_per_person", DoubleType(), "currency", "Mean yearly income of a person", nullable=True, minimum=0
        ),
        Column("area_km2", DoubleType(), "km2", "Surface", nullable=True, minimum=0),
        Column("weather_place_id", StringType(), None, "Weather place that stands for the area", nullable=True),
        *c.PROVENANCE,
    ),
)


def areas(area: DataFrame) -> DataFrame:
    """bronze.area -> silver.area."""
    return standing(area, AREA)


JOB = Job(AREA, areas, {"area": Read("bronze.area")}, judges="area", rules=RULES)
