"""Bronze reads become blocks: versions, exchanges, expectations, and every read accounted for."""

import json
import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from jobs.bronze.file import BRONZE_FILE
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.outcome import COUNTS
from jobs.silver.connectivity import CONNECTIVITY
from jobs.silver.customer_agreement import CUSTOMER_AGREEMENT
from jobs.silver.meter import METER
from jobs.silver.read_piece import reads_taken
from jobs.silver.received_block import RECEIVED_BLOCK, received_blocks
from jobs.silver.usage_point import USAGE_POINT
from jobs.span import Span
from kernels.quality import MISSING, VALID
from tests.builders import frame

DAY = date(2016, 1, 15)
ONE_DAY = Span(DAY, DAY + timedelta(1))
MIDNIGHT = datetime(2016, 1, 14, 23, tzinfo=UTC)  # of grid day DAY at +01:00
EARLY = datetime(2015, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


class Delivered:
    """What was delivered: one usage point U1 with meter M1 unless a test says more."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark
        self.bronze: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = [{"file_id": "f", "source": "head"}]
        self.meters: list[dict[str, Any]] = [{"meter_id": "M1", "usage_point_id": "U1", "valid_from_utc": EARLY}]
        self.points: list[dict[str, Any]] = [point("U1")]
        self.places: list[dict[str, Any]] = [place("U1")]
        self.agreements: list[dict[str, Any]] = [agreement("U1")]
        self.collected: dict[str, list[Row]] = {}

    def read(self, *values: float, start: datetime = MIDNIGHT, meter: str = "M1", **over: Any) -> None:
        minutes = over.get("interval_minutes", 15)
        end = start + timedelta(minutes=minutes * len(values) - 1)
        row = {
            "file_id": "f", "source": "head", "first_line": len(self.bronze) + 1, "meter_id": meter, "start_utc": start,
            "channel": "delivered", "interval_minutes": 15, "value": [float(v) for v in values], "unit_factor": 1.0,
            "first_grid_date": (start + timedelta(hours=1)).date(), "last_grid_date": (end + timedelta(hours=1)).date(),
        }  # fmt: skip
        self.bronze.append(row | over)

    def rows(self, span: Span = ONE_DAY) -> list[Row]:
        if str(span) not in self.collected:
            self.collected[str(span)] = self.frame(span).collect()
        return self.collected[str(span)]

    def frame(self, span: Span) -> DataFrame:
        return received_blocks(
            frame(self.spark, BRONZE_INTERVAL_BLOCK, *self.bronze),
            frame(self.spark, BRONZE_FILE, *self.files),
            frame(self.spark, METER, *self.meters),
            frame(self.spark, USAGE_POINT, *self.points),
            frame(self.spark, CONNECTIVITY, *self.places),
            frame(self.spark, CUSTOMER_AGREEMENT, *self.agreements),
            span=span,
            offset_seconds=3600,
            interval_minutes=15,
            tasks=2,
        )

    def block(self, **of: Any) -> Row:
        (found,) = [
            row for row in self.rows() if row["_outcome"] == "accepted" and all(row[k] == v for k, v in of.items())
        ]
        return found

    def rejected(self) -> dict[str, int]:
        rows = [row for row in self.rows() if row["_outcome"] == "rejected"]
        assert all(row["_reason"] for row in rows)
        return {rule: sum(r["_rejected"] for r in rows if r["_rule"] == rule) for rule in {r["_rule"] for r in rows}}

    def counts(self) -> dict[str, int]:
        rows = self.rows()
        counts = {name[1:]: sum(row[name] for row in rows) for name in COUNTS}
        taken = reads_taken(frame(self.spark, BRONZE_INTERVAL_BLOCK, *self.bronze), ONE_DAY, 3600).collect()
        assert sum(counts.values()) == sum(row["taken"] for row in taken)
        return counts


def point(name: str, **over: Any) -> dict[str, Any]:
    return {
        "usage_point_id": name,
        "valid_from_utc": EARLY,
        "kind": "customer",
        "metering": "interval",
        "channels": ["delivered"],
    } | over


def place(name: str, **over: Any) -> dict[str, Any]:
    return {
        "usage_point_id": name,
        "valid_from_utc": EARLY,
        "transformer_id": "T1",
        "feeder_id": "F1",
        "substation_id": "S1",
    } | over


def agreement(name: str, **over: Any) -> dict[str, Any]:
    return {"usage_point_id": name, "valid_from_utc": EARLY, "customer_class": "household"} | over


@pytest.fixture
def delivered(spark: SparkSession) -> Delivered:
    return Delivered(spark)


def test_a_day_lands_whole_with_its_place_in_the_network(delivered: Delivered) -> None:
    delivered.read(*range(96), unit_factor=1000.0)
    block = delivered.block()
    assert block["reading"] == [1000 * n for n in range(96)]
    assert block["reading_quality"] == [VALID] * 96
    assert (block["transformer_id"], block["feeder_id"], block["substation_id"]) == ("T1", "F1", "S1")
    assert (block["unit"], block["customer_class"], block["counts_as_meter"]) == ("Wh", "household", True)
    assert block["received_intervals"] == 96
    assert block["day_total"] == 1000 * 95 * 48
    assert block["active_first_half"] == 2**48 - 2
    assert set(RECEIVED_BLOCK.column_names) <= set(block.asDict())


def test_the_area_of_a_day_is_that_of_its_start(delivered: Delivered) -> None:
    noon = MIDNIGHT + timedelta(hours=12)
    delivered.points = [
        point("U1", area_id="OLD", valid_to_utc=noon),
        point("U1", area_id="NEW", valid_from_utc=noon),
    ]
    delivered.read(*[1.0] * 96)
    assert delivered.block()["area_id"] == "OLD"


def test_a_record_over_midnight_is_cut_and_only_the_span_is_counted(delivered: Delivered) -> None:
    delivered.read(1, 2, 3, 4, start=MIDNIGHT - 2 * QUARTER)
    assert delivered.block()["reading"][:3] == [3, 4, 0]
    assert delivered.counts()["accepted"] == 2
    both = delivered.rows(Span(DAY - timedelta(1), DAY + timedelta(1)))
    assert {(row["grid_date"].day, row["received_intervals"]) for row in both} == {(14, 2), (15, 2)}


def test_a_meter_that_sent_nothing_is_expected_and_missing(delivered: Delivered) -> None:
    delivered.points = [point("U1", channels=["delivered", "received", "reactive_delivered"])]
    rows = delivered.rows()
    assert {row["channel"]: row["counts_as_meter"] for row in rows} == {
        "delivered": True, "received": False, "reactive_delivered": False,
    }  # fmt: skip
    assert all(row["reading_quality"] == [MISSING] * 96 and row["version"] is None for row in rows)
    assert {row["unit"] for row in rows} == {"Wh", "varh"}
    assert all(row["reactive_metered"] for row in rows)


def test_exchange_within_the_day_gives_one_block_of_both_meters(delivered: Delivered) -> None:
    exchange = MIDNIGHT + 10 * QUARTER - timedelta(seconds=1)
    delivered.meters = [
        {
            "meter_id": "M1",
            "usage_point_id": "U1",
            "valid_from_utc": EARLY,
            "valid_to_utc": exchange,
            "multiplier": 1.0,
        },
        {"meter_id": "M2", "usage_point_id": "U1", "valid_from_utc": exchange, "multiplier": 40.0},
    ]
    delivered.read(*[1] * 96)
    delivered.read(*[2] * 96, meter="M2")
    assert delivered.block()["reading"] == [1] * 10 + [80] * 86
    # The old meter after the exchange and the new one before it stood nowhere.
    assert delivered.rejected() == {"unknown_meter": 86 + 10}
    assert delivered.counts()["accepted"] == 96


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_highest_version_wins_in_every_order(delivered: Delivered, order: tuple[int, ...]) -> None:
    deliveries = [((1, 1, 1), 1), ((math.nan, 2, 2), 2), ((math.nan, math.nan, 3), 3)]
    for number in order:
        values, version = deliveries[number]
        delivered.read(*values, version=version)
    assert delivered.block()["reading"][:3] == [1, 2, 3]
    assert delivered.counts() == {"accepted": 3, "rejected": 0, "duplicate": 0, "superseded": 3}


def test_what_is_refused_says_why_and_the_count_balances(delivered: Delivered) -> None:
    delivered.meters += [
        {"meter_id": m, "usage_point_id": m, "valid_from_utc": EARLY} for m in ("REG", "OFF", "NEW", "ODD")
    ]
    delivered.points += [point("REG", metering="register"), point("OFF"), point("NEW"), point("ODD")]
    delivered.places += [place("REG"), place("NEW"), place("ODD")]
    delivered.agreements += [agreement(name) for name in ("REG", "OFF", "ODD")]
    delivered.read(5, 6, 7)
    delivered.read(5, 8, math.nan)
    delivered.read(9, start=MIDNIGHT + 2 * QUARTER, version=2)
    delivered.read(1, 1, meter="NOBODY")
    delivered.read(1, meter="REG")
    delivered.read(1, meter="OFF")
    delivered.read(1, meter="NEW")
    delivered.read(1, 1, channel="received")
    delivered.read(4e9, 3, start=MIDNIGHT + 50 * QUARTER)
    delivered.read(1, 1, meter="ODD", interval_minutes=7)
    delivered.read(1, start=MIDNIGHT + timedelta(minutes=5), meter="ODD", interval_minutes=15)
    assert delivered.rejected() == {
        "conflict": 2, "unknown_meter": 2, "not_interval_metered": 1, "not_connected": 1,
        "no_customer_class": 1, "channel_not_declared": 2, "overflow": 1, "interval_not_dividing_day": 3,
    }  # fmt: skip
    assert delivered.counts() == {"accepted": 3, "rejected": 13, "duplicate": 1, "superseded": 1}
    assert delivered.block(usage_point_id="U1")["reading"][:3] == [5, 0, 9]
    (unknown,) = [row for row in delivered.rows() if row["_rule"] == "unknown_meter"]
    assert json.loads(unknown["_record"])["value"] == [1.0, 1.0]
    assert (unknown["_source"], unknown["_file_id"], unknown["_line"]) == ("head", "f", 4)


def test_a_usage_point_without_class_is_refused_even_without_reads(delivered: Delivered) -> None:
    delivered.agreements = []
    (row,) = delivered.rows()
    assert (row["_outcome"], row["_rule"], row["_rejected"]) == ("rejected", "no_customer_class", 0)
    delivered.points = [point("U1", kind="generation")]
    delivered.collected.clear()
    assert delivered.block()["customer_class"] == "generation"


def test_place_at_the_start_of_the_day_holds_for_the_day(delivered: Delivered) -> None:
    moved = MIDNIGHT + timedelta(hours=9)
    delivered.places = [place("U1", valid_to_utc=moved), place("U1", valid_from_utc=moved, transformer_id="T2")]
    rows = delivered.rows(Span(DAY, DAY + timedelta(2)))
    assert {row["grid_date"].day: row["transformer_id"] for row in rows} == {15: "T1", 16: "T2"}
