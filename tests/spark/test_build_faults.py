"""A build that meets a fault or is stopped: the other tables go on, and what stopped it is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import build as building
from jobs.build import build
from jobs.errors import LakeError
from jobs.job import Job, Read
from jobs.lake.direct import Batches
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.lake.write import replace_all
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.settings import Settings
from tests.builders import frame
from tests.spark.small_chain import APART, BLOCK, DAYS, GOOD, JOBS, PROFILE, RAW, Run, blocks, same, statuses


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
