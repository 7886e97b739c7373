"""Files that tasks write: the table is as Spark would have written it, and nothing else is left of them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from delta.tables import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, IntegerType, StringType, StructField, StructType

from jobs import columns as c
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.errors import LakeError
from jobs.lake import day_files as driver
from jobs.lake import day_writer as task
from jobs.lake import transaction
from jobs.lake.day_files import DayFiles, day_files, in_tasks
from jobs.lake.day_writer import PART, DayWriter
from jobs.lake.delta_internals import delta_log
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.lake.write import replace_days, replace_where
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.table import Column, Table
from tests.builders import frame
from tests.spark.day_table import MONDAY, TUESDAY, WEDNESDAY, files

COUNTED = Table(
    "gold.counted", "One feeder, one grid day.", ("feeder_id", "grid_date"),
    (c.FEEDER_ID, c.GRID_DATE, Column("count", ArrayType(IntegerType(), False), "1", "Counts")),
    "day", ("grid_date",),
)  # fmt: skip


BLOCKS = replace(BRONZE_INTERVAL_BLOCK, name="bronze.blocks")


HOLED = StructType([*COUNTED.schema.fields[:2], StructField("count", ArrayType(IntegerType(), True))])


def counted(feeder: str, day: date, *count: int) -> dict[str, Any]:
    return {"feeder_id": feeder, "grid_date": day, "count": list(count)}


def written(rows: DataFrame, into: DayFiles) -> DataFrame:
    return in_tasks(rows, lambda batches: batches, rows.schema, into).cache()


def commit(lake: Lake, *rows: dict[str, Any], days: list[date]) -> None:
    into = day_files(lake, COUNTED)
    assert into is not None
    into.commit(lake, into.held(written(frame(lake.spark, COUNTED, *rows), into), audited=True), days)


def counts(lake: Lake) -> list[tuple[str, date, list[int]]]:
    return sorted(tuple(row) for row in read_table(lake, COUNTED).collect())


def test_the_table_is_as_spark_would_have_written_it(lake: Lake) -> None:
    finding = ("spike", 3, 1, 9.5, 2.0, "flagged")
    rows = [
        {"usage_point_id": "A", "grid_date": TUESDAY, "reading": [1, 2, 3], "reading_quality": [0, 0, 1]},
        {"usage_point_id": "B", "grid_date": MONDAY, "findings": [finding]},
        {"usage_point_id": "C", "grid_date": MONDAY, "transformer_id": None, "reading": [], "reading_quality": []},
    ]
    given = frame(lake.spark, INTERVAL_BLOCK, *rows)
    into = day_files(lake, INTERVAL_BLOCK)
    assert into is not None
    handed_on = written(given, into)
    assert set(given.columns) - set(handed_on.columns) == {"reading", "reading_quality", "rules_not_run", "findings"}
    into.commit(lake, into.held(handed_on, audited=True), [MONDAY, TUESDAY])
    assert sorted(read_table(lake, INTERVAL_BLOCK).collect()) == sorted(given.collect())
    assert read_table(lake, INTERVAL_BLOCK).count() == 3  # which Delta answers from its log


def test_log_says_when_a_file_was_written_not_when_it_was_added(lake: Lake) -> None:
    into = day_files(lake, COUNTED)
    assert into is not None
    held = into.held(written(frame(lake.spark, COUNTED, counted("F1", MONDAY, 1)), into), audited=True)
    (name,) = files(lake.path(COUNTED), MONDAY)
    os.utime(Path(lake.path(COUNTED), f"grid_date={MONDAY}", name), (1_459_200_000, 1_459_200_000))
    into.commit(lake, held, [MONDAY])
    newest = max(Path(lake.path(COUNTED), "_delta_log").glob("*.json"))
    actions = [json.loads(line) for line in newest.read_text().splitlines()]
    assert [one["add"]["modificationTime"] for one in actions if "add" in one] == [1_459_200_000_000]


def test_days_are_replaced_emptied_or_left_and_history_says_so(lake: Lake) -> None:
    commit(
        lake,
        counted("F1", MONDAY, 1),
        counted("F1", TUESDAY, 2),
        counted("F1", WEDNESDAY),
        days=[MONDAY, TUESDAY, WEDNESDAY],
    )
    left = files(lake.path(COUNTED), WEDNESDAY)
    commit(lake, counted("F2", MONDAY, 3, 4), days=[MONDAY, TUESDAY])
    assert counts(lake) == [("F1", WEDNESDAY, []), ("F2", MONDAY, [3, 4])]
    assert files(lake.path(COUNTED), WEDNESDAY) == left
    last = DeltaTable.forPath(lake.spark, lake.path(COUNTED)).history(1).collect()[0]
    assert (last["operation"], last["operationParameters"]["mode"]) == ("WRITE", "Overwrite")


def test_what_is_refused_is_handed_on_and_in_no_file(lake: Lake) -> None:
    into = day_files(lake, COUNTED)
    assert into is not None
    judged = frame(lake.spark, COUNTED, counted("F1", MONDAY, 1), counted("F2", MONDAY, 2)).withColumn(
        "_outcome", F.when(F.col("feeder_id") == "F2", "rejected").otherwise("accepted")
    )
    rows = {row["feeder_id"]: row for row in written(judged, into).collect()}
    assert rows["F2"][PART] is None
    (file,) = into.held(written(judged, into), audited=True)
    assert (file.day, file.rows) == (MONDAY, 1)


def test_a_null_in_a_list_is_an_error_and_leaves_no_file_of_its_task(tmp_path: Path) -> None:
    rows = [counted("F1", MONDAY, 1), {**counted("F1", TUESDAY), "count": [None]}]
    schema = to_arrow_schema(HOLED)
    into = DayWriter(COUNTED, str(tmp_path), "run")
    with pytest.raises(
        ValueError, match=r"gold\.counted\.count: 1 of 1 rows hold a null; first by .*'F1', '2016-03-29'"
    ):
        list(into.written(iter([pa.RecordBatch.from_pylist(rows, schema=schema)])))
    assert not list(tmp_path.rglob("*.parquet"))


def test_only_files_of_the_run_that_no_commit_was_tried_with_are_swept(lake: Lake) -> None:
    commit(lake, counted("F1", MONDAY, 1), counted("F1", TUESDAY, 1), days=[MONDAY, TUESDAY])
    into = day_files(lake, COUNTED)
    assert into is not None
    rows = written(frame(lake.spark, COUNTED, counted("F2", MONDAY, 2), counted("F2", TUESDAY, 2)), into)
    of_monday = [file for file in into.held(rows, audited=True) if file.day == MONDAY]
    into.commit(lake, of_monday, [MONDAY])
    before = files(lake.path(COUNTED), TUESDAY)
    into.sweep([MONDAY, TUESDAY])
    assert len(before - files(lake.path(COUNTED), TUESDAY)) == 1
    assert counts(lake) == [("F1", TUESDAY, [1]), ("F2", MONDAY, [2])]


def test_a_table_of_other_columns_is_left_as_it_stands(lake: Lake) -> None:
    older = replace(COUNTED, columns=COUNTED.columns[:2])
    replace_days(lake, older, frame(lake.spark, older, {"feeder_id": "F1", "grid_date": MONDAY}), [MONDAY])
    with pytest.raises(LakeError, match=r"gold\.counted: .*'count array<int>'"):
        commit(lake, counted("F2", MONDAY, 1), days=[MONDAY])
    assert [row["feeder_id"] for row in read_table(lake, older).collect()] == ["F1"]


def test_bounds_of_lists_that_no_audit_sees_are_refused(lake: Lake) -> None:
    coded = Column("code", ArrayType(StringType(), False), None, "Codes", codes={"a": "first"})
    with pytest.raises(ValueError, match=r"bounds are declared of \['code'\]"):
        day_files(lake, replace(COUNTED, columns=(*COUNTED.columns, coded)))


def test_rows_wait_until_they_fill_a_row_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "ROWS_A_GROUP", 4)
    schema = to_arrow_schema(COUNTED.schema)
    days = [MONDAY, TUESDAY, MONDAY]
    batches = [
        pa.RecordBatch.from_pylist([counted(f"F{number}", day, number) for day in days], schema=schema)
        for number in range(5)
    ]
    into = DayWriter(COUNTED, str(tmp_path), "run")
    assert sum(batch.num_rows for batch in into.written(iter(batches))) == 15
    (monday,) = (tmp_path / f"grid_date={MONDAY}").iterdir()
    file = pq.ParquetFile(monday)
    assert [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)] == [4, 4, 2]
    assert file.read()["feeder_id"].to_pylist() == [f"F{number}" for number in range(5) for _ in range(2)]


def test_no_more_rows_wait_than_are_allowed_and_small_days_hold_no_large_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "ROWS_WAITING", 5)
    schema = to_arrow_schema(COUNTED.schema)
    rows = [counted("F1", TUESDAY, 1), *(counted(f"F{n}", MONDAY, n) for n in range(2, 9))]
    into = DayWriter(COUNTED, str(tmp_path), "run")
    steps = into.written(iter([pa.RecordBatch.from_pylist(rows, schema=schema)]))
    next(steps)
    assert [day.name for day in tmp_path.iterdir()] == [f"grid_date={MONDAY}"]  # the fullest day's rows are out
    assert list(steps) == []
    assert {pq.ParquetFile(file).metadata.num_rows for file in tmp_path.rglob("*.parquet")} == {1, 7}


def test_a_table_that_more_binds_than_its_declaration_is_sparks_to_write(lake: Lake) -> None:
    assert day_files(lake, COUNTED) is not None
    commit(lake, counted("F1", MONDAY, 1), days=[MONDAY])
    assert day_files(lake, COUNTED) is not None
    lake.spark.sql(f"alter table delta.`{lake.path(COUNTED)}` add constraint few check (size(count) < 3)")
    assert day_files(lake, COUNTED) is None
    with pytest.raises(ValueError, match="partitioned by a day, and this one is not"):
        day_files(lake, replace(COUNTED, replace="all", partition_by=()))


@pytest.mark.parametrize("meanwhile", [TUESDAY, MONDAY])
def test_a_writer_that_was_faster_is_not_undone(lake: Lake, meanwhile: date, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of other days both commits hold; of the same day the slower one reads again and replaces the faster one's."""
    commit(lake, counted("F1", MONDAY, 1), counted("F1", TUESDAY, 1), days=[MONDAY, TUESDAY])

    begun = [delta_log(lake, COUNTED).startTransaction()]  # before the other writer commits
    log = SimpleNamespace(
        startTransaction=lambda: begun.pop() if begun else delta_log(lake, COUNTED).startTransaction()
    )
    replace_days(lake, COUNTED, frame(lake.spark, COUNTED, counted("F2", meanwhile, 2)), [meanwhile])
    monkeypatch.setattr(transaction, "delta_log", lambda *_: log)
    commit(lake, counted("F3", MONDAY, 3), days=[MONDAY])
    assert begun == []
    assert counts(lake) == [
        ("F2" if meanwhile == TUESDAY else "F1", TUESDAY, [2 if meanwhile == TUESDAY else 1]),
        ("F3", MONDAY, [3]),
    ]


def block(file: str, line: int, day: date, **values: Any) -> dict[str, Any]:
    return {
        "file_id": file,
        "received_date": MONDAY,
        "first_line": line,
        "first_grid_date": day,
        "last_grid_date": day,
        "value": [float(line)],
        **values,
    }


def add(lake: Lake, *rows: dict[str, Any]) -> None:
    into = day_files(lake, BLOCKS)
    assert into is not None
    ids = ", ".join({repr(row["file_id"]) for row in rows})
    into.add(lake, into.held(written(frame(lake.spark, BLOCKS, *rows), into), audited=False), f"file_id in ({ids})")


def test_what_is_added_leaves_what_stands_but_what_it_is_added_in_place_of(lake: Lake) -> None:
    add(lake, block("A", 1, MONDAY), block("B", 1, MONDAY), block("B", 2, MONDAY))
    add(lake, block("C", 3, MONDAY))
    add(lake, block("B", 4, TUESDAY))
    stands = read_table(lake, BLOCKS).select("file_id", "value").collect()
    assert sorted((row["file_id"], row["value"]) for row in stands) == [("A", [1.0]), ("B", [4.0]), ("C", [3.0])]
    kinds = {
        row["operationParameters"].get("mode")
        for row in DeltaTable.forPath(lake.spark, lake.path(BLOCKS)).history().collect()
    }
    assert kinds >= {"Append", "Overwrite"}


def test_a_query_for_some_days_opens_only_files_that_hold_them(lake: Lake) -> None:
    add(lake, block("A", 1, MONDAY))
    add(lake, block("B", 1, TUESDAY), block("B", 2, WEDNESDAY))
    of_tuesday = read_table(lake, BLOCKS).where(
        F.lit(TUESDAY).between(F.col("first_grid_date"), F.col("last_grid_date"))
    )
    opened = {Path(row[0]).name for row in of_tuesday.select(F.input_file_name()).collect()}
    assert len(opened) == 1
    scanned = (
        of_tuesday.select("file_id")._jdf.queryExecution().optimizedPlan().collectLeaves().head().relation().location()
    )
    assert scanned.preparedScan().files().size() == 1


def test_rows_that_break_a_check_are_not_added(lake: Lake) -> None:
    with pytest.raises(LakeError, match=r"bronze\.blocks: 1 rows that tasks wrote break one of: .*last_line >= 1"):
        add(lake, block("A", 1, MONDAY), block("A", 2, MONDAY, last_line=0))
    assert not lake.exists(BLOCKS)


def test_rows_that_another_run_adds_meanwhile_are_not_doubled(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ingests have read one file: the slower one finds none of its rows, then those that the faster one added."""
    add(lake, block("A", 1, MONDAY))
    faster = [frame(lake.spark, BLOCKS, block("B", 1, MONDAY), block("B", 2, MONDAY))]

    def looked(*arguments: Any, **named: Any) -> DataFrame:
        rows = read_table(*arguments, **named)
        if faster:
            replace_where(lake, BLOCKS, faster.pop(), "file_id in ('B')")
        return rows

    monkeypatch.setattr(driver, "read_table", looked)
    add(lake, block("B", 1, MONDAY), block("B", 2, MONDAY))
    assert faster == []
    stands = read_table(lake, BLOCKS).select("file_id", "first_line").collect()
    assert sorted(map(tuple, stands)) == [("A", 1), ("B", 1), ("B", 2)]
