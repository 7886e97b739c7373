"""Tables read without Spark are what Spark reads: at every version, past a checkpoint, and where only it can."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.errors import LakeError
from jobs.gold.usage_point_day import USAGE_POINT_DAY
from jobs.lake.arrow import Condition, LakeReader, arrow_schema
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.lake.write import replace_days
from tests.builders import frame

FIRST = date(2016, 1, 1)
POINTS = ("A", "B", "É'%")


def no_spark() -> Lake:
    raise AssertionError("Spark is not needed")


def rows_of(day: date, energy: int) -> list[dict[str, Any]]:
    return [{"usage_point_id": point, "grid_date": day, "energy": energy} for point in POINTS]


def write_day(lake: Lake, number: int, energy: int) -> None:
    day = FIRST + timedelta(days=number)
    replace_days(lake, USAGE_POINT_DAY, frame(lake.spark, USAGE_POINT_DAY, *rows_of(day, energy)), [day])


def by_spark(lake: Lake, version: int | None = None) -> list[dict[str, Any]]:
    return in_order(read_table(lake, USAGE_POINT_DAY, version=version).toArrow().cast(arrow_schema(USAGE_POINT_DAY)))


def in_order(rows: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.sort_by([(name, "ascending") for name in USAGE_POINT_DAY.key]).to_pylist()
    return found


def test_every_version_is_read_as_spark_reads_it_past_a_checkpoint_too(lake: Lake) -> None:
    for number in range(12):  # Delta writes a checkpoint at the tenth commit
        write_day(lake, number % 4, energy=number)
    log = Path(lake.path(USAGE_POINT_DAY)) / "_delta_log"
    assert list(log.glob("*.checkpoint*.parquet"))
    assert LakeReader(lake.root, no_spark).version(USAGE_POINT_DAY) == 11
    for version in (None, 0, 5, 10, 11):
        reader = LakeReader(lake.root, no_spark, {} if version is None else {USAGE_POINT_DAY.name: version})
        assert in_order(reader.rows(USAGE_POINT_DAY)) == by_spark(lake, version)
    for number in range(10):  # as a log is cleaned
        (log / f"{number:020}.json").unlink()
    assert LakeReader(lake.root, no_spark).rows(USAGE_POINT_DAY).num_rows == 4 * len(POINTS)
    with pytest.raises(LakeError, match="version 3 is no longer in its log, of which version 11 is the newest"):
        LakeReader(lake.root, no_spark, {USAGE_POINT_DAY.name: 3}).rows(USAGE_POINT_DAY)


def test_only_files_that_may_hold_a_row_are_opened(lake: Lake) -> None:
    for number in range(3):
        write_day(lake, number, energy=number)
    for path in Path(lake.path(USAGE_POINT_DAY)).rglob("*.parquet"):
        if f"grid_date={FIRST}" not in str(path):
            path.write_bytes(b"not Parquet")
    reader = LakeReader(lake.root, no_spark)
    of_day: Condition = ("grid_date", "<=", FIRST)
    found = reader.rows(USAGE_POINT_DAY, [of_day, ("usage_point_id", "in", {"É'%", "C"})], ["usage_point_id", "energy"])
    assert found.to_pylist() == [{"usage_point_id": "É'%", "energy": 0}]
    beyond: Condition = ("usage_point_id", "in", {"0"})
    assert reader.rows(USAGE_POINT_DAY, [beyond]).num_rows == 0  # by the bounds in the log, of days that are no Parquet
    assert reader.days(USAGE_POINT_DAY) == [FIRST + timedelta(days=number) for number in range(3)]


def test_a_table_that_only_spark_can_read_is_read_by_spark(lake: Lake) -> None:
    write_day(lake, 0, energy=1)
    write_day(lake, 1, energy=2)
    table = f"delta.`{lake.path(USAGE_POINT_DAY)}`"
    lake.spark.sql(f"alter table {table} set tblproperties (delta.enableDeletionVectors = true)")
    lake.spark.sql(f"delete from {table} where usage_point_id = 'A'")
    reader = LakeReader(lake.root, lambda: lake)
    assert in_order(reader.rows(USAGE_POINT_DAY)) == by_spark(lake)
    of_b: list[Condition] = [("usage_point_id", "in", ["A", "B"]), ("grid_date", ">=", date(2016, 1, 2))]
    assert reader.rows(USAGE_POINT_DAY, of_b, ["usage_point_id", "energy"]).to_pylist() == [
        {"usage_point_id": "B", "energy": 2}
    ]
    assert reader.days(USAGE_POINT_DAY) == [FIRST, date(2016, 1, 2)]


def test_a_table_that_does_not_stand_has_no_rows(lake: Lake) -> None:
    reader = LakeReader(lake.root, no_spark)
    assert (reader.version(USAGE_POINT_DAY), reader.days(USAGE_POINT_DAY)) == (None, [])
    assert reader.rows(USAGE_POINT_DAY).schema == arrow_schema(USAGE_POINT_DAY)
