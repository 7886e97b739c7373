"""What one pass over the rows of a table tells of each grid day: outcomes, completeness, and rows that fail a check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.outcome import ACCEPTED, COUNTS
from jobs.table import Table
from jobs.totals import Against, found_name, needed_name, totalled

ROWS, RECEIVED, EXPECTED, TAKEN = "rows", "received", "expected", "taken"

Day = date | None
"""A grid day; None for what belongs to none, as all rows of a table that is not kept by day."""


@dataclass(frozen=True)
class Check:
    """One thing that must hold of a table: where, what in words, and in SQL for a single row (None for the key)."""

    where: str
    needed: str
    condition: str | None
    column: str | None = None

    @property
    def name(self) -> str:
        return f"{self.where}: {self.needed}"


@cache
def checks(table: Table) -> tuple[Check, ...]:
    """All that must hold of the table by its declaration."""
    found = [Check(f"{table.name} key", f"({', '.join(table.key)}) is unique", None)]
    for column in table.columns:
        where = f"{table.name}.{column.name}"
        if not column.nullable:
            found.append(Check(where, "not null", f"{column.name} is not null", column.name))
        found += [Check(where, needed, condition, column.name) for needed, condition in column.checks()]
    return tuple(found)


@dataclass
class Counts:
    """How much was taken in, by outcome: rows of entities, channel-intervals of interval data."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    superseded: int = 0

    @property
    def taken_in(self) -> int:
        return self.accepted + self.rejected + self.duplicates + self.superseded


@dataclass(frozen=True)
class Measures:
    """Sums over the rows of a table.

    Parameters
    ----------
    by_day
        For each grid day: rows accepted (`ROWS`), the count of each outcome, channel-intervals `RECEIVED` and
        `EXPECTED`, rows that fail each check by its name, and what each total is and must be
        (`jobs.totals.found_name`, `jobs.totals.needed_name`).
    taken
        Rows or reads that the transform took in, where each of them must have an outcome.
    """

    by_day: dict[Day, dict[str, int]]
    taken: int | None = None

    def counts(self, without: Iterable[Day] = ()) -> Counts:
        """Sums over all days but those of ``without``."""
        without = set(without)
        left = [sums for day, sums in self.by_day.items() if day not in without]
        return Counts(*(sum(sums[name] for sums in left) for name in (ROWS, *COUNTS)))


def measured(
    table: Table, rows: DataFrame, *, taken: DataFrame | None = None, against: Sequence[Against] = ()
) -> Measures:
    """The measures of ``rows``, which hold the table's columns and perhaps those of `jobs.outcome`; one Spark job.

    Lists that tasks have written to files already (`jobs.lake.day_files`) were checked there.
    """
    day = (F.col("grid_date") if table.replace == "day" else F.lit(None).cast("date")).alias("day")
    kept = F.col("_outcome") == ACCEPTED if "_outcome" in rows.columns else F.lit(True)
    unique, *single = checks(table)
    sums = {ROWS: F.sum(kept.cast("long"))}
    sums |= {name: F.sum(name) for name in COUNTS if name in rows.columns}
    if "received_intervals" in rows.columns:
        sums[RECEIVED] = F.sum(F.when(kept, F.col("received_intervals")))
        sums[EXPECTED] = F.sum(F.when(kept, F.lit(1440) / F.col("interval_minutes")))
    for one in against:
        sums |= {found_name(name): F.sum(F.when(kept, each)) for name, each in one.of_table(table).items()}
    for check in (check for check in single if check.column in rows.columns):
        sums[check.name] = F.count_if(kept & ~F.coalesce(F.expr(str(check.condition)), F.lit(True)))
    by_row = rows.groupBy(day).agg(*[column.alias(name) for name, column in sums.items()])
    same_key = rows.where(kept).groupBy(*table.key).agg(F.count(F.lit(1)).alias("_same")).where("_same > 1")
    parts = [by_row, same_key.groupBy(day).agg(F.sum("_same").alias(unique.name))]
    if taken is not None:
        parts.append(taken.agg(F.coalesce(F.sum("taken"), F.lit(0)).alias(TAKEN)))
    for one in against:
        totals = [F.sum(each).alias(needed_name(name)) for name, each in one.of_read(table).items()]
        parts.append(one.rows.groupBy(day).agg(*totals))
    total_names = [of(name) for name in totalled(against) for of in (found_name, needed_name)]
    names = (ROWS, *COUNTS, RECEIVED, EXPECTED, *(check.name for check in checks(table)), *total_names)
    by_day: dict[Day, dict[str, int]] = {}
    came = None
    union = reduce(lambda some, more: some.unionByName(more, allowMissingColumns=True), parts)
    for row in (found.asDict() for found in union.collect()):
        if row.get(TAKEN) is not None:
            came = int(row[TAKEN])
            continue
        of_day = by_day.setdefault(row["day"], dict.fromkeys(names, 0))
        for name in names:
            of_day[name] += int(row.get(name) or 0)
        if "_accepted" not in rows.columns:  # what judges nothing accepts every row
            of_day["_accepted"] = of_day[ROWS]
    return Measures(by_day, came)
