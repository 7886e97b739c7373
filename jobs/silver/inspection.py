"""Silver ``inspection``: what crews saw of a unit from outside."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import BooleanType, DoubleType, StringType, TimestampType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

INSPECTION = Table(
    name="silver.inspection",
    grain="One inspection of a unit.",
    key=("inspection_id",),
    columns=(
        Column("inspection_id", StringType(), None, "Inspection, unique over all sources (namespace:source id)"),
        c.ASSET_ID,
        Column("inspected_at_utc", TimestampType(), None, "When it was seen"),
        Column(
            "external_condition",
            StringType(),
            None,
            "Tank, radiators and fittings from outside",
            nullable=True,
            codes={
                "as_new": "no wear",
                "normal_wear": "wear as of its age",
                "some_deterioration": "corrosion or damage that needs watching",
                "substantial_deterioration": "corrosion or damage that needs work",
            },
        ),
        Column(
            "oil_leak",
            StringType(),
            None,
            "Oil at seals, welds or valves",
            nullable=True,
            codes={"none": "dry", "seeping": "wet, nothing falls", "dripping": "oil falls"},
        ),
        Column("bushings_damaged", BooleanType(), None, "True where a bushing is chipped or cracked", nullable=True),
        Column("oil_temperature_degc", DoubleType(), "degC", "Top oil temperature as read", nullable=True),
        Column(
            "maximum_demand_pu",
            DoubleType(),
            "1",
            "Highest load since the inspection before, by the maximum demand indicator, per unit of the rating",
            nullable=True,
            minimum=0,
        ),
        *c.PROVENANCE,
    ),
)


def inspections(inspection: DataFrame) -> DataFrame:
    """bronze.inspection -> silver.inspection."""
    return standing(inspection, INSPECTION)


JOB = Job(INSPECTION, inspections, {"inspection": Read("bronze.inspection")}, judges="inspection", rules=RULES)
