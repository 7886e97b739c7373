"""Received blocks become validated ones: the same whichever span is built, with findings, estimates and history."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from jobs.lake.local import local_rows
from jobs.settings import Settings
from jobs.silver.interval_block import BESIDE_DAYS, EARLIER_DAYS, INTERVAL_BLOCK, interval_blocks
from jobs.silver.outage import OUTAGE, dark_quarters
from jobs.silver.reading_flag import READING_FLAG, reading_flags
from jobs.silver.received_block import RECEIVED_BLOCK
from jobs.silver.register_read import REGISTER_READ
from jobs.silver.usage_point_baseline import USAGE_POINT_BASELINE
from jobs.silver.validation import ValidationSettings
from jobs.span import Span
from kernels import quality as q
from tests.builders import frame

FIRST = date(2016, 1, 20)
ALL_BITS = (1 << 48) - 1


def day_row(number: int, reads: list[int | None], **over: Any) -> dict[str, Any]:
    present = [read for read in reads if read is not None]
    return {
        "usage_point_id": "U1", "grid_date": FIRST + timedelta(number), "interval_minutes": 15,
        "reading": [read or 0 for read in reads],
        "reading_quality": [q.MISSING if read is None else q.VALID for read in reads],
        "received_intervals": len(present), "day_total": sum(present), "rounding_wh": 0.0, "transformer_id": "T1",
        "active_first_half": ALL_BITS, "active_second_half": ALL_BITS, "customer_class": "household",
        "feeds_in": False,
    } | over  # fmt: skip


def plain(level: int = 100) -> list[Any]:
    return [level + (1 if slot % 2 else -1) for slot in range(96)]


class Silver:
    def __init__(self, spark: SparkSession, settings: Settings) -> None:
        self.spark, self.settings = spark, settings
        self.received: list[dict[str, Any]] = []
        self.baseline: list[dict[str, Any]] = []
        self.registers: list[dict[str, Any]] = []
        self.outages: list[dict[str, Any]] = []

    def built(self, first: int, end: int, **over: Any) -> list[Row]:
        span = Span(FIRST + timedelta(first), FIRST + timedelta(end))
        rows = frame(self.spark, RECEIVED_BLOCK, *self.received)

        def of(days: Span) -> Any:
            return rows.where(f"grid_date >= date'{days.first}' and grid_date < date'{days.end}'")

        blocks = interval_blocks(
            of(span.widened(BESIDE_DAYS, BESIDE_DAYS)),
            of(span.widened(EARLIER_DAYS)),
            frame(self.spark, USAGE_POINT_BASELINE, *self.baseline),
            frame(self.spark, REGISTER_READ, *self.registers),
            frame(self.spark, OUTAGE, *self.outages),
            span=span,
            time=self.settings.grid_time,
            validation=ValidationSettings.model_validate(self.settings.validation.model_dump() | over),
            tasks=2,
        )
        assert blocks.columns == INTERVAL_BLOCK.column_names
        rows = blocks.orderBy("grid_date").collect()
        assert [row["energy"] for row in rows] == [sum(row["reading"]) for row in rows]
        return rows


@pytest.fixture
def silver(spark: SparkSession, settings: Settings) -> Silver:
    return Silver(spark, settings)


def test_a_day_built_alone_is_the_day_built_with_all(silver: Silver) -> None:
    """A month's end, a gap over midnight, a catch-up of two days and a rise of level among them."""
    days = [plain() for _ in range(16)]
    days[7][90:], days[8][:7] = [0] * 6, [0] * 7
    days[8][7] = 1404
    days[9][94:], days[10][:3] = [None] * 2, [None] * 3
    days[11][:] = [None] * 96
    days[12][40] = 5000
    days[14] = plain(900)
    silver.received = [day_row(number, reads) for number, reads in enumerate(days)]
    whole = silver.built(0, 16)
    assert (whole[0]["energy"], whole[14]["energy"]) == (9_600, 86_400)
    alone = [row for number in range(7, 16) for row in silver.built(number, number + 1)]
    assert alone == whole[7:]
    found = {
        (row["grid_date"].day, one["rule_id"], one["first_slot"], one["slots"], one["disposition"])
        for row in whole
        for one in row["findings"]
    }
    assert found == {
        (28, "catch_up", -6, 14, "spread"), (29, "missing", 94, 2, "estimated"), (30, "missing", 0, 3, "estimated"),
        (31, "missing", 0, 96, "missing"), (1, "spike", 40, 1, "estimated"), (3, "level_change", 0, 96, "flagged"),
    }  # fmt: skip
    assert whole[7]["reading"][90:] == [101] * 4 + [100] * 2


def test_history_estimates_a_day_and_says_when_it_is_not_there(silver: Silver) -> None:
    silver.received = [day_row(0, [None] * 96), day_row(0, [None] * 96, usage_point_id="U2")]
    silver.baseline = [
        {
            "usage_point_id": "U1", "day_type": kind, "month_start": date(2016, month, 1), "interval_minutes": 15,
            "days": 20 if kind == "workday" else 4,
            "typical": list(range(1, 97)) if (kind, month) == ("workday", 1) else [7] * 96,
            "low": [0] * 96, "high": [200] * 96,
        }
        for kind in ("workday", "saturday", "sunday") for month in (1, 2)
    ]  # fmt: skip
    rows = {row["usage_point_id"]: row for row in silver.built(0, 1)}
    assert rows["U1"]["reading"] == list(range(1, 97))
    assert set(rows["U1"]["reading_quality"]) == {q.ESTIMATED_LIKE_DAY}
    assert "zero_run" not in rows["U1"]["rules_not_run"]
    one_week_less = {row["usage_point_id"]: row for row in silver.built(0, 1, baseline_judging_weeks=5)}["U1"]
    assert one_week_less["reading"] == rows["U1"]["reading"]
    assert "zero_run" in one_week_less["rules_not_run"]
    assert rows["U2"]["reading"] == [0] * 96
    assert set(rows["U2"]["reading_quality"]) == {q.MISSING}
    assert set(rows["U2"]["rules_not_run"]) == {
        "high", "low", "zero_run", "clock_drift", "level_change", "zero_day", "register_difference",
    }  # fmt: skip


def test_register_reads_at_both_ends_of_the_day_are_held_against_it(silver: Silver) -> None:
    silver.received = [day_row(0, plain())]
    start = datetime(2016, 1, 19, 23, tzinfo=UTC)
    silver.registers = [
        {
            "usage_point_id": "U1",
            "meter_id": "M",
            "read_at_utc": start + timedelta(days=n),
            "register_wh": 5000 + n * 12000,
        }
        for n in range(2)
    ]
    (row,) = silver.built(0, 1)
    (finding,) = row["findings"]
    assert (finding["rule_id"], finding["measured"]) == ("register_difference", 9600 - 12000)
    assert set(row["reading_quality"]) == {q.SUSPECT}


def test_a_day_in_which_the_multiplier_changes_is_held_against_no_register(silver: Silver) -> None:
    """It shows 4,800 more each day: twice until midnight, three times until within the last day, then twice."""
    silver.received = [day_row(number, plain(level)) for number, level in enumerate((100, 150, 125))]
    start = datetime(2016, 1, 19, 23, tzinfo=UTC)
    silver.registers = [
        {
            "usage_point_id": "U1",
            "meter_id": "M",
            "read_at_utc": start + timedelta(days=number),
            "register_wh": (1_000 + 4_800 * number) * after,
            "multiplier_before": float(before),
            "multiplier_after": float(after),
        }
        for number, (before, after) in enumerate([(2, 2), (2, 3), (3, 3), (2, 2)])
    ]
    rows = silver.built(0, 3)
    assert [row["energy"] for row in rows] == [9_600, 14_400, 12_000]
    assert [row["findings"] for row in rows] == [[]] * 3
    assert ["register_difference" in row["rules_not_run"] for row in rows] == [False, False, True]


def test_a_dead_meter_is_seen_by_its_neighbours_and_flags_are_its_findings(silver: Silver) -> None:
    dead = {"usage_point_id": "U2", "active_first_half": 0, "active_second_half": 0}
    silver.received = [row for n in range(9) for row in (day_row(n, plain()), day_row(n, [0] * 96, **dead))]
    alone = dead | {"usage_point_id": "U3", "transformer_id": "T2"}
    silver.received += [day_row(n, [0] * 96, **alone) for n in range(9)]
    rows = silver.built(7, 9)
    flags = reading_flags(local_rows(silver.spark, INTERVAL_BLOCK.schema, rows))
    assert flags.columns == READING_FLAG.column_names
    assert {(one["usage_point_id"], one["rule_id"], one["slots"]) for one in flags.collect()} == {
        ("U2", "zero_day", 96)
    }


def test_a_recorded_outage_darkens_its_transformer_whatever_a_neighbour_reads(silver: Silver) -> None:
    """22:05 to 01:55 UTC is 23:05 to 02:55 on the grid: from quarter-hour 92 to 11 of the day after it is dark."""
    first_day, second_day = FIRST, FIRST + timedelta(1)
    zeros = [50] * 92 + [0] * 4, [0] * 20 + [50] * 76
    silver.received = [day_row(n, reads, usage_point_id=f"U{t}", transformer_id=f"T{t}")
                       for t in (1, 2) for n, reads in enumerate(zeros)]  # fmt: skip
    silver.baseline = [
        {"usage_point_id": f"U{t}", "day_type": "workday", "month_start": date(2016, 1, 1), "interval_minutes": 15,
         "days": 20, "typical": [50] * 96, "low": [40] * 96, "high": [60] * 96}
        for t in (1, 2)
    ]  # fmt: skip
    silver.outages = [
        {"outage_id": "O1", "valid_from_utc": datetime(2016, 1, 20, 22, 5, tzinfo=UTC), "transformer_id": "T1",
         "valid_to_utc": datetime(2016, 1, 21, 1, 55, tzinfo=UTC)},
        {"outage_id": "O2", "valid_from_utc": datetime(2016, 1, 1, tzinfo=UTC), "transformer_id": "T3"},
    ]  # fmt: skip
    found = {
        (row["usage_point_id"], row["grid_date"], one["first_slot"], one["slots"])
        for row in silver.built(0, 2)
        for one in row["findings"]
        if one["rule_id"] == "zero_run"
    }
    assert found == {("U1", second_day, 12, 8), ("U2", first_day, 92, 4), ("U2", second_day, 0, 20)}


def test_quarter_hours_that_an_outage_touched_are_dark(spark: SparkSession) -> None:
    days = Span(FIRST, FIRST + timedelta(3))
    grid_midnight = datetime(2016, 1, 19, 23, tzinfo=UTC)

    def outage(name: str, begin: float, end: float | None) -> dict[str, Any]:
        """Hours since the first grid midnight."""
        back = None if end is None else grid_midnight + timedelta(hours=end)
        return {"outage_id": f"{name}{begin}", "transformer_id": name, "valid_to_utc": back,
                "valid_from_utc": grid_midnight + timedelta(hours=begin)}  # fmt: skip

    rows = frame(
        spark, OUTAGE, outage("within", 1, 1.5), outage("within", 1.25, 2), outage("noon", 11.9, 12.1),
        outage("before", -9, -1), outage("lasting", 47, None), outage("whole", 24, 48),
        outage("area", 1, 2) | {"transformer_id": None, "area_id": "north"},
    )  # fmt: skip
    found = {
        (row["transformer_id"], (row["grid_date"] - FIRST).days): (row["_dark_first"], row["_dark_second"])
        for row in dark_quarters(rows, days, 3600).collect()
    }
    assert found == {
        ("within", 0): (0b1111 << 4, 0),
        ("noon", 0): (1 << 47, 1),
        ("lasting", 1): (0, 0b1111 << 44),
        ("lasting", 2): (ALL_BITS, ALL_BITS),
        ("whole", 1): (ALL_BITS, ALL_BITS),
    }


def test_with_rules_off_reads_stand_as_they_came(silver: Silver) -> None:
    reads = plain()
    reads[3], reads[50] = -4, None
    silver.received = [day_row(0, reads)]
    (row,) = silver.built(0, 1, enabled=False)
    assert row["reading"] == [read or 0 for read in reads]
    assert (row["findings"], row["rule_set_version"], row["reading_quality"][50]) == ([], "off", q.MISSING)
