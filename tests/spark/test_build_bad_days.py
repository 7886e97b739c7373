"""A day that fails its audit is not built, nor what stands on it; everything else is, and the run says why."""

from __future__ import annotations

from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.job import Job, Read
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.query.listing import run_lines
from jobs.rejected import rejected_table
from jobs.span import Span
from tests.spark.day_table import files
from tests.spark.small_chain import (
    BAD_DAY,
    BLOCK,
    COPY,
    FIRST,
    GOOD,
    PROFILE,
    YEAR,
    Run,
    blocks,
    days_in,
    raw,
    statuses,
)


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


def test_where_every_day_is_bad_the_table_failed_and_what_stands_on_it_is_blocked(lake: Lake, run: Run) -> None:
    result = run([{**row, "share": None} for row in GOOD], "gold.copy", "gold.apart")
    assert statuses(result) == {
        "silver.block": "failed", "gold.apart": "failed", "gold.profile": "blocked", "gold.copy": "blocked",
    }  # fmt: skip
    assert result.runs["gold.profile"].reason == "not built: silver.block failed"
    assert not lake.exists(COPY)
