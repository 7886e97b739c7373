"""Silver ``price_index``: price indices by class and year."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

PRICE_INDEX = Table(
    name="silver.price_index",
    grain="One index in one year.",
    key=("index_name", "year"),
    columns=(
        Column("index_name", StringType(), None, "Which prices, such as equipment, labour or consumer"),
        Column("year", IntegerType(), None, "Calendar year", minimum=1900, maximum=2200),
        Column("index_value", DoubleType(), "1", "Level of the index", minimum=0),
        *c.PROVENANCE,
    ),
)


def price_indices(price_index: DataFrame) -> DataFrame:
    """bronze.price_index -> silver.price_index."""
    return standing(price_index, PRICE_INDEX)


JOB = Job(PRICE_INDEX, price_indices, {"price_index": Read("bronze.price_index")}, judges="price_index", rules=RULES)
