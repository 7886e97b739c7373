"""Gold ``area_energy``: energy by area, month and customer class beside population, income and degree days."""

from __future__ import annotations

from pyspark.sql.types import DoubleType, LongType, IntegerType

from jobs import columns as c
from jobs.table import Column, Table

AREA_ENERGY = Table(
    name="gold.area_energy",
    grain="One area, one local month, one customer class.",
    key=("area_id", "period_kind", "period_start", "customer_class"),
    replace="period",
    columns=(
        c.AREA_ID,
        c.PERIOD_KIND,
        c.PERIOD_START,
        c.CUSTOMER_CLASS,
        Column("usage_points", IntegerType(), "1", "Usage points with readings", minimum=0),
        Column("delivered_wh", LongType(), "Wh", "Energy delivered"),
        Column("received_wh", LongType(), "Wh", "Energy received"),
        Column("peak_kw", DoubleType(), "kW", "Highest delivered load of the area and class", nullable=True),
        Column("delivered_wh_per_customer", DoubleType(), "Wh", "Energy delivered per usage point", nullable=True),
        Column("heating_degree_days", DoubleType(), "K d", "Sum over days of base less mean temperature, where positive", nullable=True, minimum=0),
        Column("cooling_degree_days", DoubleType(), "K d", "Sum over days of mean temperature less base, where positive", nullable=True, minimum=0),
        Column("days_present", IntegerType(), "d", "Grid days with readings", minimum=0),
        Column("population", LongType(), "1", "Inhabitants of the area", nullable=True, minimum=0),
        Column("income_per_person", DoubleType(), "currency", "Mean yearly income of a person", nullable=True, minimum=0),
        Column("delivered_wh_per_inhabitant", DoubleType(), "Wh", "Household energy delivered per inhabitant", nullable=True),
    ),
)
