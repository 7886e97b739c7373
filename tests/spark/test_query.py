"""Queries by table name: the lake that is open, the newest version or a release's, and rows as they come."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyspark.sql import functions as F

from jobs.errors import GridlakeError
from jobs.lake.lake import Lake
from jobs.lake.write import replace_all
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.query.listing import release_lines, run_lines
from jobs.query.snapshot import read_snapshot
from jobs.query.sql import print_rows, run_query
from jobs.query.views import register_tables
from jobs.silver.feeder import FEEDER
from jobs.silver.meter import METER
from jobs.silver.outage import OUTAGE
from tests.builders import frame
from tests.spark.day_table import MONDAY, WHOLE, row


def write(lake: Lake, share: float) -> None:
    replace_all(lake, WHOLE, frame(lake.spark, WHOLE, row("F1", MONDAY, share=share)))


def shares(lake: Lake, release: str | None = None) -> list[float]:
    query = "select gold.whole.share from gold.whole where 'gold.absent' <> 'ops.run'"
    return [one["share"] for one in run_query(lake, query, release=release).collect()]


def test_a_name_means_the_lake_that_is_open_and_may_stand_in_a_text(lake: Lake, tmp_path: Path) -> None:
    other = Lake(lake.spark, str(tmp_path / "other"))
    write(lake, 0.25)
    write(other, 0.75)
    assert (shares(lake), shares(other), shares(lake)) == ([0.25], [0.75], [0.25])


def test_a_release_reads_the_versions_that_belong_together(lake: Lake) -> None:
    write(lake, 0.25)  # version 0
    with pytest.raises(GridlakeError, match="holds no release yet"):
        run_query(lake, "select 1", release="latest")
    release = {"release_id": "r1", "table_versions": {"gold.whole": 0}}
    replace_all(lake, RELEASE, frame(lake.spark, RELEASE, release))
    write(lake, 0.5)
    assert shares(lake) == [0.5]
    assert shares(lake, "r1") == shares(lake, "latest") == [0.25]
    later = replace(WHOLE, name="gold.later")
    replace_all(lake, later, frame(lake.spark, later, row("F1", MONDAY)))
    snapshot = read_snapshot(lake)
    assert [one["share"] for one in snapshot.rows(WHOLE).collect()] == [0.25]
    assert snapshot.rows(later).collect() == []  # the release leaves it out
    (line,) = release_lines(lake, 5)
    assert "  r1  1 tables for " in line
    with pytest.raises(GridlakeError, match="no release 'r2' in this lake: `gridlake runs --releases` lists"):
        run_query(lake, "select 1", release="r2")


def test_a_reason_of_thousands_of_lines_is_cut_in_the_list_of_runs_and_stands_whole_in_the_table(lake: Lake) -> None:
    reason = "\n".join(f"gold.whole on day {number}: too little received" for number in range(2000))
    told = {"run_id": "r1", "table_name": "gold.whole", "status": "partial", "reason": reason}
    replace_all(lake, RUN, frame(lake.spark, RUN, told))
    (line,) = run_lines(lake, 5)
    assert "gold.whole on day 2: too little received\nand 1,997 more: gridlake sql" in line
    query = line.partition('gridlake sql "')[2].partition('"')[0]
    assert [row["reason"] for row in run_query(lake, query).collect()] == [reason]


def test_the_latest_release_is_one_that_leaves_out_no_table(lake: Lake) -> None:
    """A build of meters alone came after one of all that stood; of a table that none has, the newest says no less."""
    for table in (METER, FEEDER):
        replace_all(lake, table, frame(lake.spark, table))
    whole, part = {METER.name: 0, FEEDER.name: 0}, {METER.name: 0}
    days = [datetime(2016, 1, day, tzinfo=UTC) for day in (1, 2)]
    releases = [
        {"release_id": name, "table_versions": versions, "released_at_utc": at}
        for name, versions, at in zip(("whole", "part"), (whole, part), days, strict=True)
    ]
    replace_all(lake, RELEASE, frame(lake.spark, RELEASE, *releases))
    assert read_snapshot(lake).release_id == "whole"
    replace_all(lake, OUTAGE, frame(lake.spark, OUTAGE))
    assert read_snapshot(lake).release_id == "part"  # none has it: the newest


def test_a_session_of_ones_own_sees_every_table_by_name(lake: Lake) -> None:
    release = {"release_id": "r1", "table_versions": {"ops.release": 0}}
    replace_all(lake, RELEASE, frame(lake.spark, RELEASE, release))
    theirs = lake.spark.newSession()
    assert register_tables(theirs, lake.root) == ["ops.release"]
    assert [row["release_id"] for row in theirs.sql("select * from ops.release").collect()] == ["r1"]
    replace_all(lake, RELEASE, frame(lake.spark, RELEASE, release, release | {"release_id": "r2"}))
    assert theirs.table("ops.release").count() == 2  # as it stands, not as it stood
    assert register_tables(theirs, lake.root, release="r1") == ["ops.release"]
    assert theirs.table("ops.release").count() == 1
    with pytest.raises(GridlakeError, match=r"other: no lake, or none of its tables"):
        register_tables(theirs, f"{lake.root}/other")


def test_a_table_that_is_not_there_and_a_query_that_fails_are_errors_for_people(lake: Lake) -> None:
    with pytest.raises(GridlakeError, match=r"the query failed .*gold.*feeder_profile"):
        run_query(lake, "select * from gold.feeder_profile")
    with pytest.raises(GridlakeError, match=r"DIVIDE_BY_ZERO"):
        print_rows(run_query(lake, "select 1 / (id - id) as x from range(2)"), "csv")


def test_rows_are_printed_as_json_csv_or_a_table(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    rows = lake.spark.range(1).select(
        F.lit(None).cast("int").alias("none"),
        F.array(F.lit(1.5), F.lit(float("nan"))).alias("many"),
        F.lit("ü").alias("text"),
    )
    print_rows(rows, "json")
    assert json.loads(capsys.readouterr().out) == {"none": None, "many": [1.5, "NaN"], "text": "ü"}
    print_rows(rows, "csv")
    assert capsys.readouterr().out.splitlines() == ["none,many,text", ',"[1.5, NaN]",ü']
    print_rows(rows, "table")
    assert "many" in capsys.readouterr().out
