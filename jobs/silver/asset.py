"""Silver ``asset``: physical units of the asset register."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DoubleType, IntegerType, MapType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.notice import Notice
from jobs.rule import Rule, RuleSet
from jobs.settings import Settings
from jobs.silver.versions import RULES, standing
from jobs.span import Span
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
        Column(
            "measures",
            MapType(StringType(), DoubleType(), False),
            None,
            "Further numbers of the register by name, as `attributes` of its source declares them",
            nullable=True,
        ),
        Column(
            "traits",
            MapType(StringType(), StringType(), False),
            None,
            "Further texts of the register by name, as `attributes` of its source declares them",
            nullable=True,
        ),
        Column(
            "repaired",
            ArrayType(StringType(), False),
            None,
            "Names of the measures that lost their decimal point on the way and got it back (rule A01)",
            nullable=True,
        ),
        *c.PROVENANCE,
    ),
)
NOTICES = RuleSet(
    "What is told of units of the register that stand",
    Rule("A01", "decimal_point", "a number was written without its decimal point, which was put back where declared"),
)


def assets(asset: DataFrame) -> DataFrame:
    """bronze.asset -> silver.asset."""
    return standing(asset, ASSET)


def _repaired(rows: DataFrame, settings: Settings, span: Span) -> DataFrame:
    return rows.where(F.size(F.coalesce("repaired", F.array())) > 0)


JOB = Job(
    ASSET,
    assets,
    {"asset": Read("bronze.asset")},
    judges="asset",
    rules=RULES,
    notices=(Notice(NOTICES["decimal_point"], ("asset_id",), _repaired),),
)
