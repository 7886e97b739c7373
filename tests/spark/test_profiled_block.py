"""Load of usage points without interval meters: between register reads, by a yearly estimate, by the sun."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.bronze.entity import ENTITIES
from jobs.lake.write import conform
from jobs.outcome import ACCEPTED
from jobs.settings import GridTime
from jobs.silver.connectivity import CONNECTIVITY
from jobs.silver.customer_agreement import CUSTOMER_AGREEMENT
from jobs.silver.profiled_block import PROFILED_BLOCK, profiled_blocks
from jobs.silver.register_read import REGISTER_READ
from jobs.silver.shaping_settings import ShapingSettings
from jobs.silver.standard_profile import SEASONS, STANDARD_PROFILE, standard_profiles
from jobs.silver.usage_point import USAGE_POINT
from jobs.silver.usage_point_baseline import DAY_TYPES
from jobs.span import Span
from tests.builders import frame

TIME = GridTime(utc_offset="+01:00", zone="Europe/Berlin")
FRIDAY = date(2016, 1, 15)
OLD = datetime(2010, 1, 1, tzinfo=UTC)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=1)


def point(name: str, **values: Any) -> dict[str, Any]:
    place = {"metering": "register", "profile_id": "P", "channels": ["delivered"]}
    return {"usage_point_id": name, "valid_from_utc": OLD, **place, **values}


def read(name: str, at: datetime, wh: int, meter: str = "M") -> dict[str, Any]:
    return {"usage_point_id": name, "meter_id": meter, "read_at_utc": at, "register_wh": wh, "channel": "delivered"}


def powers(profile: str, power: Any) -> list[dict[str, Any]]:
    """A whole profile; ``power(season, day_type, hour)`` in watts."""
    return [
        {
            "profile_id": profile,
            "season": season,
            "day_type": day_type,
            "time_of_day": f"{quarter // 4:02}:{quarter % 4 * 15:02}",
            "power_w": float(power(season, day_type, quarter // 4)),
        }
        for season in SEASONS
        for day_type in DAY_TYPES
        for quarter in range(96)
    ]


WEEKLY = powers("P", lambda season, day_type, hour: {"workday": 1, "saturday": 2, "sunday": 5}[day_type])
EVENING = powers("E", lambda season, day_type, hour: 100 if hour == 20 else 0)


def blocks(
    spark: SparkSession,
    span: Span,
    points: list[dict[str, Any]],
    reads: list[dict[str, Any]] = [],  # noqa: B006 (never changed)
    unconnected: tuple[str, ...] = (),
) -> DataFrame:
    names = [one["usage_point_id"] for one in points]
    places = [
        {"usage_point_id": name, "valid_from_utc": OLD, "transformer_id": "T1", "feeder_id": "F1"}
        for name in names
        if name not in unconnected
    ]
    agreements = [{"usage_point_id": name, "valid_from_utc": OLD} for name in names]
    return profiled_blocks(
        frame(spark, USAGE_POINT, *points),
        frame(spark, CONNECTIVITY, *places),
        frame(spark, CUSTOMER_AGREEMENT, *agreements),
        frame(spark, REGISTER_READ, *reads),
        frame(spark, STANDARD_PROFILE, *WEEKLY, *EVENING),
        span=span,
        time=TIME,
        shaping=ShapingSettings(),
    )


def accepted(rows: DataFrame) -> dict[tuple[str, date], Any]:
    good = conform(PROFILED_BLOCK, rows.where(f"_outcome = '{ACCEPTED}'"))
    return {(row["usage_point_id"], row["grid_date"]): row for row in good.collect()}


def test_energy_between_two_reads_follows_the_profile_to_the_watt_hour(spark: SparkSession) -> None:
    """Friday, Saturday, Sunday weigh 1, 2 and 5: of 8,001 Wh they get an eighth, two and five, and one Wh is left."""
    span = Span(FRIDAY, FRIDAY + timedelta(days=3))
    reads = [read("A", midnight(span.first), 500), read("A", midnight(span.end), 8501)]
    found = accepted(blocks(spark, span, [point("A")], reads))
    energy = [found["A", day]["energy_wh"] for day in span]
    assert sum(energy) == 8001
    assert energy == pytest.approx([1000.125, 2000.25, 5000.625], abs=1)
    assert all(row["register_share"] == 1 and sum(row["reading"]) == row["energy_wh"] for row in found.values())
    assert (found["A", FRIDAY]["transformer_id"], found["A", FRIDAY]["feeder_id"]) == ("T1", "F1")


def test_a_day_built_alone_is_the_same(spark: SparkSession) -> None:
    span = Span(FRIDAY, FRIDAY + timedelta(days=3))
    reads = [
        read("A", midnight(FRIDAY) - timedelta(days=30, hours=5), 0),
        read("A", midnight(FRIDAY) + timedelta(hours=30), 77_777),
        read("A", midnight(FRIDAY) + timedelta(days=200), 100_001),
    ]
    whole = accepted(blocks(spark, span, [point("A")], reads))
    for day in span:
        alone = accepted(blocks(spark, Span(day, day + timedelta(days=1)), [point("A")], reads))
        assert alone == {("A", day): whole["A", day]}


def test_before_and_after_the_reads_the_yearly_estimate_stands_in(spark: SparkSession) -> None:
    """Read at noon and at noon the day after: half a day of each is estimated; 1,000 kWh a year is 1 W on workdays."""
    monday = date(2016, 1, 18)
    span = Span(monday, monday + timedelta(days=2))
    noon = midnight(monday) + timedelta(hours=12)
    reads = [read("A", noon, 0), read("A", noon + timedelta(days=1), 9600)]
    found = accepted(blocks(spark, span, [point("A", annual_energy_wh=4_000_000_000)], reads))
    first, second = found["A", monday]["reading"], found["A", monday + timedelta(days=1)]["reading"]
    assert first == [1000] * 48 + [100] * 48  # 4,000 times 1 W for a quarter of an hour; 9,600 Wh over 96
    assert second == [100] * 48 + [1000] * 48
    assert [row["register_share"] for row in found.values()] == [0.5, 0.5]


def test_reads_between_which_the_multiplier_changed_leave_the_yearly_estimate(spark: SparkSession) -> None:
    """Of 9,600 Wh at ten times; then ten times becomes twenty within the day: on workdays 4,000 kWh are 1 kW."""
    monday = date(2016, 1, 18)
    shown = [(10.0, 10.0, 1_000), (10.0, 10.0, 10_600), (20.0, 20.0, 40_000)]
    reads = [
        read("A", midnight(monday + timedelta(days=number)), wh)
        | {"multiplier_before": before, "multiplier_after": after}
        for number, (before, after, wh) in enumerate(shown)
    ]
    span = Span(monday, monday + timedelta(days=2))
    found = accepted(blocks(spark, span, [point("A", annual_energy_wh=4_000_000_000)], reads))
    assert [row["energy_wh"] for row in found.values()] == [9_600, 96_000]
    assert [row["register_share"] for row in found.values()] == [1, 0]


def test_a_meter_exchanged_leaves_each_meter_what_it_counted(spark: SparkSession) -> None:
    noon = midnight(FRIDAY) + timedelta(hours=12)
    reads = [
        read("A", midnight(FRIDAY), 900_000, "old"),
        read("A", noon, 900_480, "old"),
        read("A", noon, 3, "new"),
        read("A", midnight(FRIDAY) + timedelta(days=1), 99, "new"),
    ]
    found = accepted(blocks(spark, Span(FRIDAY, FRIDAY + timedelta(days=1)), [point("A")], reads))
    assert found["A", FRIDAY]["reading"] == [10] * 48 + [2] * 48


def test_profiles_follow_the_clock_on_the_wall(spark: SparkSession) -> None:
    """From 20 to 21 o'clock: 19 to 20 in grid time once summer time holds."""
    span = Span(date(2016, 3, 26), date(2016, 3, 28))
    found = accepted(blocks(spark, span, [point("A", profile_id="E", annual_energy_wh=1_000_000_000)]))
    at = {day: [slot for slot, wh in enumerate(found["A", day]["reading"]) if wh] for day in span}
    assert at == {date(2016, 3, 26): [80, 81, 82, 83], date(2016, 3, 27): [76, 77, 78, 79]}


def test_lamps_burn_from_sunset_to_sunrise(spark: SparkSession) -> None:
    """Berlin, 21 December: down till 8:15 and from 15:54, 16 h 21 min of 400 W."""
    day = date(2016, 12, 21)
    lamp = {"kind": "unmetered", "metering": "none", "profile_id": "sunset_to_sunrise", "x": 13.405, "y": 52.52}
    found = accepted(blocks(spark, Span(day, day + timedelta(days=1)), [point("L", installed_w=400.0, **lamp)]))
    row = found["L", day]
    assert (row["series"], row["register_share"]) == ("unmetered", 0)
    assert row["reading"][:33] == [100] * 33
    assert row["reading"][33] <= 1  # of seven seconds
    assert set(row["reading"][34:63]) == {0}
    assert row["reading"][64:] == [100] * 32
    assert row["energy_wh"] == pytest.approx(400 * (8.25 + 24 - 15.9), abs=14)  # two minutes


def test_a_time_of_day_that_is_no_quarter_hour_is_refused(spark: SparkSession) -> None:
    times = ["00:00", "24:00", "12:05", "7:15", "07:15", "noon"]
    rows = frame(
        spark,
        ENTITIES["standard_profile"],
        *[
            {"profile_id": "P", "season": "winter", "day_type": "sunday", "time_of_day": one, "power_w": 1.0}
            | {"first_line": line, "source": "s", "known_from_utc": OLD, "known_from_basis": "lag", "synthetic": True}
            for line, one in enumerate(times, 1)
        ],
    )
    found = {row["time_of_day"]: row["_rule"] for row in standard_profiles(rows).collect()}
    good = {"00:00", "07:15"}
    assert found == {one: None if one in good else "not_a_quarter" for one in times}


def test_what_cannot_be_shaped_is_refused_and_what_needs_no_shape_left_out(spark: SparkSession) -> None:
    points = [
        point("no profile", profile_id=None, annual_energy_wh=1),
        point("another profile", profile_id="Q", annual_energy_wh=1),
        point("no energy"),
        point("one read"),
        point("falling"),
        point("nowhere", annual_energy_wh=1),
        point("dark lamp", kind="unmetered", metering="none", profile_id="sunset_to_sunrise"),
        point("unknown", kind="unmetered", metering="none", profile_id=None),
        point("interval", metering="interval"),
        point("head", kind="feeder_head"),
    ]
    reads = [read("one read", midnight(FRIDAY), 5), read("falling", midnight(FRIDAY), 5)]
    reads.append(read("falling", midnight(FRIDAY) + timedelta(days=9), 4))
    rows = blocks(spark, Span(FRIDAY, FRIDAY + timedelta(days=1)), points, reads, unconnected=("nowhere",))
    found = {row["usage_point_id"]: row["_rule"] for row in rows.collect()}
    assert found == {
        "no profile": "no_profile",
        "another profile": "no_profile",
        "no energy": "no_energy",
        "one read": "no_energy",
        "falling": "no_energy",
        "nowhere": "not_connected",
        "dark lamp": "no_energy",
    }
