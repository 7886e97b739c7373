"""A build: all tables in order, for the days asked for; a release of what belongs together, each run recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.bronze.file import BRONZE_FILE
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.build import Build, received_span
from jobs.errors import GridlakeError
from jobs.job import Job, Read
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, table_version
from jobs.lake.write import replace_all
from jobs.notice import Notice
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.ops.standing import release_standing
from jobs.query.listing import run_lines
from jobs.rule import Rule
from jobs.settings import Settings
from jobs.span import Span
from tests.builders import frame
from tests.spark.small_chain import (
    APART,
    BAD_DAY,
    COPY,
    DAYS,
    FIRST,
    GOOD,
    JOBS,
    PROFILE,
    RAW,
    YEAR,
    Run,
    days_in,
    raw,
    same,
    statuses,
)


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


def test_tables_built_one_after_the_other_are_those_of_one_build_and_make_a_release_together(
    lake: Lake, run: Run, settings: Settings
) -> None:
    """The year's table bears on a day either side: day 1 of the build is made anew with day 2, in both."""
    jobs = tuple(replace(job, bears_on=(1, 0)) if job.table is PROFILE else job for job in JOBS)
    run(GOOD, jobs=jobs)
    changed = [raw(number, day, share=0.25) for number, day in enumerate(DAYS)]
    last = Span(DAYS.end - timedelta(days=1), DAYS.end)
    order = ["silver.block", "gold.profile", "gold.copy", "gold.year", "gold.apart"]
    run(changed, order[0], jobs=jobs, span=last, one_of_many=True)
    with pytest.raises(GridlakeError, match=r"gold\.profile: built from silver\.block v\d+, now v\d+"):
        release_standing(lake, last)
    for name in order[1:]:
        assert not run(None, name, jobs=jobs, span=last, one_of_many=True).failed
    made = release_standing(lake, last)
    # gold.profile bears on the day before, so gold.copy is made of both, though it was asked for one
    spans = {row["table_name"]: row["span_first"] for row in read_table(lake, RUN).orderBy("started_at_utc").collect()}
    assert spans["gold.profile"] == spans["gold.copy"] == last.first - timedelta(days=1)
    assert spans["silver.block"] == last.first
    releases = read_table(lake, RELEASE).collect()
    assert len(releases) == 2  # that of the first build, and this one: single tables make none
    (versions,) = [row["table_versions"] for row in releases if row["release_id"] == made]
    assert versions == {job.table.name: table_version(lake, job.table) for job in JOBS} | {
        "bronze.raw": table_version(lake, RAW)
    }


def test_a_day_refused_by_an_earlier_build_is_not_built_of_what_stands(lake: Lake, run: Run) -> None:
    rows = [raw(number, day, share=2.0 if day == BAD_DAY else 0.5) for number, day in enumerate(DAYS)]
    assert statuses(run(rows, "silver.block", one_of_many=True)) == {"silver.block": "partial"}
    later = run(None, "gold.profile", one_of_many=True)
    assert statuses(later) == {"gold.profile": "partial"}
    assert BAD_DAY not in days_in(lake, PROFILE)
