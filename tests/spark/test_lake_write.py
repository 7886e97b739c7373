"""Writes replace days, tables or keys as a whole, refuse what the declaration does not allow, and never append."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from pyspark.sql import functions as F

from jobs.errors import LakeError
from jobs.lake import write as writing
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, table_version
from jobs.lake.write import merge_keys, replace_all, replace_days, replace_where
from jobs.silver.meter import METER
from jobs.span import Span
from jobs.table import Table, comment
from tests.builders import frame
from tests.spark.day_table import BY_DAY, MONDAY, TUESDAY, WEDNESDAY, WHOLE, row

T = TypeVar("T")
DAYS = [MONDAY, TUESDAY]


def rows_of(lake: Lake, table: object = BY_DAY) -> list[tuple[str, str, float]]:
    found = read_table(lake, table).collect()  # type: ignore[arg-type]
    return sorted((one["feeder_id"], str(one["grid_date"]), one["share"]) for one in found)


def files_by_day(lake: Lake) -> dict[str, set[str]]:
    """Files of the table's newest version, by day."""
    path = F.element_at(F.split("path", "/"), -1)
    found = read_table(lake, BY_DAY).select("grid_date", F.input_file_name().alias("path")).select("grid_date", path)
    result: dict[str, set[str]] = {}
    for day, name in found.distinct().collect():
        result.setdefault(str(day), set()).add(name)
    return result


def test_a_day_is_replaced_and_the_files_of_other_days_stay(lake: Lake) -> None:
    both = frame(lake.spark, BY_DAY, row("F1", MONDAY), row("F2", MONDAY), row("F1", TUESDAY))
    replace_days(lake, BY_DAY, both, DAYS)
    before = files_by_day(lake)
    replace_days(lake, BY_DAY, frame(lake.spark, BY_DAY, row("F3", MONDAY, share=0.25)), [MONDAY])
    after = files_by_day(lake)
    assert rows_of(lake) == [("F1", "2016-03-29", 0.5), ("F3", "2016-03-28", 0.25)]
    assert after["2016-03-29"] == before["2016-03-29"]
    assert after["2016-03-28"].isdisjoint(before["2016-03-28"])


def test_a_second_run_leaves_the_same_table_and_an_empty_one_empties_its_days(lake: Lake) -> None:
    both = frame(lake.spark, BY_DAY, row("F1", MONDAY), row("F1", TUESDAY))
    for _ in range(2):
        replace_days(lake, BY_DAY, both, DAYS)
    assert rows_of(lake) == [("F1", "2016-03-28", 0.5), ("F1", "2016-03-29", 0.5)]
    replace_days(lake, BY_DAY, both.where("false"), [MONDAY])
    assert rows_of(lake) == [("F1", "2016-03-29", 0.5)]


def test_days_that_are_no_run_are_replaced_one_by_one(lake: Lake) -> None:
    days = [MONDAY, TUESDAY, WEDNESDAY]
    replace_days(lake, BY_DAY, frame(lake.spark, BY_DAY, *(row("F1", day) for day in days)), days)
    outer = frame(lake.spark, BY_DAY, row("F2", MONDAY), row("F2", WEDNESDAY))
    replace_days(lake, BY_DAY, outer, [MONDAY, WEDNESDAY])
    assert [(name, day) for name, day, _ in rows_of(lake)] == [
        ("F1", "2016-03-29"),
        ("F2", "2016-03-28"),
        ("F2", "2016-03-30"),
    ]


def test_rows_outside_what_is_replaced_are_refused(lake: Lake) -> None:
    outside = frame(lake.spark, BY_DAY, row("F1", TUESDAY))
    refused = r"gold\.by_day: the write was refused, nothing was committed: .*grid_date "
    with pytest.raises(LakeError, match=refused + ".*2016-03-29"):
        replace_days(lake, BY_DAY, outside, [MONDAY])
    assert not lake.exists(BY_DAY)
    replace_days(lake, BY_DAY, frame(lake.spark, BY_DAY, row("F2", MONDAY)), [MONDAY])
    with pytest.raises(LakeError, match=refused + ".*violated by row"):
        replace_days(lake, BY_DAY, outside, [MONDAY])
    assert rows_of(lake) == [("F2", "2016-03-28", 0.5)]


def test_a_table_tells_what_its_columns_mean_and_holds_its_first_rows_to_its_checks(lake: Lake) -> None:
    with pytest.raises(LakeError, match=r"gold\.whole: .*nothing was committed: .*share_1"):
        replace_all(lake, WHOLE, frame(lake.spark, WHOLE, row("F1", MONDAY, share=1.5)))
    assert not lake.exists(WHOLE)
    replace_all(lake, WHOLE, frame(lake.spark, WHOLE, row("F1", MONDAY)))
    stored = lake.spark.read.format("delta").load(lake.path(WHOLE)).schema
    assert {one.name: one.metadata["comment"] for one in stored} == {one.name: comment(one) for one in WHOLE.columns}
    unknown = frame(lake.spark, WHOLE, row("F1", MONDAY)).withColumn("feeder_id", F.lit(None).cast("string"))
    with pytest.raises(LakeError, match=r"gold\.whole: .*feeder_id_not_null"):
        replace_all(lake, WHOLE, unknown)


@pytest.mark.parametrize(
    ("fault", "constraint"),
    [
        ({"share": 1.5}, "share_1"),
        ({"share": float("nan")}, "share_1"),
        ({"delivered_wh": [3, -1]}, "delivered_wh_0"),
        ({"kind": "c"}, "kind_0"),
    ],
)
def test_a_value_that_breaks_a_check_is_refused_by_the_constraints_name(
    lake: Lake, fault: dict[str, object], constraint: str
) -> None:
    replace_all(lake, WHOLE, frame(lake.spark, WHOLE, row("F1", MONDAY)))
    with pytest.raises(LakeError, match=rf"gold\.whole: .*nothing was committed: .*{constraint}"):
        replace_all(lake, WHOLE, frame(lake.spark, WHOLE, row("F1", MONDAY, **fault)))
    assert rows_of(lake, WHOLE) == [("F1", "2016-03-28", 0.5)]


def test_rows_that_do_not_fit_the_declaration_are_refused_with_every_column(lake: Lake) -> None:
    odd = frame(lake.spark, WHOLE, row("F1", MONDAY)).drop("kind")
    odd = odd.withColumns({"share": F.lit("much"), "colour": F.lit("red"), "_scratch": F.lit(1)})
    with pytest.raises(LakeError) as fault:
        replace_all(lake, WHOLE, odd)
    assert str(fault.value) == (
        "gold.whole: rows do not fit the declaration: ['kind is missing', 'colour is not declared', "
        "'share is string, double is needed']"
    )
    assert not lake.exists(WHOLE)


def test_a_table_that_another_run_makes_meanwhile_keeps_its_days(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    exists = Lake.exists
    looks: list[bool] = []

    def too_early(this: Lake, table: Table) -> bool:
        looks.append(exists(this, table))
        if len(looks) == 1:
            replace_days(lake, BY_DAY, frame(lake.spark, BY_DAY, row("F1", MONDAY)), [MONDAY])
        return looks[0] if len(looks) == 1 else exists(this, table)

    monkeypatch.setattr(Lake, "exists", too_early)
    replace_days(lake, BY_DAY, frame(lake.spark, BY_DAY, row("F2", TUESDAY)), [TUESDAY])
    assert looks[0] is False
    assert rows_of(lake) == [("F1", "2016-03-28", 0.5), ("F2", "2016-03-29", 0.5)]


def test_a_merge_replaces_the_rows_of_its_keys_and_adds_new_ones(lake: Lake) -> None:
    start = datetime(2016, 1, 1, tzinfo=UTC)

    def meter(name: str, multiplier: float) -> dict[str, object]:
        return {"meter_id": name, "valid_from_utc": start, "multiplier": multiplier}

    merge_keys(lake, METER, frame(lake.spark, METER, meter("M1", 1.0), meter("M2", 1.0)))
    merge_keys(lake, METER, frame(lake.spark, METER, meter("M2", 20.0), meter("M3", 3.0)))
    merge_keys(lake, METER, frame(lake.spark, METER, meter("M1", 9.0), meter("M4", 4.0)), update=False)
    found = {one["meter_id"]: one["multiplier"] for one in read_table(lake, METER).collect()}
    assert found == {"M1": 1.0, "M2": 20.0, "M3": 3.0, "M4": 4.0}


def test_a_version_can_be_read_again_and_a_span_opens_only_its_days(lake: Lake) -> None:
    assert table_version(lake, BY_DAY) is None
    assert read_table(lake, BY_DAY).schema.names == BY_DAY.column_names
    replace_days(lake, BY_DAY, frame(lake.spark, BY_DAY, row("F1", MONDAY), row("F1", TUESDAY)), DAYS)
    first = table_version(lake, BY_DAY)
    replace_where(lake, BY_DAY, frame(lake.spark, BY_DAY, row("F2", MONDAY)), f"grid_date = date'{MONDAY}'")
    assert table_version(lake, BY_DAY) == (first or 0) + 1
    old = read_table(lake, BY_DAY, Span(MONDAY, MONDAY + timedelta(days=1)), version=first)
    assert [one["feeder_id"] for one in old.collect()] == ["F1"]


def test_a_write_says_its_own_version_even_where_another_writer_commits_before_it_looks(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday, tuesday = (frame(lake.spark, BY_DAY, row("F1", day)) for day in DAYS)
    assert replace_days(lake, BY_DAY, monday, [MONDAY]) == 0
    assert replace_days(lake, BY_DAY, monday, []) is None
    with_retry = writing.with_retry

    def overtaken(table: Table, write: Callable[[], T]) -> T:
        done = with_retry(table, write)
        monkeypatch.setattr(writing, "with_retry", with_retry)
        assert replace_days(lake, BY_DAY, tuesday, [TUESDAY]) == 2
        return done

    monkeypatch.setattr(writing, "with_retry", overtaken)
    assert replace_days(lake, BY_DAY, monday, [MONDAY]) == 1
    assert table_version(lake, BY_DAY) == 2
