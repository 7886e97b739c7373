"""Silver ``oil_test``: what a laboratory found in a unit's oil."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType, StringType, TimestampType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table


def _found(name: str, unit: str, meaning: str) -> Column:
    return Column(name, DoubleType(), unit, meaning, nullable=True, minimum=0)


OIL_TEST = Table(
    name="silver.oil_test",
    grain="One sample of a unit's oil.",
    key=("oil_test_id",),
    columns=(
        Column("oil_test_id", StringType(), None, "Sample, unique over all sources (namespace:source id)"),
        c.ASSET_ID,
        Column("sampled_at_utc", TimestampType(), None, "When the sample was taken; its result is known later"),
        _found("hydrogen_ppm", "ppm", "Dissolved hydrogen H2, by volume"),
        _found("methane_ppm", "ppm", "Dissolved methane CH4, by volume"),
        _found("ethane_ppm", "ppm", "Dissolved ethane C2H6, by volume"),
        _found("ethylene_ppm", "ppm", "Dissolved ethylene C2H4, by volume"),
        _found("acetylene_ppm", "ppm", "Dissolved acetylene C2H2, by volume"),
        _found("carbon_monoxide_ppm", "ppm", "Dissolved carbon monoxide CO, by volume"),
        _found("carbon_dioxide_ppm", "ppm", "Dissolved carbon dioxide CO2, by volume"),
        _found("moisture_ppm", "ppm", "Water in the oil, by mass"),
        _found("acidity_mg_koh_per_g", "mg KOH/g", "Neutralisation value"),
        _found("breakdown_voltage_kv", "kV", "Breakdown voltage, 2.5 mm gap (IEC 60156)"),
        _found("furfural_ppm", "ppm", "2-furfuraldehyde (2-FAL) of ageing paper, by mass"),
        *c.PROVENANCE,
    ),
)


def oil_tests(oil_test: DataFrame) -> DataFrame:
    """bronze.oil_test -> silver.oil_test."""
    return standing(oil_test, OIL_TEST)


JOB = Job(OIL_TEST, oil_tests, {"oil_test": Read("bronze.oil_test")}, judges="oil_test", rules=RULES)
