"""Silver ``price_index``: price indices by class and year."""

from __future__ import annotations

from pyspark.sql.types import DoubleType, IntegerType, StringType

from jobs import columns as c
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
