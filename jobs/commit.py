"""What a table's run commits: first what was refused, then, as the audit allows, the good days or the whole."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import AuditError
from jobs.gate import Verdict
from jobs.lake.day_files import DayFiles
from jobs.lake.lake import Lake
from jobs.lake.write import replace_all, replace_days, replace_where
from jobs.rejected import rejected_rows, rejected_table
from jobs.span import Span
from jobs.table import Table
from jobs.table_run import TableRun

ROWS_A_FILE = 200_000


def commit_rejected(lake: Lake, run: TableRun, refused: DataFrame, days: list[date]) -> None:
    """Keep what was refused, before the audit: it says why a day is bad."""
    table = rejected_table(run.table)
    _replace(lake, run, table, laid_out(table, rejected_rows(refused, run.table), run.counts.rejected), days)


def commit(lake: Lake, run: TableRun, rows: DataFrame, verdict: Verdict, into: DayFiles | None) -> None:
    """Commit the rows that the verdict lets through, or the files ``into`` which tasks wrote them.

    The run's status and reason say what came of it, its version which one of the table's was made.

    Raises
    ------
    AuditError
        Nothing may be committed.
    """
    table, span = run.table, run.span
    assert span is not None
    if verdict.undated or (verdict.faults and table.replace != "day"):
        raise AuditError("\n".join(verdict.faults))
    run.bad_days.update(verdict.bad_days)
    run.provisional_days = (run.provisional_days | verdict.provisional_days) - run.bad_days.keys()
    days = [day for day in span if day not in run.bad_days]
    if table.replace == "day" and run.bad_days:
        run.status = "partial" if days else "failed"
        run.reason = "\n".join(verdict.faults) or "days that it stands on failed their audit"
    if into is None:
        laid = laid_out(table, rows.select(*table.column_names), run.counts.rows)
        laid = laid.where(F.col("grid_date").isin(days)) if table.replace == "day" else laid
        run.version = _replace(lake, run, table, laid, days)
    else:
        run.version = into.commit(lake, into.held(rows.where(F.col("grid_date").isin(days)), audited=True), days)


def _replace(lake: Lake, run: TableRun, table: Table, rows: DataFrame, days: list[date]) -> int | None:
    assert run.span is not None
    if table.replace == "day":
        return replace_days(lake, table, rows, days)
    if table.replace == "period":
        return replace_where(lake, table, rows, period_condition(run.table, run.span))
    return replace_all(lake, table, rows)


def laid_out(table: Table, rows: DataFrame, count: int) -> DataFrame:
    """Rows in as many tasks as their number asks for: each task writes a file, of a day table one for each day."""
    tasks = -(-count // ROWS_A_FILE) or 1
    if table.replace != "day":
        return rows.coalesce(tasks)
    if count < ROWS_A_FILE:
        return rows.repartition(rows.sparkSession.sparkContext.defaultParallelism, "grid_date")
    return rows  # its transform has few tasks a day


def period_condition(table: Table, span: Span) -> str:
    """SQL condition of the periods that a build of ``span`` replaces in ``table``: days by the month.

    >>> from datetime import date
    >>> from jobs.gold.feeder_load_metrics import FEEDER_LOAD_METRICS
    >>> for kind in period_condition(FEEDER_LOAD_METRICS, Span(date(2016, 1, 1), date(2016, 2, 1))).split(" or "):
    ...     print(kind)
    (period_kind = 'month' and period_start in (date'2016-01-01'))
    (period_kind = 'year' and period_start in (date'2016-01-01'))
    >>> from jobs.gold.feeder_energy_balance import FEEDER_ENERGY_BALANCE
    >>> period_condition(FEEDER_ENERGY_BALANCE, Span(date(2016, 1, 30), date(2016, 2, 1))).split(" or ")[0]
    "(period_kind = 'day' and period_start >= date'2016-01-01' and period_start < date'2016-02-01')"
    """
    months, years = (", ".join(f"date'{day}'" for day in days) for days in (span.months, span.years))
    if "month_start" in table.column_names:
        return f"month_start in ({months})"
    whole = span.whole_months()
    of_kind = {
        "day": f"period_start >= date'{whole.first}' and period_start < date'{whole.end}'",
        "month": f"period_start in ({months})",
        "year": f"period_start in ({years})",
    }
    kinds = table.column("period_kind").codes or {}
    return " or ".join(f"(period_kind = '{kind}' and {of_kind[kind]})" for kind in of_kind if kind in kinds)
