"""Money brought to the price year: recorded amounts stay as booked, beside them stands what they are worth."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.silver.versions import refuse


def in_price_year(
    rows: DataFrame,
    price_index: DataFrame,
    *,
    cost: str,
    year: Column,
    index_name: str,
    price_year: int,
    currency: str,
) -> DataFrame:
    """Judged rows with ``cost`` = amount x index(price year) / index(booking year), and the ratio used.

    Rows with an amount but no index for their year, or in another currency, are refused.
    """
    levels = price_index.where(F.col("index_name") == index_name).select("year", "index_value")
    target = levels.where(F.col("year") == price_year).select(F.col("index_value").alias("_level"))
    booked = levels.select(F.col("year").alias("_year"), F.col("index_value").alias("_then"))
    found = rows.withColumn("_booked", year).join(F.broadcast(booked), F.col("_booked") == F.col("_year"), "left")
    found = found.join(F.broadcast(target), F.lit(True), "left")
    ratio = F.try_divide("_level", "_then")
    found = refuse(found, "no_price_index", F.col("amount").isNotNull() & ratio.isNull())
    found = refuse(found, "other_currency", F.col("amount").isNotNull() & ~F.col("currency").eqNullSafe(currency))
    return found.withColumns(
        {cost: F.col("amount").cast("double") * ratio, "index_used": F.when(F.col("amount").isNotNull(), ratio)}
    )
