"""Silver ``component_reliability``: how often components fail and how long they are out, by reliability statistics."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

SCOPES = {
    "component": "one component, whichever it is of its class, or the one named",
    "km": "one kilometre of line or cable of the class",
}


def _rate(name: str, of: str) -> Column:
    return Column(name, DoubleType(), "1", f"{of} in a year", nullable=True, minimum=0)


def _hours(name: str, meaning: str) -> Column:
    return Column(name, DoubleType(), "h", meaning, nullable=True, minimum=0)


COMPONENT_RELIABILITY = Table(
    name="silver.component_reliability",
    grain="One class of component, or one component that the source names.",
    key=("component_id", "scope"),
    columns=(
        Column(
            "component_id",
            StringType(),
            None,
            "Class of component, or a branch of a network model (namespace:source id, as in the model)",
        ),
        Column("scope", StringType(), None, "What the rates are of", codes=SCOPES),
        _rate("permanent_failures_per_year", "Failures that need repair"),
        _rate("temporary_failures_per_year", "Failures that need none: supply comes back by switching alone"),
        _hours("repair_hours", "Outage of the component after a permanent failure, until it is repaired"),
        _hours("temporary_outage_hours", "Outage after a temporary failure"),
        _hours("sectioning_hours", "Time until the failed part is cut off by switching"),
        *c.PROVENANCE,
    ),
)


def component_reliabilities(component_reliability: DataFrame) -> DataFrame:
    """bronze.component_reliability -> silver.component_reliability."""
    return standing(component_reliability, COMPONENT_RELIABILITY)


JOB = Job(
    COMPONENT_RELIABILITY,
    component_reliabilities,
    {"component_reliability": Read("bronze.component_reliability")},
    judges="component_reliability",
    rules=RULES,
)
