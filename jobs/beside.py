"""Which days a build makes of a table, and what stands beside a build that makes one table of many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import reduce

from pyspark.sql import DataFrame

from jobs.job import Job
from jobs.lake.direct import standing_days
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.ops.last_runs import last_runs_of
from jobs.plan import in_order, needed_for
from jobs.registry import all_tables
from jobs.span import Span
from jobs.table_run import TableRun


def span_of_job(job: Job, asked: Span, upstream: Iterable[Span], read: Callable[[str, Span], DataFrame]) -> Span:
    """The days asked for, those that were made of tables the job reads, and those that its own bear on.

    Parameters
    ----------
    upstream
        Days that the same build, or those before it, made of what the job reads.
    read
        From a table and days to its rows of these days.
    """
    span = reduce(Span.joined, upstream, asked)
    before, after = job.bears_on
    if before or after:
        around = span.widened(before, after)
        days = [one.table for one in job.reads.values() if all_tables()[one.table].replace == "day"]
        stand = {day for name in days for day in standing_days(read(name, around))}
        while span.first > around.first and span.first - timedelta(days=1) in stand:
            span = span.widened(before=1)
        while span.end < around.end and span.end in stand:
            span = span.widened(after=1)
    return span


def runs_beside(lake: Lake, names: list[str], jobs: dict[str, Job], asked: Span) -> dict[str, TableRun]:
    """Of each table that the named ones stand on: the days that one build of all makes of it for the days asked for.

    With the days that its last run refused, and those that are provisional, if a named table reads it by day.
    """
    runs: dict[str, TableRun] = {}
    needed = needed_for(names, jobs)
    for name in in_order(needed):
        if name not in names:
            upstream = [run.span for one in needed[name].reads.values() if (run := runs.get(one.table)) and run.span]
            span = span_of_job(
                needed[name], asked, upstream, lambda table, days: read_table(lake, all_tables()[table], days)
            )
            runs[name] = TableRun(needed[name].table, span=span)
    read = {one.table for name in names for one in needed[name].reads.values()}
    by_day = [name for name in read & runs.keys() if runs[name].table.replace == "day"]
    for row in last_runs_of(lake, by_day) if by_day else []:
        run = runs[row["table_name"]]
        assert run.span is not None
        run.bad_days = {day: ["its audit failed"] for day in _days(row["bad_days"], run.span)}
        run.provisional_days = set(_days(row["provisional_days"], run.span))
    return runs


def _days(written: Iterable[str], span: Span) -> list[date]:
    return [day for day in map(date.fromisoformat, written) if day in span]
