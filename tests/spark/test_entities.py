"""Entities that need more than their own row: register reads their meter, money its price index."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession, Window

from jobs.bronze.entity import ENTITIES
from jobs.silver.asset_cost import asset_costs
from jobs.silver.asset_event import asset_events
from jobs.silver.meter import METER
from jobs.silver.outage import outages
from jobs.silver.price_index import PRICE_INDEX
from jobs.silver.register_read import counted_to_next, register_reads
from jobs.silver.versions import RULES
from tests.builders import frame

JANUARY, MARCH = (datetime(2016, month, 1, tzinfo=UTC) for month in (1, 3))


def delivered(spark: SparkSession, name: str, *rows: dict[str, Any]) -> DataFrame:
    return frame(spark, ENTITIES[name], *({"first_line": n, **row} for n, row in enumerate(rows, 1)))


def test_a_register_read_belongs_to_where_its_meter_stood(spark: SparkSession) -> None:
    stood = {"meter_id": "M", "usage_point_id": "U1", "multiplier": 2.5}
    meters = frame(
        spark,
        METER,
        {**stood, "valid_from_utc": JANUARY, "valid_to_utc": MARCH},
        {**stood, "valid_from_utc": MARCH, "usage_point_id": "U2", "multiplier": 1.0},
    )

    def read(at: datetime, meter: str = "M", register: int = 5) -> dict[str, Any]:
        return {"meter_id": meter, "channel": "delivered", "read_at_utc": at, "register_wh": register}

    hour = timedelta(hours=1)
    reads = [read(JANUARY + hour), read(MARCH), read(MARCH + hour), read(JANUARY - hour), read(MARCH, "NOBODY")]
    rows = register_reads(delivered(spark, "register_read", *reads), meters).orderBy("first_line").collect()
    found = [(row["usage_point_id"], row["register_wh"], row["_outcome"], row["_rule"]) for row in rows]
    # 5 x 2.5 = 12.5 is rounded to even; where both placements meet, the later one has the read
    assert found == [
        ("U1", 12, "accepted", None),
        ("U2", 5, "accepted", None),
        ("U2", 5, "accepted", None),
        ("", 5, "rejected", "no_meter"),
        ("", 5, "rejected", "no_meter"),
    ]
    assert all(row["_accepted"] + row["_rejected"] == 1 for row in rows)


def test_what_a_register_counted_is_known_where_one_multiplier_held(spark: SparkSession) -> None:
    """It shows 100 more each day: times 40 until midnight of the 3rd, 60 until noon of the 4th, 50 until it goes."""
    midnight = [JANUARY + timedelta(days=number) for number in range(6)]
    changes = [midnight[0], midnight[2], midnight[3] + timedelta(hours=12), midnight[5]]
    stays = zip(changes, changes[1:], (40.0, 60.0, 50.0), strict=False)
    meters = frame(
        spark,
        METER,
        *(
            {"meter_id": "M", "usage_point_id": "U", "valid_from_utc": start, "valid_to_utc": end, "multiplier": factor}
            for start, end, factor in stays
        ),
    )
    reads = [
        {"meter_id": "M", "channel": "delivered", "read_at_utc": at, "register_wh": 1_000 + 100 * number}
        for number, at in enumerate(midnight)
    ]
    found = register_reads(delivered(spark, "register_read", *reads), meters)
    of_meter = Window.partitionBy("usage_point_id", "channel", "meter_id").orderBy("read_at_utc")
    rows = found.withColumn("counted", counted_to_next(of_meter)).orderBy("first_line").collect()
    assert [(row["multiplier_before"], row["multiplier_after"], row["register_wh"]) for row in rows] == [
        (40, 40, 40_000), (40, 40, 44_000), (40, 60, 72_000), (60, 60, 78_000), (50, 50, 70_000), (50, 50, 75_000),
    ]  # fmt: skip
    assert [row["counted"] for row in rows] == [4_000, 4_000, 6_000, None, 5_000, None]


INDICES = [
    ("equipment", 2010, 80.0),
    ("equipment", 2012, 0.0),
    ("equipment", 2016, 100.0),
    ("labour", 2015, 50.0),
    ("labour", 2016, 60.0),
]


def indices(spark: SparkSession) -> DataFrame:
    return frame(spark, PRICE_INDEX, *({"index_name": n, "year": y, "index_value": v} for n, y, v in INDICES))


def test_money_is_brought_to_the_price_year_or_refused(spark: SparkSession) -> None:
    def cost(year: int, currency: str | None = "EUR", kind: str = "investment") -> dict[str, Any]:
        of = {"asset_class": "c", "rating_kva": 100.0, "loss_class": "any", "cost_kind": kind}
        return {**of, "amount": Decimal("1000.00"), "booked_on": date(year, 6, 1), "currency": currency}

    rows = asset_costs(
        delivered(spark, "asset_cost", cost(2010), cost(2016), cost(2011), cost(2012), cost(2010, "USD", "failure")),
        indices(spark),
        price_year=2016,
        currency="EUR",
    ).orderBy("first_line")
    assert [(row["unit_cost"], row["index_used"], row["_rule"]) for row in rows.collect()] == [
        (1250.0, 1.25, None),
        (1000.0, 1.0, None),
        (None, None, "no_price_index"),
        (None, None, "no_price_index"),  # an index of 0 is none
        (1250.0, 1.25, "other_currency"),
    ]


def test_a_work_order_says_what_it_was_for(spark: SparkSession) -> None:
    def event(name: str, kind: str, work_kind: str | None) -> dict[str, Any]:
        of = {"event_id": name, "asset_id": "A", "kind": kind, "work_kind": work_kind}
        return {**of, "occurred_at_utc": JANUARY, "amount": Decimal("60.00"), "currency": "EUR"}

    rows = asset_events(
        delivered(
            spark,
            "asset_event",
            event("E1", "work_order", "corrective"),
            event("E2", "work_order", None),
            event("E3", "failure", None),
        ),
        indices(spark),
        price_year=2016,
        currency="EUR",
        zone="Europe/Berlin",
    ).orderBy("event_id")
    missing = "E01: a value that must be there is missing: work_kind of a work order"
    assert [(row["work_kind"], row["_rule"], row["_reason"]) for row in rows.collect()] == [
        ("corrective", None, None),
        (None, "missing_value", missing),
        (None, None, None),
    ]


def test_an_outage_is_of_a_position_or_of_an_area(spark: SparkSession) -> None:
    begun = {"valid_from_utc": JANUARY, "valid_to_utc": MARCH}
    places = [{"transformer_id": "T"}, {"area_id": "north"}, {}]
    rows = delivered(spark, "outage", *({"outage_id": f"O{n}", **begun, **place} for n, place in enumerate(places)))
    found = {row["outage_id"]: (row["_outcome"], row["_rule"], row["_reason"]) for row in outages(rows).collect()}
    assert found["O0"] == found["O1"] == ("accepted", None, None)
    assert found["O2"] == ("rejected", "missing_value", f"{RULES['missing_value'].told}: transformer_id or area_id")


def test_an_event_counts_in_its_local_year_and_may_have_no_cost(spark: SparkSession) -> None:
    def event(name: str, at: datetime, amount: str | None, currency: str | None = "EUR") -> dict[str, Any]:
        return {"event_id": name, "asset_id": "A", "kind": "failure", "occurred_at_utc": at,
                "amount": amount and Decimal(amount), "currency": currency}  # fmt: skip

    new_year = datetime(2015, 12, 31, 23, 30, tzinfo=UTC)  # 2016 by the clock in Berlin
    rows = asset_events(
        delivered(
            spark,
            "asset_event",
            event("E1", new_year, "60.00"),
            event("E2", new_year - timedelta(hours=1), "50.00"),
            event("E3", new_year, None, None),
            event("E4", new_year, "60.00", None),
        ),
        indices(spark),
        price_year=2016,
        currency="EUR",
        zone="Europe/Berlin",
    ).orderBy("event_id")
    assert [(row["event_cost"], row["_rule"]) for row in rows.collect()] == [
        (60.0, None),
        (60.0, None),  # 50 x 60 / 50
        (None, None),
        (60.0, "other_currency"),
    ]
