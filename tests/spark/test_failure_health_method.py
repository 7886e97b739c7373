"""The health method as a baseline of the failure model: at each date by what was known then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from math import exp
from typing import Any, cast

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.models.failure.health_method import health_at
from jobs.query.snapshot import Snapshot
from jobs.settings import Settings
from jobs.table import Table
from tests.builders import frame

UNIT = {
    "asset_class": "distribution_transformer", "rating_kva": 400.0, "high_voltage_kv": 10.0, "low_voltage_kv": 0.4,
}  # fmt: skip
SEEN = {"external_condition": "substantial_deterioration", "inspected_at_utc": datetime(2013, 5, 1, tzinfo=UTC)}
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "silver.asset": [
        UNIT | {"asset_id": name, "manufactured_year": made}
        for name, made in (("NEW", 2011), ("OLD", 1950), ("AGELESS", None), ("SEEN", 1985))
    ],
    "silver.asset_deployment": [
        {"asset_id": name, "transformer_id": f"T-{name}", "valid_from_utc": datetime(2012, 1, 1, tzinfo=UTC)}
        for name in ("NEW", "OLD", "AGELESS", "SEEN")
    ],
    # done in 2013, entered in 2014
    "silver.inspection": [
        SEEN | {"asset_id": "SEEN", "inspection_id": "I", "known_from_utc": datetime(2014, 2, 1, tzinfo=UTC)}
    ],
}


class Release:
    """Rows as a release would hold them."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark

    def rows(self, table: Table) -> DataFrame:
        return frame(self.spark, table, *ROWS.get(table.name, []))


@pytest.fixture(scope="module")
def said(spark: SparkSession, settings: Settings) -> dict[tuple[str, int], float]:
    at = health_at(cast(Snapshot, Release(spark)), settings)
    rows = at([date(2014, 1, 1), date(2015, 1, 1)]).collect()
    return {(row["asset_id"], row["as_of"].year): row["health_probability"] for row in rows}


def test_a_new_unit_has_the_least_chance_that_the_method_knows(said: dict[tuple[str, int], float]) -> None:
    """CNAIM v2.1, HV transformer: K 0.0078 %, C 1.087, score 4: 0.000078 (1 + 4.348 + 9.4526 + 13.6999) = 0.0022230."""
    assert said["NEW", 2014] == pytest.approx(1 - exp(-0.0022230), rel=1e-4)
    assert said["NEW", 2015] == said["NEW", 2014]


def test_age_alone_goes_no_further_than_a_score_of_5_5(said: dict[tuple[str, int], float]) -> None:
    """K (1 + 5.9785 + 17.8712 + 35.6143) = 0.0047162; less here, for the default duty and place spare it."""
    assert 1.5 * said["NEW", 2014] < said["OLD", 2014] < 1 - exp(-0.0047162)


def test_units_that_it_cannot_judge_are_left_out(said: dict[tuple[str, int], float]) -> None:
    assert {unit for unit, _ in said} == {"NEW", "OLD", "SEEN"}


def test_a_finding_entered_later_is_not_used(said: dict[tuple[str, int], float]) -> None:
    assert said["SEEN", 2014] == said["NEW", 2014]
    assert said["SEEN", 2015] > 1.5 * said["SEEN", 2014]
