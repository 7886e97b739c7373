"""The gate: what would be written is audited by Great Expectations before anything is committed.

The suite of a table comes from its declaration, one expectation for each thing that must hold. Spark counts the
rows that fail each, by grid day (``jobs/measure.py``), and adds up what must agree (``jobs/totals.py``); Great
Expectations judges counts and differences, so an audit costs the same whatever the length of the table. Where it
fails, the first keys are looked up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
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
from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from jobs.errors import first_keys
from jobs.measure import EXPECTED, RECEIVED, ROWS, Check, Day, Measures, checks
from jobs.outcome import COUNTS
from jobs.rejected import rejected_table
from jobs.settings import Audit
from jobs.table import Table
from jobs.totals import Against, decimal_places, found_name, needed_name, totalled

FIRST_KEYS = 3
_JUDGE = Lock()  # Great Expectations keeps its context in a global


@dataclass
class Verdict:
    """What an audit found.

    Parameters
    ----------
    bad_days
        The grid days that must not be written.
    provisional_days
        Those of which enough was received to write them, and too little to call them complete.
    """

    faults: list[str] = field(default_factory=list)
    bad_days: dict[date, list[str]] = field(default_factory=dict)
    provisional_days: set[date] = field(default_factory=set)
    undated: bool = False
    """True where no day can be blamed for a fault: nothing at all may be written."""

    def add(self, fault: str, days: Iterable[Day]) -> None:
        self.faults.append(fault)
        for day in days:
            if day is None:
                self.undated = True
            else:
                self.bad_days.setdefault(day, []).append(fault)


def audit(
    table: Table,
    rows: DataFrame,
    measures: Measures,
    limits: Audit,
    *,
    refused: DataFrame | None = None,
    against: Sequence[Against] = (),
) -> Verdict:
    """Judge ``rows`` by their measures: its suite, and of each day the totals and the shares rejected and received.

    The rows themselves are read only where something fails, for the first keys.

    Parameters
    ----------
    refused
        The rejected rows beside them, where any row can be.
    against
        What the totals of each day are held against, each by itself.
    """
    verdict = Verdict()
    failing = _failing(table, measures, against)
    total = sum(sums[ROWS] for sums in measures.by_day.values())
    for check in checks(table):
        if check.name in failing:
            bad = {day: sums[check.name] for day, sums in measures.by_day.items() if sums[check.name]}
            verdict.add(_fault(table, rows, check, sum(bad.values()), total), bad)
    for each in against:
        for name in (name for name in each.totals.needed if name in failing):
            _judge_total(table, rows, measures, each, name, verdict)
    _judge_rejected(table, refused, measures, limits, verdict)
    _judge_received(table, rows, measures, limits, verdict)
    return verdict


def _failing(table: Table, measures: Measures, against: Sequence[Against]) -> set[str]:
    """What Great Expectations finds failing: names of checks that some row fails, columns whose total disagrees."""
    if not measures.by_day:
        return set()
    by_day = pd.DataFrame(list(measures.by_day.values()))
    counts = by_day[[check.name for check in checks(table)]].copy()
    for name in totalled(against):
        counts[name] = (by_day[found_name(name)] - by_day[needed_name(name)]).abs()
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
    return f"{check.where}: {found:,} of {total:,} rows fail '{check.needed}'{_first_by(table.key, first)}"


def _judge_total(
    table: Table, rows: DataFrame, measures: Measures, against: Against, name: str, verdict: Verdict
) -> None:
    """Days whose rows (the table, if it is not kept by day) add up to something else than the rows that were read."""
    differences = {day: sums[found_name(name)] - sums[needed_name(name)] for day, sums in measures.by_day.items()}
    undated = table.replace != "day"
    bad = {day: difference for day, difference in differences.items() if (day is not None or undated) and difference}
    told = against.disagreeing(table, rows, name, bad, FIRST_KEYS)
    column, by = table.column(name), ", ".join(against.totals.by)
    unit = "" if column.unit == "1" else f" {column.unit}"
    for day, difference in bad.items():
        keys, first = told.get(day, (0, []))
        is_, must = (decimal_places(column, measures.by_day[day][of(name)]) for of in (found_name, needed_name))
        fault = (
            f"{table.name}.{name}{'' if day is None else f' on {day}'}: {is_:,}{unit} in total, "
            f"{must:,} needed by {against.table_name}: {decimal_places(column, difference):+,}; "
            f"{keys:,} disagreeing, first by ({by}, difference): {first_keys(first)}"
        )
        verdict.add(fault, [day])


def _judge_rejected(
    table: Table, refused: DataFrame | None, measures: Measures, limits: Audit, verdict: Verdict
) -> None:
    """Days of which too large a share was rejected."""
    taken = {day: sum(sums[name] for name in COUNTS) for day, sums in measures.by_day.items()}
    bad = {
        day: n for day, sums in measures.by_day.items() if (n := sums["_rejected"]) > limits.rejected_share * taken[day]
    }
    first = _first(table, refused, ("_rule", "_file_id", "_line"), bad)
    for day, rejected in bad.items():
        fault = f"{rejected:,} of {taken[day]:,} rejected, at most {limits.rejected_share:.1%} may be"
        verdict.add(f"{_where(table, day)}: {fault}{first[day]} (all: {rejected_table(table).name})", [day])


def _judge_received(table: Table, rows: DataFrame, measures: Measures, limits: Audit, verdict: Verdict) -> None:
    """Days of which too small a share was received, and those that are provisional for it."""
    share = {day: sums[RECEIVED] / sums[EXPECTED] for day, sums in measures.by_day.items() if sums[EXPECTED]}
    bad = [day for day in share if share[day] < limits.received_share]
    verdict.provisional_days |= {
        day for day in share if day and limits.received_share <= share[day] < limits.complete_share
    }
    lacking = rows.where("received_intervals * interval_minutes < 1440") if bad else None
    first = _first(table, lacking, table.key, bad)
    for day in bad:
        sums = measures.by_day[day]
        fault = f"{sums[RECEIVED]:,} of {sums[EXPECTED]:,} expected channel-intervals received"
        verdict.add(f"{_where(table, day)}: {fault}, at least {limits.received_share:.1%} must be{first[day]}", [day])


def _where(table: Table, day: Day) -> str:
    return table.name if day is None else f"{table.name} on {day}"


def _first(table: Table, rows: DataFrame | None, names: tuple[str, ...], days: Iterable[Day]) -> dict[Day, str]:
    """The first of the rows of each day by ``names``, in words."""
    told = dict.fromkeys(days, "")
    if rows is None or not told:
        return told
    by_day = table.replace == "day"
    of_days = rows.where(F.col("grid_date").isin(list(told))) if by_day else rows
    day = (F.col("grid_date") if by_day else F.lit(None).cast("date")).alias("_day")
    number = F.row_number().over(Window.partitionBy("_day").orderBy(*names))
    numbered = of_days.select(day, *names).withColumn("_number", number).where(F.col("_number") <= FIRST_KEYS)
    found: dict[Day, list[Row]] = {}
    for row in numbered.orderBy("_day", "_number").collect():
        found.setdefault(row["_day"], []).append(row)
    return told | {one: _first_by(names, of_day) for one, of_day in found.items()}


def _first_by(names: tuple[str, ...], rows: list[Row]) -> str:
    by = ", ".join(name.removeprefix("_") for name in names)
    return f"; first by ({by}): {first_keys([tuple(str(row[name]) for name in names) for row in rows])}"
