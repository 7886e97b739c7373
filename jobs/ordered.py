"""Sums of floats in a fixed order: another order is another sum, and Spark's changes from run to run."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F


def ordered_sum(value: Column | str) -> Column:
    """Sum of a group's values, from the lowest up; null where there are none."""
    values = F.array_sort(F.collect_list(value))
    total = F.aggregate(values, F.lit(0.0), lambda sum, one: sum + one)
    return F.when(F.count(value) > 0, total)


def ordered_mean(value: Column | str) -> Column:
    """Mean of a group's values, summed from the lowest up; null where there are none."""
    return ordered_sum(value) / F.count(value)
