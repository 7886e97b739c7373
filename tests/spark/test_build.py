"""A build: what stands on a bad day is not built for it, everything else is, and every table's run is recorded."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DateType, DoubleType, IntegerType, StringType

from jobs import build as building
from jobs import columns as c
from jobs.bronze.file import BRONZE_FILE
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.build import Build, build, received_span
from jobs.errors import GridlakeError, LakeError
from jobs.job import Job, Read
from jobs.lake.day_files import DayFiles, in_tasks
from jobs.lake.direct import Batches
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, table_version
from jobs.lake.write import replace_all
from jobs.notice import Notice
from jobs.ops import record
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.outcome import ACCEPTED, REJECTED, counted
from jobs.query.listing import run_lines
from jobs.rejected import rejected_table
from jobs.rule import Rule
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table
from tests.builders import frame
from tests.spark.day_table import files

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


@pytest.fixture
def run(lake: Lake, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Build the small chain over the given raw rows."""

    def run(
        rows: list[dict[str, Any]] | None,
        *names: str,
        jobs: tuple[Job, ...] = JOBS,
        tables: tuple[Table, ...] = (),
        span: Span = DAYS,
        alone: bool = False,
    ) -> Build:
        by_name = {job.table.name: job for job in jobs}
        declared = (RAW, *tables, *(job.table for job in jobs), RELEASE, RUN, rejected_table(BLOCK))
        named = {table.name: table for table in declared}
        monkeypatch.setattr(building, "all_jobs", lambda: by_name)
        monkeypatch.setattr(building, "all_tables", lambda: named)
        monkeypatch.setattr(record, "all_tables", lambda: named)
        if rows is not None:
            replace_all(lake, RAW, frame(lake.spark, RAW, *rows))
        lines: list[str] = []
        result = build(lake, settings, span, list(names), echo=lines.append, alone=alone)
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


def test_a_good_build_commits_everything_and_makes_a_release_and_a_second_one_changes_nothing(
    lake: Lake, run: Run
) -> None:
    for _ in range(2):
        result = run(GOOD)
        assert not result.failed
        assert days_in(lake, COPY) == list(DAYS)
        assert [row["days"] for row in read_table(lake, YEAR).collect()] == [3]
    releases = {row["release_id"]: row["table_versions"] for row in read_table(lake, RELEASE).collect()}
    assert len(releases) == 2
    assert releases[result.run_id] == {job.table.name: table_version(lake, job.table) for job in JOBS} | {
        "bronze.raw": 1
    }
    runs = {row["table_name"]: row for row in read_table(lake, RUN).where(f"run_id = '{result.run_id}'").collect()}
    assert set(runs) == set(result.runs)
    assert runs["gold.copy"]["read_versions"] == {"gold.profile": releases[result.run_id]["gold.profile"]}
    assert (runs["silver.block"]["rows"], runs["silver.block"]["accepted"], runs["silver.block"]["status"]) == (
        3,
        3,
        "ok",
    )


def test_a_table_built_alone_takes_its_place_in_the_newest_release(lake: Lake, run: Run) -> None:
    def released(result: Build) -> dict[str, int]:
        row = read_table(lake, RELEASE).where(f"release_id = '{result.run_id}'").first()
        assert row is not None
        return dict(row["table_versions"])

    whole = released(run(GOOD))
    alone = run(None, "gold.copy", alone=True)
    assert set(alone.runs) == {"gold.copy"}
    assert released(alone) == whole | {"gold.copy": table_version(lake, COPY)}
    run(None, "gold.profile")  # the release of this holds what it needs, and neither copy nor year
    later = released(run(None, "gold.copy", alone=True))
    assert set(later) == {"bronze.raw", "silver.block", "gold.profile", "gold.copy"}
    replace_all(lake, PROFILE, read_table(lake, PROFILE))  # by hand: no release has this version
    assert set(released(run(None, "gold.copy", alone=True))) == {"gold.profile", "gold.copy"}


def test_days_that_a_day_bears_on_are_made_anew_where_they_stand(lake: Lake, run: Run) -> None:
    profile, *others = (JOBS[1], JOBS[2], JOBS[3])
    jobs = (JOBS[0], replace(profile, bears_on=(1, 2)), *others)
    days = Span(FIRST, FIRST + timedelta(days=5))
    run([raw(number, day) for number, day in enumerate(days)], jobs=jobs, span=days)
    one = Span(FIRST + timedelta(days=1), FIRST + timedelta(days=2))
    spans = {name: table.span for name, table in run(None, jobs=jobs, span=one).runs.items()}
    around = Span(FIRST, FIRST + timedelta(days=4))
    assert spans == {"silver.block": one, "gold.profile": around, "gold.copy": around, "gold.year": around}
    assert days_in(lake, COPY) == list(days)
    first = Span(FIRST, FIRST + timedelta(days=1))  # of the day before it nothing stands
    assert run(None, jobs=jobs, span=first).runs["gold.profile"].span == Span(FIRST, FIRST + timedelta(days=3))


def test_a_bad_day_commits_nothing_of_that_day_nor_of_what_stands_on_it(lake: Lake, run: Run) -> None:
    run([{**row, "share": 0.25} for row in GOOD])
    before = files(lake.path(BLOCK), BAD_DAY)
    result = run([raw(0, FIRST), raw(1, BAD_DAY, share=1.5), raw(2, date(2016, 3, 3))], "gold.copy", "gold.year")
    assert statuses(result) == {
        "silver.block": "partial",
        "gold.profile": "partial",
        "gold.copy": "partial",
        "gold.year": "ok",
    }
    assert files(lake.path(BLOCK), BAD_DAY) == before  # nor what tasks wrote of it
    for table in (BLOCK, PROFILE, COPY):
        found = {row["grid_date"].day: row["share"] for row in read_table(lake, table).collect()}
        assert found == {1: 0.5, 2: 0.25, 3: 0.5}  # the bad day stands as it stood before
    assert [row["days"] for row in read_table(lake, YEAR).collect()] == [3]
    block = result.runs["silver.block"]
    assert block.reason == (
        "silver.block.share: 1 of 3 rows fail 'every value <= 1'; "
        "first by (feeder_id, grid_date): [('F1', '2016-03-02')]"
    )
    assert (block.counts.rows, set(block.bad_days)) == (2, {BAD_DAY})
    rows = {row["table_name"]: row for row in read_table(lake, RUN).where(f"run_id = '{result.run_id}'").collect()}
    assert rows["gold.copy"]["bad_days"] == ["2016-03-02"]
    assert read_table(lake, RELEASE).count() == 1  # the first build's


def test_refused_rows_of_other_periods_stay(lake: Lake, run: Run) -> None:
    def refusing(rows: DataFrame) -> DataFrame:
        start = F.trunc("grid_date", "year")
        return blocks(rows).withColumns({"period_kind": F.lit("year"), "period_start": start, "days": F.lit(1)})

    job = Job(YEAR, refusing, {"rows": Read("bronze.raw")})
    for number, year in enumerate((2015, 2016, 2015)):
        day = date(year, 3, 1)
        run([raw(number, day, fault="R1")], "gold.year", jobs=(job,), span=Span(day, day + timedelta(days=1)))
    kept = read_table(lake, rejected_table(YEAR)).collect()
    assert {(row["period_start"].year, row["first_line"]) for row in kept} == {(2016, 1), (2015, 2)}


def test_a_day_with_too_much_rejected_is_bad_and_says_where_to_look(lake: Lake, run: Run) -> None:
    refused = [raw(100 + n, BAD_DAY, f"F{n}", fault="R1") for n in range(3)]
    good = [raw(200 + n, BAD_DAY, f"G{n}") for n in range(97)]
    result = run([*GOOD, *refused, *good], "silver.block")
    block = result.runs["silver.block"]
    assert block.status == "partial"
    assert block.reason == (
        "silver.block on 2016-03-02: 3 of 101 rejected, at most 2.0% may be; first by (rule, file_id, line): "
        "[('R1', 'f1', '100'), ('R1', 'f1', '101'), ('R1', 'f1', '102')] (all: silver.block_rejected)"
    )
    assert (block.counts.accepted, block.counts.rejected) == (100, 3)
    assert days_in(lake, BLOCK) == [FIRST, date(2016, 3, 3)]
    kept = read_table(lake, rejected_table(BLOCK)).collect()
    assert sorted((row["rule_id"], row["first_line"], row["weight"]) for row in kept) == [
        ("R1", n, 1) for n in (100, 101, 102)
    ]
    fewer = run([*GOOD, *refused[:2], *good], "silver.block")  # 2 of 100
    assert not fewer.failed
    assert read_table(lake, rejected_table(BLOCK)).count() == 2


def test_a_day_with_too_little_received_is_bad(run: Run) -> None:
    result = run([raw(0, FIRST, received=20), raw(1, BAD_DAY, received=19), raw(2, date(2016, 3, 3))], "silver.block")
    assert result.runs["silver.block"].reason == (
        "silver.block on 2016-03-02: 19 of 24 expected channel-intervals received, at least 80.0% must be; "
        "first by (feeder_id, grid_date): [('F1', '2016-03-02')]"
    )
    assert set(result.runs["silver.block"].bad_days) == {BAD_DAY}


def test_a_day_with_enough_to_commit_and_too_little_to_be_complete_is_provisional_and_so_is_what_stands_on_it(
    lake: Lake, run: Run
) -> None:
    few = [raw(0, FIRST), raw(1, BAD_DAY, received=22), raw(2, date(2016, 3, 3), received=15)]
    result = run(few)
    told = {name: "provisional (['2016-03-02'])" in str(one) for name, one in result.runs.items()}
    of_day = {"silver.block": True, "gold.profile": True, "gold.copy": True}
    assert told == of_day | {"gold.year": False, "gold.apart": False}
    rows = {row["table_name"]: row for row in read_table(lake, RUN).collect()}
    assert {name: row["provisional_days"] == ["2016-03-02"] for name, row in rows.items()} == told
    assert rows["gold.copy"]["bad_days"] == ["2016-03-03"]
    assert days_in(lake, COPY) == [FIRST, BAD_DAY]
    listed = {line.split()[3]: "provisional (['2016-03-02'])" in line for line in run_lines(lake, 10)}
    assert listed == told
    assert all(one.provisional_days == set() for one in run(GOOD).runs.values())


def test_what_stands_and_is_told_all_the_same_is_in_the_builds_line_and_in_ops_run(lake: Lake, run: Run) -> None:
    def low(rows: DataFrame, settings: Settings, span: Span) -> DataFrame:
        return rows.where((F.col("share") < 0.5) & (F.col("grid_date") < F.lit(span.end)))

    rule = Rule("L99", "low", "the share is low")
    job = replace(JOBS[4], notices=(Notice(rule, ("grid_date", "feeder_id"), low),))
    rows = [raw(n, FIRST, f"F{n}", share=0.1 * n) for n in range(1, 6)]
    bad = [raw(10, BAD_DAY, "F1", share=0.1), raw(11, BAD_DAY, "F2", share=7.0)]
    result = run([*rows, *bad, raw(12, date(2016, 3, 3))], "gold.apart", jobs=(job,))
    keys = [f"2016-03-01, F{n}" for n in (1, 2, 3)]
    told = f"  L99 low of 4 ({keys} and 1 more)"  # nothing of the bad day: its row does not stand
    assert f"{told}  PARTIAL" in str(result.runs["gold.apart"])
    (row,) = read_table(lake, RUN).collect()
    assert [(one["rule"], one["found"], one["keys"]) for one in row["notices"]] == [("L99 low", 4, keys)]
    assert told in next(run_lines(lake, 1))
    failed = run(
        [raw(1, FIRST, share=0.1), raw(2, FIRST, share=0.2)], "gold.apart", jobs=(job,), span=Span(FIRST, BAD_DAY)
    )
    assert (failed.runs["gold.apart"].status, failed.runs["gold.apart"].notices) == ("failed", [])


def test_where_every_day_is_bad_the_table_failed_and_what_stands_on_it_is_blocked(lake: Lake, run: Run) -> None:
    result = run([{**row, "share": None} for row in GOOD], "gold.copy", "gold.apart")
    assert statuses(result) == {
        "silver.block": "failed", "gold.apart": "failed", "gold.profile": "blocked", "gold.copy": "blocked",
    }  # fmt: skip
    assert result.runs["gold.profile"].reason == "not built: silver.block failed"
    assert not lake.exists(COPY)


def test_a_job_that_raises_is_reported_by_its_tables_name_and_the_others_go_on(lake: Lake, run: Run) -> None:
    def broken(rows: DataFrame) -> DataFrame:
        raise KeyError("no such thing")

    def breaks_in_spark(rows: DataFrame) -> DataFrame:
        return rows.select("feeder_id", "grid_date", (F.lit(1.0) / (F.col("share") - F.col("share"))).alias("share"))

    jobs = (JOBS[0], Job(PROFILE, broken, {"rows": Read("silver.block")}), JOBS[2],
            Job(APART, breaks_in_spark, {"rows": Read("silver.block")}))  # fmt: skip
    result = run(GOOD, jobs=jobs)
    assert statuses(result) == {
        "silver.block": "ok", "gold.profile": "failed", "gold.apart": "failed", "gold.copy": "blocked",
    }  # fmt: skip
    assert result.runs["gold.profile"].reason == "gold.profile: KeyError: 'no such thing'"
    assert str(result.runs["gold.apart"].reason).startswith("gold.apart: ")
    assert "DIVIDE_BY_ZERO" in str(result.runs["gold.apart"].reason)
    assert read_table(lake, RUN).where("status = 'failed'").count() == 2
    assert not lake.exists(RELEASE)


def test_a_row_without_an_outcome_is_found(run: Run) -> None:
    losing = Job(BLOCK, lambda raw: blocks(raw).where("line <> 1"), {"raw": Read("bronze.raw")}, judges="raw")
    result = run(GOOD, jobs=(losing,))
    assert result.runs["silver.block"].reason == "silver.block: 3 rows in, but 2 have an outcome; each must"


def test_a_named_table_is_built_with_its_needs_only_and_its_release_leaves_the_others_out(lake: Lake, run: Run) -> None:
    run(GOOD)
    result = run([{**row, "share": 0.75} for row in GOOD], "gold.profile")
    assert list(result.runs) == ["silver.block", "gold.profile"]
    release = read_table(lake, RELEASE).where(f"release_id = '{result.run_id}'").first()
    assert release is not None
    assert set(release["table_versions"]) == {"bronze.raw", "silver.block", "gold.profile"}


def test_days_outside_the_span_stay_as_they_are(lake: Lake, run: Run) -> None:
    run(GOOD)
    run([{**row, "share": 0.75} for row in GOOD], span=Span(BAD_DAY, BAD_DAY + timedelta(days=1)))
    assert {row["grid_date"].day: row["share"] for row in read_table(lake, COPY).collect()} == {1: 0.5, 2: 0.75, 3: 0.5}


def test_without_a_span_all_days_received_are_built_but_none_after_the_arrival(lake: Lake) -> None:
    with pytest.raises(GridlakeError, match="no file with intervals has been ingested: name the days with --from"):
        received_span(lake)

    def file(name: str, first: date | None, last: date | None, status: str = "ok") -> dict[str, Any]:
        return {"file_id": name, "first_grid_date": first, "last_grid_date": last, "status": status,
                "arrived_utc": datetime(2016, 3, 10, tzinfo=UTC)}  # fmt: skip

    files = [
        file("a", FIRST, date(2016, 3, 4)),
        file("b", date(2016, 3, 2), date(2099, 1, 1)),
        file("c", None, None),
        file("d", date(1999, 1, 1), date(1999, 1, 2), "failed"),
    ]
    replace_all(lake, BRONZE_FILE, frame(lake.spark, BRONZE_FILE, *files))
    blocks = [("a", 4), ("b", 2), ("b", 6)]
    days = [(name, date(2016, 3, day)) for name, day in blocks] + [("b", date(2099, 1, 1)), ("d", date(2016, 3, 9))]
    rows = [{"file_id": name, "first_grid_date": day, "last_grid_date": day, "first_line": number}
            for number, (name, day) in enumerate(days, 1)]  # fmt: skip
    replace_all(lake, BRONZE_INTERVAL_BLOCK, frame(lake.spark, BRONZE_INTERVAL_BLOCK, *rows))
    assert received_span(lake) == Span(FIRST, date(2016, 3, 7))  # not up to the arrival: of the days to it nothing came


def test_what_stops_a_build_is_raised_even_where_its_runs_cannot_be_recorded(
    lake: Lake, settings: Settings, run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*arguments: Any) -> None:
        raise LakeError("ops.run: the write was refused")

    def stopped(line: str) -> None:
        raise KeyboardInterrupt

    run(GOOD, "gold.apart")
    monkeypatch.setattr(building, "record_runs", refused)
    with pytest.raises(KeyboardInterrupt):
        build(lake, settings, DAYS, ["gold.apart"], echo=stopped)
    assert "ops.run has not every row of run" in caplog.text
    with pytest.raises(LakeError, match="the write was refused"):  # nothing else went wrong
        build(lake, settings, DAYS, ["gold.apart"], echo=str.strip)


def test_a_build_that_is_stopped_ends_its_own_jobs_and_no_other_of_the_session(
    lake: Lake, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lasting(seconds: int) -> Callable[[Batches], Batches]:
        def late(batches: Batches) -> Batches:
            for batch in batches:
                for _ in range(seconds * 5):
                    time.sleep(0.2)
                    yield batch.slice(0, 0)  # Spark looks between two batches whether the task is to end
                yield batch

        return late

    def stopped(*running: Any, **how: Any) -> None:
        while len(tracker.getActiveJobsIds()) < 2:
            time.sleep(0.1)
        raise KeyboardInterrupt

    tracker = lake.spark.sparkContext.statusTracker()
    slow = Job(APART, lambda rows: same(rows).mapInArrow(lasting(300), APART.schema), {"rows": Read("bronze.raw")})
    monkeypatch.setattr(building, "all_jobs", lambda: {"gold.apart": slow})
    monkeypatch.setattr(building, "all_tables", lambda: {"gold.apart": APART, "bronze.raw": RAW})
    monkeypatch.setattr(building, "wait", stopped)
    replace_all(lake, RAW, frame(lake.spark, RAW, *GOOD).coalesce(1))
    began = time.monotonic()
    with ThreadPoolExecutor(1) as beside:
        theirs = lake.spark.range(1).mapInArrow(lasting(8), "id long")
        other = beside.submit(theirs.collect)
        with pytest.raises(KeyboardInterrupt):
            build(lake, settings, DAYS, [], echo=str.strip)
        assert [row["id"] for row in other.result()] == [0]
    assert time.monotonic() - began < 150
    assert not lake.exists(APART)


def test_a_table_that_comes_while_a_build_runs_is_not_read_nor_released(lake: Lake, run: Run) -> None:
    late = replace(RAW, name="bronze.late")

    def delivering(rows: DataFrame) -> DataFrame:
        replace_all(lake, late, frame(lake.spark, late, *GOOD))
        return same(rows)

    jobs = (
        Job(APART, delivering, {"rows": Read("bronze.raw")}),
        Job(COPY, lambda rows, late: same(rows.unionByName(late.select(rows.columns))),
            {"rows": Read("gold.apart"), "late": Read("bronze.late")}),
    )  # fmt: skip
    result = run([raw(1, FIRST)], jobs=jobs, tables=(late,))
    assert statuses(result) == {"gold.apart": "ok", "gold.copy": "ok"}
    assert days_in(lake, COPY) == [FIRST]
    assert result.runs["gold.copy"].read_versions == {"gold.apart": 0}
    release = read_table(lake, RELEASE).first()
    assert release is not None
    assert set(release["table_versions"]) == {"bronze.raw", "gold.apart", "gold.copy"}
