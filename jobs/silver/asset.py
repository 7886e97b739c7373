"""Silver ``asset``: physical units of the asset register."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

ASSET = Table(
    name="silver.asset",
    grain="One physical unit.",
    key=("asset_id",),
    columns=(
        c.ASSET_ID,
        Column(
            "asset_class",
            StringType(),
            None,
            "Class of the unit, as configuration names it, such as distribution_transformer",
        ),
        Column("serial_number", StringType(), None, "Maker's number of the unit", nullable=True),
        Column(
            "ledger_number", StringType(), None, "Asset card in the financial ledger, by the register", nullable=True
        ),
        Column("type_name", StringType(), None, "Maker's type", nullable=True),
        Column("manufacturer", StringType(), None, "Maker", nullable=True),
        Column("batch", StringType(), None, "Production batch", nullable=True),
        Column(
            "manufactured_year", IntegerType(), None, "Year of manufacture", nullable=True, minimum=1900, maximum=2100
        ),
        Column("rating_kva", DoubleType(), "kVA", "Rated apparent power", nullable=True, minimum=0),
        Column("high_voltage_kv", DoubleType(), "kV", "Rated voltage of the highest winding", nullable=True, minimum=0),
        Column("low_voltage_kv", DoubleType(), "kV", "Rated voltage of the lowest winding", nullable=True, minimum=0),
        Column("no_load_loss_w", DoubleType(), "W", "No-load loss at rated voltage", nullable=True, minimum=0),
        Column("load_loss_w", DoubleType(), "W", "Load loss at rated current", nullable=True, minimum=0),
        Column("loss_class", StringType(), None, "Efficiency tier", nullable=True),
        *c.PROVENANCE,
    ),
)


def assets(asset: DataFrame) -> DataFrame:
    """bronze.asset -> silver.asset."""
    return standing(asset, ASSET)


JOB = Job(ASSET, assets, {"asset": Read("bronze.asset")}, judges="asset", rules=RULES)
