"""Silver ``lightning_density``: how often lightning strikes the ground, by area and year."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType, IntegerType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

LIGHTNING_DENSITY = Table(
    name="silver.lightning_density",
    grain="One area in one year.",
    key=("area_id", "year"),
    columns=(
        c.AREA_ID,
        Column("year", IntegerType(), None, "Calendar year", minimum=1900, maximum=2200),
        Column(
            "ground_flash_density",
            DoubleType(),
            "flashes/(km2 a)",
            "Lightning flashes to ground per km2 and year (N_G of IEC 62858, here of one year)",
            minimum=0,
        ),
        *c.PROVENANCE,
    ),
)


def lightning_densities(lightning_density: DataFrame) -> DataFrame:
    """bronze.lightning_density -> silver.lightning_density."""
    return standing(lightning_density, LIGHTNING_DENSITY)


JOB = Job(
    LIGHTNING_DENSITY,
    lightning_densities,
    {"lightning_density": Read("bronze.lightning_density")},
    judges="lightning_density",
    rules=RULES,
)
