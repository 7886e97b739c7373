"""The gate: what would be written is audited by Great Expectations before anything is committed.

The suite of a table comes from its declaration, one expectation for each thing that must hold. Spark counts the
rows that fail each, by grid day, in one pass; Great Expectations judges the counts, so an audit costs the same
whatever the length of the table. Where it fails, the first keys are looked up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from threading import Lock

import great_expectations as gx
import pandas as pd
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.core.expectation_suite import ExpectationSuite
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.core.expect_column_max_to_be_between import ExpectColumnMaxToBeBetween
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import first_keys
from jobs.table import Table

FIRST_KEYS = 3
ROWS = "rows"
_JUDGE = Lock()  # Great Expectations keeps its context in a global


@dataclass(frozen=True)
class Check:
    """One thing that must hold of a table: where, what in words, and in SQL for a single row (None for the key)."""

    where: str
    needed: str
    condition: str | None

    @property
    def name(self) -> str:
        return f"{self.where}: {self.needed}"


@dataclass
class Verdict:
    """What an audit found. ``bad_days`` are the grid days that must not be written."""

    faults: list[str] = field(default_factory=list)
    bad_days: dict[date, list[str]] = field(default_factory=dict)
    undated: bool = False
    """True where no day can be blamed for a fault: nothing at all may be written."""

    def add(self, fault: str, days: Iterable[date | None]) -> None:
        self.faults.append(fault)
        for day in days:
            if day is None:
                self.undated = True
            else:
                self.bad_days.setdefault(day, []).append(fault)


@cache
def checks(table: Table) -> tuple[Check, ...]:
    """All that must hold of the table by its declaration."""
    found = [Check(f"{table.name} key", f"({', '.join(table.key)}) is unique", None)]
    for column in table.columns:
        where = f"{table.name}.{column.name}"
        if not column.nullable:
            found.append(Check(where, "not null", f"{column.name} is not null"))
        found += [Check(where, needed, condition) for needed, condition in column.checks()]
    return tuple(found)


def audit(table: Table, rows: DataFrame) -> Verdict:
    """Judge ``rows`` by the table's suite; they are read once, and again only where something fails."""
    verdict = Verdict()
    failing = _failing(table, rows)
    if not failing:
        return verdict
    refused = _refused(table, pd.DataFrame(list(failing.values())).drop(columns=ROWS))
    total = sum(counts[ROWS] for counts in failing.values())
    for check in checks(table):
        if check.name in refused:
            bad = {day: counts[check.name] for day, counts in failing.items() if counts[check.name]}
            verdict.add(_fault(table, rows, check, sum(bad.values()), total), bad)
    return verdict


def _failing(table: Table, rows: DataFrame) -> dict[date | None, dict[str, int]]:
    """Rows, and rows that fail each check (by its name), of each grid day; of other tables under one None."""
    day = (F.col("grid_date") if table.replace == "day" else F.lit(None).cast("date")).alias("day")
    unique, *single = checks(table)
    by_row = rows.groupBy(day).agg(
        F.count(F.lit(1)).alias(ROWS),
        *[F.count_if(~F.coalesce(F.expr(str(check.condition)), F.lit(True))).alias(check.name) for check in single],
    )
    by_key = rows.groupBy(*table.key).agg(F.count(F.lit(1)).alias("_same")).where("_same > 1")
    repeated = by_key.groupBy(day).agg(F.sum("_same").alias(unique.name))
    found: dict[date | None, dict[str, int]] = {}
    for row in by_row.unionByName(repeated, allowMissingColumns=True).collect():
        sums = found.setdefault(row["day"], dict.fromkeys((ROWS, *(check.name for check in checks(table))), 0))
        for name in sums:
            sums[name] += row[name] or 0
    return found


def _refused(table: Table, counts: pd.DataFrame) -> set[str]:
    """Names of the checks that Great Expectations finds failing: those of which some row fails."""
    with _JUDGE:
        suite = ExpectationSuite(
            name=table.name,
            expectations=[ExpectColumnMaxToBeBetween(column=name, max_value=0) for name in counts.columns],
        )
        batch = _measured().get_batch({"dataframe": counts})
        result = batch.validate(suite, result_format="BOOLEAN_ONLY")
    return {
        one.expectation_config.kwargs["column"]
        for one in result.results
        if not one.success and one.expectation_config is not None
    }


@cache
def _measured() -> BatchDefinition[None]:
    """Where Great Expectations takes the counts from; nothing is stored or sent anywhere."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return (
        context.data_sources.add_pandas("measured")
        .add_dataframe_asset("failing_rows")
        .add_batch_definition_whole_dataframe("days")
    )


def _fault(table: Table, rows: DataFrame, check: Check, found: int, total: int) -> str:
    """The check that fails, of how many rows, with the first keys."""
    if check.condition is None:
        bad = rows.groupBy(*table.key).count().where("count > 1")
    else:
        bad = rows.where(~F.coalesce(F.expr(check.condition), F.lit(True)))
    first = bad.select(*table.key).orderBy(*table.key).take(FIRST_KEYS)
    keys = first_keys([tuple(map(str, row)) for row in first])
    return (
        f"{check.where}: {found:,} of {total:,} rows fail '{check.needed}'; first by ({', '.join(table.key)}): {keys}"
    )
