"""The gate: what fails an audit is said with where, what, how many and the first keys, and the days it stands in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructField, StructType

from jobs.gate import Verdict, audit
from jobs.lake.local import local_rows
from jobs.measure import measured
from jobs.settings import Audit
from jobs.silver.weather_hour import WEATHER_HOUR
from jobs.table import Table
from tests.builders import frame
from tests.spark.day_table import BY_DAY, MONDAY, TUESDAY, WHOLE, row

GOOD = [row("F1", MONDAY), row("F2", MONDAY, kind=None), row("F1", TUESDAY)]


def judged(spark: SparkSession, table: Table, *rows: dict[str, Any]) -> Any:
    """The verdict on rows that may lack what the declaration says is never null."""
    loose = StructType([StructField(one.name, one.dataType) for one in table.schema])
    values = [tuple(one[name] for name in table.column_names) for one in rows]
    return verdict_on(table, local_rows(spark, loose, values))


def verdict_on(table: Table, rows: DataFrame) -> Verdict:
    return audit(table, rows, measured(table, rows), Audit())


def test_good_rows_and_no_rows_pass(spark: SparkSession) -> None:
    for rows in (GOOD, []):
        verdict = judged(spark, BY_DAY, *rows)
        assert (verdict.faults, verdict.bad_days, verdict.undated) == ([], {}, False)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([row("F1", TUESDAY)], "gold.by_day key: 2 of 4 rows fail '(feeder_id, grid_date) is unique'; first by "
         "(feeder_id, grid_date): [('F1', '2016-03-29')]"),
        ([row("F3", TUESDAY, share=None)], "gold.by_day.share: 1 of 4 rows fail 'not null'; first by (feeder_id, "
         "grid_date): [('F3', '2016-03-29')]"),
        ([row("F3", TUESDAY, share=1.01)], "gold.by_day.share: 1 of 4 rows fail 'every value <= 1'; first by "
         "(feeder_id, grid_date): [('F3', '2016-03-29')]"),
        ([row("F3", TUESDAY, share=float("nan"))], "gold.by_day.share: 1 of 4 rows fail 'every value <= 1'; first by "
         "(feeder_id, grid_date): [('F3', '2016-03-29')]"),
        ([row("F4", TUESDAY, delivered_wh=[0, -1]), row("F3", TUESDAY, delivered_wh=[-1, 0])],
         "gold.by_day.delivered_wh: 2 of 5 rows fail 'every value >= 0 Wh'; first by (feeder_id, grid_date): "
         "[('F3', '2016-03-29'), ('F4', '2016-03-29')]"),
        ([row("F3", TUESDAY, kind="c")], "gold.by_day.kind: 1 of 4 rows fail 'one of a, b'; first by (feeder_id, "
         "grid_date): [('F3', '2016-03-29')]"),
    ],
)  # fmt: skip
def test_a_fault_says_where_what_how_many_and_the_first_keys(
    spark: SparkSession, bad: list[dict[str, Any]], message: str
) -> None:
    verdict = judged(spark, BY_DAY, *GOOD, *bad)
    assert verdict.faults == [message]
    assert verdict.bad_days == {TUESDAY: [message]}
    assert not verdict.undated


def test_all_faults_are_found_at_once_each_with_its_days(spark: SparkSession) -> None:
    verdict = judged(spark, BY_DAY, *GOOD, row("F8", MONDAY, kind="c"), row("F9", TUESDAY, share=-1.0, kind="c"))
    assert len(verdict.faults) == 2
    assert {day: len(faults) for day, faults in verdict.bad_days.items()} == {MONDAY: 1, TUESDAY: 2}


def test_a_fault_that_belongs_to_no_day_forbids_everything(spark: SparkSession) -> None:
    without_day = judged(spark, BY_DAY, *GOOD, {**row("F9", MONDAY), "grid_date": None})
    assert without_day.undated
    assert without_day.bad_days == {}
    assert judged(spark, WHOLE, row("F9", MONDAY, kind="c")).undated


def test_nulls_in_a_key_are_equal(spark: SparkSession) -> None:
    hour = {"place_id": "P", "hour_utc": datetime(2016, 1, 1, tzinfo=UTC), "issue_time_utc": None}
    verdict = verdict_on(WEATHER_HOUR, frame(spark, WEATHER_HOUR, hour, hour))
    assert "silver.weather_hour key: 2 of 2 rows fail" in verdict.faults[0]


def test_audits_side_by_side_do_not_mix(spark: SparkSession) -> None:
    def faults(number: int) -> int:
        rows = [row("F9", MONDAY, kind="c")] if number % 2 else GOOD
        return len(judged(spark, BY_DAY if number % 3 else WHOLE, *rows).faults)

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(faults, range(6))) == [0, 1, 0, 1, 0, 1]
