"""Totals that must agree: what the rows of a grid day add up to, and what those that were read add up to.

The two must come by different ways, or they would share their faults: a profile is made by the kernel from the lists of
readings, its total is needed by a column of small numbers beside them. Where a column is carried over as it is, its
total says only that no row was lost or came twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.table import Column, Table


@dataclass(frozen=True)
class Totals:
    """Sums over the rows of each grid day that must equal sums over rows that the transform read.

    Parameters
    ----------
    read
        Parameter of the transform that gets these rows; each of them has a ``grid_date``.
    needed
        For columns of the table, of which all values (all elements of a list) are added up: what a row read adds to
        that, in SQL.
    by
        Columns that both have, by which it is looked up where a disagreement lies.
    """

    read: str
    needed: Mapping[str, str]
    by: tuple[str, ...]


@dataclass(frozen=True)
class Against:
    """Totals, and what they are held against: rows of the days that are built, of the table so named."""

    totals: Totals
    rows: DataFrame
    table_name: str

    def of_table(self, table: Table) -> dict[str, SparkColumn]:
        """By column: what a row of the table adds."""
        return {name: F.expr(_values(table.column(name))) for name in self.totals.needed}

    def of_read(self) -> dict[str, SparkColumn]:
        """By column: what a row read adds."""
        return {name: F.expr(each) for name, each in self.totals.needed.items()}

    def disagreeing(
        self, table: Table, rows: DataFrame, name: str, days: Iterable[date], first: int
    ) -> dict[date, tuple[int, list[tuple[str, ...]]]]:
        """Of each of the days, how many keys disagree on a column's sum, and the first, each with its difference."""
        keys = ("grid_date", *self.totals.by)
        sides = [
            side.where(F.col("grid_date").isin(list(days))).select(*keys, each.cast("long").alias("_adds"))
            for side, each in ((rows, self.of_table(table)[name]), (self.rows, -self.of_read()[name]))
        ]
        unlike = sides[0].unionByName(sides[1]).groupBy(*keys).agg(F.sum("_adds").alias("_difference"))
        of_day = Window.partitionBy("grid_date")
        numbered = unlike.where("_difference <> 0").withColumns(
            {
                "_keys": F.count(F.lit(1)).over(of_day),
                "_number": F.row_number().over(of_day.orderBy(*self.totals.by)),
            }
        )
        told: dict[date, tuple[int, list[tuple[str, ...]]]] = {}
        for row in numbered.where(F.col("_number") <= first).orderBy("grid_date", "_number").collect():
            key = (*(str(row[name]) for name in self.totals.by), f"{row['_difference']:+,}")
            told.setdefault(row["grid_date"], (row["_keys"], []))[1].append(key)
        return told


def found_name(column: str) -> str:
    """Under which name a day's measures keep what its rows add up to in a column."""
    return f"{column} found"


def needed_name(column: str) -> str:
    """Under which name they keep what that must be."""
    return f"{column} needed"


def _values(column: Column) -> str:
    """The sum of a row's values of a column, in SQL."""
    return f"aggregate({column.name}, 0L, (total, one) -> total + one)" if column.is_array else column.name
