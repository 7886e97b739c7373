"""Totals that must agree: what the rows of a grid day, or of a whole table, add up to, and what those read add up to.

The two must come by different ways, or they would share their faults: a profile is made by the kernel from the lists of
readings, its total is needed by a column of small numbers beside them. Where a column is carried over as it is, its
total says only that no row was lost or came twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType

from jobs.table import Column, Table


@dataclass(frozen=True)
class Totals:
    """Sums over rows of each grid day, or of a table replaced as a whole, that must equal sums over the rows read.

    Parameters
    ----------
    read
        Parameter of the transform that gets these rows; for a table kept by day each of them has a ``grid_date``.
    needed
        For columns of the table, of which all values (all elements of a list) are added up: what a row read adds to
        that, in SQL.
    by
        Columns that both have, by which it is looked up where a disagreement lies.
    among
        Of the rows read those that count.
    """

    read: str
    needed: Mapping[str, str]
    by: tuple[str, ...]
    among: Callable[[DataFrame], DataFrame] = lambda rows: rows


@dataclass(frozen=True)
class Against:
    """Totals, and what they are held against: rows of the table so named, of the days that are built."""

    totals: Totals
    rows: DataFrame
    table_name: str

    def of_table(self, table: Table) -> dict[str, SparkColumn]:
        """By column: what a row of the table adds, in units of its last decimal place."""
        return {name: _whole(table.column(name), _values(table.column(name))) for name in self.totals.needed}

    def of_read(self, table: Table) -> dict[str, SparkColumn]:
        """By column: what a row read adds, in the same units."""
        return {name: _whole(table.column(name), each) for name, each in self.totals.needed.items()}

    def disagreeing(
        self, table: Table, rows: DataFrame, name: str, days: Iterable[date | None], first: int
    ) -> dict[date | None, tuple[int, list[tuple[str, ...]]]]:
        """Of each of the days, how many keys disagree on a column's sum, and the first, each with its difference.

        All rows of a table that is not kept by day are of the day None.
        """
        by_day = table.replace == "day"
        day = (F.col("grid_date") if by_day else F.lit(None).cast("date")).alias("_day")
        sides = [
            side.where(F.col("grid_date").isin(list(days)) if by_day else F.lit(True)).select(
                day, *self.totals.by, each.cast("long").alias("_adds")
            )
            for side, each in ((rows, self.of_table(table)[name]), (self.rows, -self.of_read(table)[name]))
        ]
        keys = ("_day", *self.totals.by)
        unlike = sides[0].unionByName(sides[1]).groupBy(*keys).agg(F.sum("_adds").alias("_difference"))
        of_day = Window.partitionBy("_day")
        numbered = unlike.where("_difference <> 0").withColumns(
            {
                "_keys": F.count(F.lit(1)).over(of_day),
                "_number": F.row_number().over(of_day.orderBy(*self.totals.by)),
            }
        )
        told: dict[date | None, tuple[int, list[tuple[str, ...]]]] = {}
        for row in numbered.where(F.col("_number") <= first).orderBy("_day", "_number").collect():
            difference = decimal_places(table.column(name), row["_difference"])
            key = (*(str(row[one]) for one in self.totals.by), f"{difference:+,}")
            told.setdefault(row["_day"], (row["_keys"], []))[1].append(key)
        return told


def totalled(against: Sequence[Against]) -> list[str]:
    """Columns whose sums are held against something."""
    return [name for each in against for name in each.totals.needed]


def decimal_places(column: Column, whole: int) -> Decimal:
    """A sum in units of the column's last decimal place as the number that it is.

    >>> from pyspark.sql.types import DecimalType
    >>> f"{decimal_places(Column('amount', DecimalType(18, 2), 'EUR', 'As booked'), -123456):+,}"
    '-1,234.56'
    """
    return Decimal(whole).scaleb(-column.type.scale) if isinstance(column.type, DecimalType) else Decimal(whole)


def found_name(column: str) -> str:
    """Under which name a day's measures keep what its rows add up to in a column."""
    return f"{column} found"


def needed_name(column: str) -> str:
    """Under which name they keep what that must be."""
    return f"{column} needed"


def _whole(column: Column, each: str) -> SparkColumn:
    """What a row adds, in whole units of the last decimal place: sums of them are exact."""
    scale = column.type.scale if isinstance(column.type, DecimalType) else 0
    return F.expr(f"cast(({each}) * {10**scale} as bigint)") if scale else F.expr(each)


def _values(column: Column) -> str:
    """The sum of a row's values of a column, in SQL."""
    return f"aggregate({column.name}, 0L, (total, one) -> total + one)" if column.is_array else column.name
