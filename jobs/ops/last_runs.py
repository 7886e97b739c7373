"""The newest run of each table, of those in ``ops.run``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.ops.run import RUN


def newest_of_each_table(runs: DataFrame) -> DataFrame:
    """Of rows of ``ops.run`` the one of each table that began last."""
    place = F.row_number().over(Window.partitionBy("table_name").orderBy(F.desc("started_at_utc"), "run_id"))
    return runs.withColumn("_place", place).where("_place = 1").drop("_place")


def last_runs_of(lake: Lake, names: Iterable[str]) -> list[dict[str, Any]]:
    """The newest row of ``ops.run`` of each named table that has one."""
    runs = read_table(lake, RUN).where(F.col("table_name").isin(list(names)))
    return [row.asDict() for row in newest_of_each_table(runs).collect()]
