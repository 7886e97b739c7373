"""A small chain of tables that a build makes, for tests of the build."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DateType, DoubleType, IntegerType, StringType

from jobs import beside
from jobs import build as building
from jobs import columns as c
from jobs.build import Build, build
from jobs.job import Job, Read
from jobs.lake.day_files import DayFiles, in_tasks
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.lake.write import replace_all
from jobs.ops import record, standing
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.outcome import ACCEPTED, REJECTED, counted
from jobs.rejected import rejected_table
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table
from tests.builders import frame

FIRST = date(2016, 3, 1)
DAYS = Span(FIRST, FIRST + timedelta(days=3))
BAD_DAY = date(2016, 3, 2)

RAW = Table(
    "bronze.raw",
    "One read.",
    ("line",),
    (
        Column("line", IntegerType(), None, "Line"),
        c.FEEDER_ID,
        Column("grid_date", DateType(), None, "Day"),
        Column("share", DoubleType(), "1", "Share", nullable=True),
        Column("fault", StringType(), None, "Rule it breaks", nullable=True),
        Column("received", IntegerType(), "1", "Intervals received"),
    ),
)


def day_table(name: str) -> Table:
    columns = (c.FEEDER_ID, c.GRID_DATE, Column("share", DoubleType(), "1", "Share", minimum=0, maximum=1))
    if name == "silver.block":
        columns += (
            c.INTERVAL_MINUTES,
            Column("received_intervals", IntegerType(), "1", "Received", minimum=0),
            Column("reading", ArrayType(IntegerType(), False), "Wh", "Readings"),
        )
    return Table(name, "One feeder, one grid day.", ("feeder_id", "grid_date"), columns, "day", ("grid_date",))


BLOCK, PROFILE, COPY, APART = map(day_table, ("silver.block", "gold.profile", "gold.copy", "gold.apart"))
YEAR = Table(
    "gold.year", "One feeder, one year.", ("feeder_id", "period_kind", "period_start"),
    (c.FEEDER_ID, c.PERIOD_KIND, c.PERIOD_START, Column("days", IntegerType(), "d", "Days")), "period",
)  # fmt: skip


def blocks(raw: DataFrame, into: DayFiles | None = None) -> DataFrame:
    judged = raw.withColumns(
        {
            "_outcome": F.when(F.col("fault").isNull(), ACCEPTED).otherwise(REJECTED),
            "_rule": F.col("fault"),
            "_reason": F.concat(F.lit("found "), "fault"),
            "_record": F.lit(None).cast("string"),
            "_source": F.lit("test"),
            "_file_id": F.lit("f1"),
            "_line": F.col("line").cast("long"),
            "interval_minutes": F.lit(60),
            "received_intervals": F.col("received"),
            "reading": F.array(F.lit(1), F.lit(2)),
        }
    )
    judged = judged.withColumns(counted(F.col("_outcome")))
    return in_tasks(judged, lambda batches: batches, judged.schema, into)


def same(rows: DataFrame) -> DataFrame:
    return rows.select("feeder_id", "grid_date", "share")


def years(rows: DataFrame) -> DataFrame:
    start = F.trunc("grid_date", "year").alias("period_start")
    return rows.groupBy("feeder_id", F.lit("year").alias("period_kind"), start).agg(
        F.count("*").cast("int").alias("days")
    )


JOBS = (
    Job(BLOCK, blocks, {"raw": Read("bronze.raw")}, judges="raw", writes_files=True),
    Job(PROFILE, same, {"rows": Read("silver.block")}),
    Job(COPY, same, {"rows": Read("gold.profile")}),
    Job(YEAR, years, {"rows": Read("gold.profile", days=Span.whole_years)}),
    Job(APART, same, {"rows": Read("bronze.raw")}),
)
Run = Callable[..., Build]


def runner(lake: Lake, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """What builds the small chain over given raw rows."""

    def run(
        rows: list[dict[str, Any]] | None,
        *names: str,
        jobs: tuple[Job, ...] = JOBS,
        tables: tuple[Table, ...] = (),
        span: Span = DAYS,
        alone: bool = False,
        one_of_many: bool = False,
    ) -> Build:
        by_name = {job.table.name: job for job in jobs}
        declared = (RAW, *tables, *(job.table for job in jobs), RELEASE, RUN, rejected_table(BLOCK))
        named = {table.name: table for table in declared}
        monkeypatch.setattr(building, "all_jobs", lambda: by_name)
        monkeypatch.setattr(building, "all_tables", lambda: named)
        for module in (record, beside, standing):
            monkeypatch.setattr(module, "all_tables", lambda: named)
        monkeypatch.setattr(standing, "all_jobs", lambda: by_name)
        if rows is not None:
            replace_all(lake, RAW, frame(lake.spark, RAW, *rows))
        lines: list[str] = []
        result = build(lake, settings, span, list(names), echo=lines.append, alone=alone, one_of_many=one_of_many)
        told = [line.split()[0] for line in lines if not line.startswith("  ")]  # the others say what runs
        assert told == list(result.runs)
        return result

    return run


def raw(line: int, day: date, feeder: str = "F1", share: float | None = 0.5, **values: Any) -> dict[str, Any]:
    return {
        "line": line,
        "feeder_id": feeder,
        "grid_date": day,
        "share": share,
        "fault": None,
        "received": 24,
        **values,
    }


GOOD = [raw(number, day) for number, day in enumerate(DAYS)]


def days_in(lake: Lake, table: Table) -> list[date]:
    return sorted(row["grid_date"] for row in read_table(lake, table).collect())


def statuses(result: Build) -> dict[str, str]:
    return {name: run.status for name, run in result.runs.items()}
