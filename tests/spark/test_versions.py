"""Which delivered row of an entity stands."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import LongType, StringType, StructField, StructType

from jobs.lake.local import local_rows
from jobs.silver.feeder import FEEDER
from jobs.silver.versions import known_at, standing

BRONZE = StructType(
    [StructField(f.name, f.dataType) for f in FEEDER.schema.fields]
    + [StructField("file_id", StringType()), StructField("first_line", LongType()), StructField("version", LongType())]
)
JANUARY, MARCH = datetime(2016, 1, 1, tzinfo=UTC), datetime(2016, 3, 1, tzinfo=UTC)


def row(feeder_id: str | None, start: datetime = JANUARY, **values: Any) -> dict[str, Any]:
    return {
        "feeder_id": feeder_id, "valid_from_utc": start, "valid_to_utc": None, "substation_id": "S1", "name": "north",
        "rating_kva": 400.0, "nominal_voltage_kv": 20.0, "known_from_utc": start, "known_from_basis": "lag",
        "source": "gis", "synthetic": True, "file_id": "f1", "first_line": 2, "version": 1, **values,
    }  # fmt: skip


def judged(spark: SparkSession, *rows: dict[str, Any]) -> DataFrame:
    return standing(local_rows(spark, BRONZE, (tuple(one[name] for name in BRONZE.names) for one in rows)), FEEDER)


def test_highest_version_wins_whatever_the_order(spark: SparkSession) -> None:
    deliveries = [row("F1", rating_kva=400.0 + v, version=v, first_line=v + 1) for v in (1, 2, 3)]
    for order in itertools.permutations(deliveries):
        found = {r["rating_kva"]: r["_outcome"] for r in judged(spark, *order).collect()}
        assert found == {401.0: "superseded", 402.0: "superseded", 403.0: "accepted"}


def test_same_row_twice_is_a_duplicate_and_a_disagreement_rejects_both(spark: SparkSession) -> None:
    rows = judged(
        spark,
        row("F1"),
        row("F1", first_line=3),
        row("F2"),
        row("F2", first_line=3, rating_kva=500.0),
    ).collect()
    found = sorted((r["feeder_id"], r["first_line"], r["_outcome"], r["_rule"]) for r in rows)
    assert found == [
        ("F1", 2, "accepted", None),
        ("F1", 3, "duplicate", None),
        ("F2", 2, "rejected", "conflict"),
        ("F2", 3, "rejected", "conflict"),
    ]
    assert sum(r["_accepted"] + r["_rejected"] + r["_duplicate"] + r["_superseded"] for r in rows) == 4


def test_what_was_known_at_a_date_can_be_asked(spark: SparkSession) -> None:
    """400 kVA, corrected to 500 in April, and 630 from March on, which was recorded in May."""
    april, may = datetime(2016, 4, 1, tzinfo=UTC), datetime(2016, 5, 1, tzinfo=UTC)
    rows = [
        row("F1"),
        row("F1", rating_kva=500.0, version=2, first_line=3, known_from_utc=april),
        row("F1", MARCH, rating_kva=630.0, version=1, first_line=4, known_from_utc=may),
    ]
    bronze = local_rows(spark, BRONZE, (tuple(one[name] for name in BRONZE.names) for one in rows))

    def known(at: datetime) -> list[tuple[float, bool]]:
        found = known_at(bronze, FEEDER, at).orderBy("valid_from_utc").collect()
        return [(one["rating_kva"], one["valid_to_utc"] is None) for one in found]

    assert known(MARCH) == [(400.0, True)]
    assert known(april) == [(500.0, True)]
    assert known(may) == [(500.0, False), (630.0, True)]


def test_a_later_version_closes_the_one_before_it(spark: SparkSession) -> None:
    rows = (
        judged(spark, row("F1", MARCH, rating_kva=630.0), row("F1", first_line=3)).orderBy("valid_from_utc").collect()
    )
    assert [(r["valid_from_utc"].month, r["valid_to_utc"] and r["valid_to_utc"].month) for r in rows] == [
        (1, 3),
        (3, None),
    ]


@pytest.mark.parametrize(
    ("fault", "rule"),
    [({"substation_id": None}, "missing_value"), ({"valid_to_utc": JANUARY}, "ends_before_start")],
)
def test_a_row_that_cannot_stand_is_rejected_and_leaves_the_good_one(
    spark: SparkSession, fault: dict[str, Any], rule: str
) -> None:
    rows = judged(spark, row("F1", version=2, first_line=9, **fault), row("F1")).collect()
    assert {(r["first_line"], r["_outcome"], r["_rule"]) for r in rows} == {
        (9, "rejected", rule),
        (2, "accepted", None),
    }
