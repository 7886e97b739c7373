"""Silver ``asset_deployment``: which unit stood at which transformer position, and when."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

ASSET_DEPLOYMENT = Table(
    name="silver.asset_deployment",
    grain="One unit at one position from a given instant.",
    key=("asset_id", "valid_from_utc"),
    columns=(
        c.ASSET_ID,
        *c.VALIDITY,
        c.TRANSFORMER_ID,
        Column("removal_reason", StringType(), None, "Why the unit left the position", nullable=True),
        *c.PROVENANCE,
    ),
)


def asset_deployments(asset_deployment: DataFrame) -> DataFrame:
    """bronze.asset_deployment -> silver.asset_deployment."""
    return standing(asset_deployment, ASSET_DEPLOYMENT)


JOB = Job(
    ASSET_DEPLOYMENT,
    asset_deployments,
    {"asset_deployment": Read("bronze.asset_deployment")},
    judges="asset_deployment",
    rules=RULES,
)
