"""Which of a table's periods a report shows."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def main_period(rows: DataFrame, weight: str) -> DataFrame:
    """Rows of the one period that says most: a year before a month, the fullest by ``weight``, the newest of equals."""
    return rows.where(in_main_period(rows, weight))


def in_main_period(rows: DataFrame, weight: str) -> Column:
    """Whether a row, of this table or of another by period, is of that period; of every row where there is none."""
    fullest = F.max(F.struct("period_kind", "_weight", "period_start"))
    best = rows.groupBy("period_kind", "period_start").agg(F.max(weight).alias("_weight")).agg(fullest).first()
    if best is None or best[0] is None:
        return F.lit(True)
    kind, start = best[0]["period_kind"], best[0]["period_start"]
    within: Column = (F.col("period_kind") == kind) & (F.col("period_start") == F.lit(start))
    return within
