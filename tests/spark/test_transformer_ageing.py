"""transformer_ageing: units at constant load worked by hand, what is missing, and days that stand for themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.gold.ageing.inputs import HOURS, ambient_days
from jobs.gold.transformer_ageing import JOB, TRANSFORMER_AGEING, transformer_ageing
from jobs.gold.transformer_profile import TRANSFORMER_PROFILE
from jobs.lake.write import conform
from jobs.settings import Settings
from jobs.silver.area import AREA
from jobs.silver.asset import ASSET
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.power_transformer import POWER_TRANSFORMER
from jobs.silver.weather_hour import WEATHER_HOUR
from jobs.span import Span
from tests.builders import frame

DAY = date(2016, 3, 27)  # the clock skips an hour; the grid day does not
BEFORE = [DAY - timedelta(days=days) for days in (3, 2, 1)]
AFTER = DAY + timedelta(days=1)
SPAN = Span(DAY, AFTER)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=1)


def load(transformer: str, kva: float, day: date = DAY, **but: Any) -> dict[str, Any]:
    return {
        "transformer_id": transformer, "grid_date": day, "interval_minutes": 15, "apparent_va": [kva * 1000] * 96,
        "meters_seen": [20] * 96, "meters_estimated": [0] * 96, "meters_expected": 20, **but,
    }  # fmt: skip


def loads(transformer: str, kva: float, *days: date) -> list[dict[str, Any]]:
    return [load(transformer, kva, day) for day in days or (*BEFORE, DAY)]


PROFILES = [
    *loads("rated", 100.0), *loads("overloaded", 150.0), *loads("bank", 400.0), *loads("unplaced", 100.0),
    *loads("no_weather", 100.0), *loads("alone", 100.0, DAY), *loads("moved_from", 100.0), *loads("moved_to", 50.0),
    # Idle, then at rated load for the whole day
    *loads("started", 0.0, *BEFORE), load("started", 100.0),
    # 18 of 20 meters are too few: an hour and a half of it, or seven hours
    *loads("gap", 100.0, *BEFORE),
    load("gap", 100.0, meters_seen=[18] * 6 + [20] * 90, apparent_va=[0.0] * 6 + [1e5] * 90),
    *loads("silent", 100.0, *BEFORE), load("silent", 100.0, meters_seen=[18] * 28 + [20] * 68),
    *loads("no_meters", 0.0, *BEFORE), load("no_meters", 0.0, meters_expected=0, meters_seen=[0] * 96),
    *loads("unrated", 100.0), *loads("other_class", 100.0), *loads("cold", 100.0), *loads("later", 100.0, *BEFORE),
]  # fmt: skip
UNITS: list[tuple[str, str, dict[str, Any]]] = [
    ("rated", "rated", {}),
    ("overloaded", "overloaded", {}),
    ("bank_1", "bank", {}),
    ("bank_3", "bank", {"rating_kva": 300.0}),
    ("unplaced", "unplaced", {}),
    ("no_weather", "no_weather", {}),
    ("alone", "alone", {}),
    ("started", "started", {}),
    ("gap", "gap", {}),
    ("silent", "silent", {}),
    ("no_meters", "no_meters", {}),
    ("unrated", "unrated", {"rating_kva": None}),
    ("beside_unrated", "unrated", {}),
    ("other_class", "other_class", {"asset_class": "circuit_breaker"}),
    ("cold", "cold", {"no_load_loss_w": 200.0, "load_loss_w": 2000.0}),
    ("later", "later", {}),
]
PLACES = {"unplaced": None, "no_weather": "A2", "cold": "A3"}


def deployment(asset: str, transformer: str, start: datetime = LONG_AGO, end: datetime | None = None) -> dict[str, Any]:
    return {"asset_id": asset, "transformer_id": transformer, "valid_from_utc": start, "valid_to_utc": end}


def hours(place: str, first: date, days: int, degc: float) -> list[dict[str, Any]]:
    stamps = [midnight(first) + timedelta(hours=hour) for hour in range(24 * days)]
    return [{"place_id": place, "hour_utc": stamp, "temperature_degc": degc} for stamp in stamps]


def inputs(spark: SparkSession) -> dict[str, Any]:
    units = [
        {"asset_id": name, "asset_class": "distribution_transformer", "rating_kva": 100.0, **but}
        for name, _, but in [*UNITS, ("mover", "", {})]
    ]
    change = midnight(DAY) - timedelta(hours=12)
    deployments = [
        *[deployment(name, position) for name, position, _ in UNITS],
        deployment("mover", "moved_from", end=change),
        deployment("mover", "moved_to", start=change),
    ]
    positions = [
        {"transformer_id": position, "valid_from_utc": LONG_AGO, "area_id": PLACES.get(position, "A1")}
        for position in sorted({row["transformer_id"] for row in PROFILES})
    ]
    areas = [
        {"area_id": "A1", "year": 2014, "weather_place_id": "nowhere"},
        {"area_id": "A1", "year": 2015, "weather_place_id": "mild"},
        {"area_id": "A2", "year": 2015, "weather_place_id": "unobserved"},
        {"area_id": "A3", "year": 2015, "weather_place_id": "frost"},
    ]
    mild = hours("mild", BEFORE[0], 4, 20.0)
    frost = hours("frost", BEFORE[0], 4, -10.0)
    del frost[72 + 5 : 72 + 7]  # two hours of the day, between others as cold
    forecast = {**mild[80], "issue_time_utc": LONG_AGO, "temperature_degc": 60.0}
    elsewhere = {**forecast, "place_id": "unobserved"}
    return {
        "profile": frame(spark, TRANSFORMER_PROFILE, *PROFILES),
        "asset": frame(spark, ASSET, *units),
        "asset_deployment": frame(spark, ASSET_DEPLOYMENT, *deployments),
        "power_transformer": frame(spark, POWER_TRANSFORMER, *positions),
        "area": frame(spark, AREA, *areas),
        "weather_hour": frame(spark, WEATHER_HOUR, *mild, *frost, forecast, elsewhere),
    }


def aged(spark: SparkSession, settings: Settings, span: Span = SPAN, **but: Any) -> dict[tuple[str, date], Any]:
    found = transformer_ageing(**{**inputs(spark), **but}, **JOB.options(settings, span))
    rows = conform(TRANSFORMER_AGEING, found).collect()
    by_key = {(row["asset_id"], row["grid_date"]): row.asDict() for row in rows}
    assert len(by_key) == len(rows)
    return by_key


@pytest.fixture(scope="module")
def rows(spark: SparkSession, settings: Settings) -> dict[str, dict[str, Any]]:
    """Rows of the day, by unit."""
    found = aged(spark, settings)
    assert {day for _, day in found} == {DAY}
    return {unit: row for (unit, _), row in found.items()}


def test_units_that_stood_there_have_a_row_each(rows: dict[str, dict[str, Any]]) -> None:
    assert set(rows) == {name for name, *_ in UNITS} - {"other_class", "later"} | {"mover"}
    assert rows["mover"]["transformer_id"] == "moved_to"  # at the day's start, and its three days are that position's
    assert rows["mover"]["load_peak_pu"] == 0.5


def test_rated_load_at_20_degrees_ages_a_day_in_a_day(rows: dict[str, dict[str, Any]]) -> None:
    """20 + 55 + 23 degC: the standard's normal ageing; without weather or days before, 20 is assumed or kept."""
    for name in ("rated", "bank_1", "bank_3", "alone", "gap", "unplaced", "no_weather"):
        row = rows[name]
        assert row["outcome"] == "computed"
        assert row["load_peak_pu"] == pytest.approx(1.0)
        assert row["top_oil_max_degc"] == pytest.approx(75.0)
        assert row["hot_spot_max_degc"] == pytest.approx(98.0)
        assert row["ageing_rate"] == pytest.approx(1.0)
        assert row["loss_of_life_hours"] == pytest.approx(24.0)
        assert row["hours_above_hot_spot_limit"] == row["hours_above_top_oil_limit"] == 0.0
        assert (row["loss_ratio"], row["loss_ratio_source"]) == (5.0, "cooling")
        assert (row["cooling"], row["paper"]) == ("distribution", "normal")
    assert (rows["bank_1"]["bank_share"], rows["bank_3"]["bank_share"]) == (0.25, 0.75)
    assert (rows["rated"]["load_missing_share"], rows["rated"]["lead_load_missing_share"]) == (0.0, 0.0)
    assert (rows["alone"]["load_missing_share"], rows["alone"]["lead_load_missing_share"]) == (0.0, 1.0)
    assert rows["gap"]["load_missing_share"] == 6 / 96


def test_hours_above_limits_of_a_unit_at_one_and_a_half_times_its_rating(rows: dict[str, dict[str, Any]]) -> None:
    """R = 5: top-oil 20 + 55 (12.25 / 6)^0.8 = 117.35 degC, and the hot-spot 23 x 1.5^1.6 = 44.00 K above."""
    row = rows["overloaded"]
    assert row["top_oil_max_degc"] == pytest.approx(117.35, abs=0.01)
    assert row["hot_spot_max_degc"] == pytest.approx(161.35, abs=0.01)
    assert row["ageing_rate"] == pytest.approx(2 ** ((161.35 - 98) / 6), rel=2e-3)
    for name in ("hot_spot", "emergency_hot_spot", "top_oil", "emergency_top_oil"):
        assert row[f"hours_above_{name}_limit"] == pytest.approx(24.0)


def test_a_day_starts_from_the_days_before(rows: dict[str, dict[str, Any]]) -> None:
    """From idle, 20 + 55 (1/6)^0.8 = 33.12 degC, the oil is exp(-1440/180) of 41.88 K short of 75 at the day's end.

    Were the winding at once at its 23 K, loss of life would be the integral of 2^(-41.88/6 exp(-t/3)) over 24 h,
    3 (E1(4.838 exp(-8)) - E1(4.838)) = 17.55 h; its few minutes' lag falls where ageing is slow.
    """
    row = rows["started"]
    assert row["top_oil_max_degc"] == pytest.approx(75 - 41.883 * 3.3546e-4, abs=1e-4)
    assert 17.5 < row["loss_of_life_hours"] < 17.55


def test_cold_weather_and_the_units_own_losses(rows: dict[str, dict[str, Any]]) -> None:
    row = rows["cold"]
    assert (row["loss_ratio"], row["loss_ratio_source"]) == (10.0, "nameplate")
    assert row["hot_spot_max_degc"] == pytest.approx(68.0)
    assert row["ageing_rate"] == pytest.approx(1 / 32)
    assert (row["ambient_source"], row["ambient_missing_share"], row["ambient_mean_degc"]) == ("filled", 2 / 24, -10.0)


def test_weather_that_is_missing_is_assumed_and_said(rows: dict[str, dict[str, Any]]) -> None:
    assert (rows["rated"]["ambient_source"], rows["rated"]["weather_place_id"]) == ("observed", "mild")
    assert rows["rated"]["ambient_missing_share"] == rows["rated"]["lead_ambient_missing_share"] == 0.0
    for name, place in (("no_weather", "unobserved"), ("unplaced", None)):
        row = rows[name]
        assert (row["ambient_source"], row["weather_place_id"]) == ("assumed", place)
        assert row["ambient_missing_share"] == row["lead_ambient_missing_share"] == 1.0
        assert row["ambient_mean_degc"] == 20.0


def test_a_day_of_too_much_unknown_has_no_temperatures(rows: dict[str, dict[str, Any]]) -> None:
    outcomes = {"silent": "load_unknown", "no_meters": "load_unknown", "unrated": "rating_unknown",
                "beside_unrated": "rating_unknown"}  # fmt: skip
    for name, outcome in outcomes.items():
        row = rows[name]
        assert row["outcome"] == outcome
        nothing = ["load_peak_pu", "top_oil_max_degc", "hot_spot_max_degc", "ageing_rate", "loss_of_life_hours"]
        assert [row[column] for column in nothing] == [None] * 5
    assert rows["silent"]["load_missing_share"] == 28 / 96


def test_a_day_is_a_function_of_four_days_whatever_else_is_built(spark: SparkSession, settings: Settings) -> None:
    """Days apart and together, twice: equal to the bit. A fifth day does not matter, the first of the four does."""
    random_days = [DAY - timedelta(days=days) for days in range(5, -1, -1)]
    varied = [
        load("rated", 0.0, day, apparent_va=[1000.0 * (40 + (n * 37 + slot * slot) % 97) for slot in range(96)])
        for n, day in enumerate(random_days)
    ]
    profile = frame(spark, TRANSFORMER_PROFILE, *varied)
    alone = aged(spark, settings, profile=profile)
    together = aged(spark, settings, Span(DAY - timedelta(days=2), AFTER), profile=profile)
    key = ("rated", DAY)
    assert together[key] == alone[key] == aged(spark, settings, profile=profile)[key]
    assert len(together) == 3
    fewer = aged(spark, settings, profile=frame(spark, TRANSFORMER_PROFILE, *varied[2:]))
    assert fewer[key] == alone[key]
    three = aged(spark, settings, profile=frame(spark, TRANSFORMER_PROFILE, *varied[3:]))
    assert three[key]["lead_load_missing_share"] == pytest.approx(1 / 3)
    assert JOB.bears_on == (0, 3)
    assert JOB.reads["profile"].days(SPAN) == Span(BEFORE[0], AFTER)


def test_the_air_of_an_hour_is_that_of_the_grid_days_it_touches(spark: SparkSession) -> None:
    """The hour from 01:00 UTC, which no clock showed, is the grid day's third; at half hours an hour is of two days."""
    skipped = datetime(2016, 3, 27, 1, tzinfo=UTC)
    frames = frame(spark, WEATHER_HOUR, {"place_id": "W", "hour_utc": skipped, "temperature_degc": 44.0})
    (row,) = ambient_days(frames, span=SPAN, utc_offset=timedelta(hours=1)).collect()
    assert row["grid_date"] == DAY
    assert [hour for hour in range(HOURS) if row["ambient_degc"][hour] == 44.0] == [1 + 2]
    late = frame(
        spark, WEATHER_HOUR,
        {"place_id": "W", "hour_utc": datetime(2016, 3, 26, 18, tzinfo=UTC), "temperature_degc": 7.0},
    )  # fmt: skip
    both = ambient_days(late, span=Span(BEFORE[2], AFTER), utc_offset=timedelta(hours=5, minutes=30)).collect()
    found = {row["grid_date"]: [n for n, degc in enumerate(row["ambient_degc"]) if degc == 7.0] for row in both}
    assert found == {BEFORE[2]: [24], DAY: [0]}  # from 23:30
