"""Sums in a fixed order: the same to the bit in whatever order the rows come."""

from itertools import permutations

from pyspark.sql import SparkSession

from jobs.ordered import ordered_mean, ordered_sum


def test_the_order_of_rows_changes_no_bit(spark: SparkSession) -> None:
    """0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 are two doubles: 0.6000000000000001 and 0.6."""
    orders = enumerate(permutations((0.1, 0.2, 0.3)))
    literal = ", ".join(f"({number}, {value}D)" for number, values in orders for value in values)
    rows = spark.sql(f"select * from values {literal} as rows(number, value)").coalesce(1)
    found = rows.groupBy("number").agg(ordered_sum("value").alias("sum"), ordered_mean("value").alias("mean")).collect()
    assert {(row["sum"], row["mean"]) for row in found} == {(0.1 + 0.2 + 0.3, (0.1 + 0.2 + 0.3) / 3)}


def test_nulls_count_for_nothing_and_no_value_is_null(spark: SparkSession) -> None:
    rows = spark.sql("select * from values ('a', 2D), ('a', null), ('b', cast(null as double)) as rows(name, value)")
    found = rows.groupBy("name").agg(ordered_sum("value").alias("sum"), ordered_mean("value").alias("mean")).collect()
    assert {row["name"]: (row["sum"], row["mean"]) for row in found} == {"a": (2.0, 2.0), "b": (None, None)}
