"""gold.asset_health from a small register: what is known by the year's end, where loads come from, what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.gold.asset_health import ASSET_HEALTH, asset_healths
from jobs.gold.health.settings import HealthSettings
from jobs.gold.transformer_load_metrics import TRANSFORMER_LOAD_METRICS
from jobs.outcome import ACCEPTED, REJECTED
from jobs.settings import Settings
from jobs.silver.asset import ASSET
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.connectivity import CONNECTIVITY
from jobs.silver.inspection import INSPECTION
from jobs.silver.oil_test import OIL_TEST
from jobs.silver.power_transformer import POWER_TRANSFORMER
from jobs.silver.usage_point import USAGE_POINT
from jobs.span import Span
from tests.builders import frame
from tests.unit.health_units import method

Row = dict[str, Any]
CLASS = "distribution_transformer"
OFFSET = timedelta(hours=1)


def at(year: int, month: int = 6) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)


def unit(name: str, **values: Any) -> Row:
    base = {"asset_class": CLASS, "manufactured_year": 1996, "high_voltage_kv": 10.0, "low_voltage_kv": 0.4}
    return {"asset_id": name, "rating_kva": 400.0, **base, **values}


UNITS = [
    unit("METERED"), unit("SEEN"), unit("BLIND", rating_kva=630.0),
    unit("LARGE", high_voltage_kv=33.0, rating_kva=15e3),
    unit("GONE"), unit("POLE", asset_class="pole", high_voltage_kv=0.4, rating_kva=None, low_voltage_kv=None),
    unit("LATE"), unit("STRANGE", asset_class="capacitor"), unit("UNRATED", high_voltage_kv=None),
    unit("AGELESS", manufactured_year=None),
]  # fmt: skip
PLACED = {name: f"T-{name}" for name in ("METERED", "SEEN", "BLIND", "LARGE", "LATE", "STRANGE", "UNRATED", "AGELESS")}
INSPECTIONS = [
    {"asset_id": "SEEN", "inspected_at_utc": at(2014), "external_condition": "substantial_deterioration"},
    {"asset_id": "SEEN", "inspected_at_utc": at(2015), "external_condition": "as_new", "maximum_demand_pu": 0.6},
    {"asset_id": "METERED", "inspected_at_utc": at(2015), "maximum_demand_pu": 0.2},
    # seen in time but entered later, and seen later
    {"asset_id": "LATE", "inspected_at_utc": at(2016), "external_condition": "substantial_deterioration"},
    {"asset_id": "LATE", "inspected_at_utc": at(2017), "external_condition": "substantial_deterioration"},
]
LOADS = [
    {"transformer_id": f"T-{name}", "period_kind": kind, "period_start": date(year, 1, 1), "utilisation": load}
    for name, kind, year, load in [
        ("METERED", "year", 2016, 1.1),
        ("METERED", "month", 2016, 0.3),
        ("BLIND", "year", 2015, 0.3),
    ]
]
ENTERED = {3: at(2017, 2), 4: at(2017, 7)}


@pytest.fixture(scope="module")
def health(settings: Settings) -> HealthSettings:
    pole = {"categories": [{"up_to_kv": 1, "category": "LV Poles"}], "made_of": {"unit": "wood"}}
    told = settings.asset_health.model_dump()
    return HealthSettings.model_validate({**told, "classes": {**told["classes"], "pole": pole}})


@pytest.fixture(scope="module")
def judged(spark: SparkSession, health: HealthSettings) -> DataFrame:
    deployed = [
        {"asset_id": name, "transformer_id": place, "valid_from_utc": at(1996)} for name, place in PLACED.items()
    ] + [{"asset_id": "GONE", "transformer_id": "T-SEEN", "valid_from_utc": at(1996), "valid_to_utc": at(2010)}]
    points = [("P1", "METERED", "customer"), ("P2", "METERED", "customer"), ("P3", "METERED", "generation")]
    inspections = [
        {"inspection_id": str(n), "known_from_utc": ENTERED.get(n, at(2015, 9)), **one}
        for n, one in enumerate(INSPECTIONS)
    ]
    samples = [
        {"oil_test_id": str(n), "asset_id": "LARGE", "sampled_at_utc": at(year), "known_from_utc": known, **gases}
        for n, (year, known, gases) in enumerate(
            [
                (2013, at(2013, 9), {"hydrogen_ppm": 150.0, "moisture_ppm": 10.0}),
                (2015, at(2015, 9), {"hydrogen_ppm": 250.0}),
                (2016, at(2017, 1), {"hydrogen_ppm": 10.0, "furfural_ppm": 6.0}),  # the result came after the year
            ]
        )
    ]
    return asset_healths(
        frame(spark, ASSET, *UNITS),
        frame(spark, ASSET_DEPLOYMENT, *deployed),
        frame(spark, POWER_TRANSFORMER, *({"transformer_id": p, "valid_from_utc": at(1996)} for p in PLACED.values())),
        frame(spark, CONNECTIVITY, *(
            {"usage_point_id": p, "transformer_id": f"T-{t}", "valid_from_utc": at(2000), "supply_level": "lv"}
            for p, t, _ in points
        )),
        frame(spark, USAGE_POINT, *(
            {"usage_point_id": p, "kind": kind, "valid_from_utc": at(2000)} for p, _, kind in points
        )),
        frame(spark, TRANSFORMER_LOAD_METRICS, *LOADS),
        frame(spark, INSPECTION, *inspections),
        frame(spark, OIL_TEST, *samples),
        span=Span(date(2016, 3, 1), date(2016, 3, 2)),
        health=health,
        method=method(),
        rate=0.03,
        utc_offset=OFFSET,
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows(judged: DataFrame) -> dict[str, Row]:
    return {row["asset_id"] or json.loads(row["_record"])["asset_id"]: row.asDict() for row in judged.collect()}


def test_a_row_is_a_unit_in_service_at_the_years_end(judged: DataFrame, rows: dict[str, Row]) -> None:
    assert sorted(rows) == sorted({one["asset_id"] for one in UNITS} - {"GONE"})
    kept = [one for one in rows.values() if one["_outcome"] == ACCEPTED]
    assert {one["period_start"] for one in kept} == {date(2016, 1, 1)}
    assert {one["age_years"] for one in kept} == {20}
    assert set(ASSET_HEALTH.column_names) <= set(judged.columns)
    assert all(len(one["future_scores"]) == len(one["failure_probabilities"]) == 30 for one in kept)


def test_the_duty_is_by_the_highest_load_of_the_own_profile(rows: dict[str, Row]) -> None:
    metered, seen, blind = rows["METERED"], rows["SEEN"], rows["BLIND"]
    assert (metered["utilisation"], metered["utilisation_source"]) == (1.1, "profile")
    assert metered["expected_life_years"] == pytest.approx(60 / (1.4 * 0.925))
    assert (seen["utilisation"], seen["utilisation_source"]) == (0.6, "maximum_demand_indicator")
    assert seen["expected_life_years"] == pytest.approx(60 / (0.95 * 0.925))
    assert (blind["utilisation"], blind["utilisation_source"], blind["duty_factor"]) == (None, "default", 1.0)
    assert "utilisation" in blind["default_inputs"]


def test_the_last_finding_known_by_then_counts(rows: dict[str, Row]) -> None:
    assert rows["SEEN"]["condition_factor"] == pytest.approx(0.9)
    assert rows["LATE"]["condition_factor"] == 1.0
    assert "external" in rows["LATE"]["default_inputs"]


def test_gases_are_compared_with_the_sample_before(rows: dict[str, Row]) -> None:
    large = rows["LARGE"]
    # hydrogen 500 points, then 800: + 60 %, 1.2; the better result of 2016 came in 2017. Water: 0 points of oil, 0.9,
    # which counts beside nothing above 1 only; collar 800 / 220
    assert large["category"] == "33kV Transformer (GM)"
    assert large["condition_factor"] == pytest.approx(1.2)
    assert large["score_collar"] == pytest.approx(800 / 220)
    assert {"dissolved_gases", "dissolved_gases_before", "moisture_ppm"} <= set(large["known_inputs"])
    assert "furfural_ppm" in large["default_inputs"]


def test_customers_behind_the_position_and_money_of_the_price_year(
    rows: dict[str, Row], health: HealthSettings
) -> None:
    metered, blind = rows["METERED"], rows["BLIND"]
    pound = health.currency_per_gbp * health.price_ratio
    # 440 kVA for two customers: 220 each count a hundred times; of 200 in the reference
    assert (metered["customers"], blind["customers"]) == (2, None)
    assert metered["network_cost"] == pytest.approx(4343 * 100 * 2 / 200 * pound)
    assert blind["network_cost"] == pytest.approx(4343 * pound)
    assert metered["financial_cost"] == pytest.approx(9297 * 0.85 * pound)
    assert blind["financial_cost"] == pytest.approx(9297 * pound)  # 630 kVA
    assert (metered["currency_per_gbp"], metered["price_ratio"]) == (health.currency_per_gbp, health.price_ratio)


def test_a_unit_that_stands_at_no_position_is_judged_too(rows: dict[str, Row]) -> None:
    pole = rows["POLE"]
    assert (pole["category"], pole["transformer_id"], pole["expected_life_years"]) == ("LV Poles", None, 55.0)


def test_present_value_is_of_each_year_ahead(rows: dict[str, Row]) -> None:
    row = rows["METERED"]
    chances = [row["failure_probability"], *row["failure_probabilities"]]
    told = sum(chance * row["consequence_cost"] / 1.03**year for year, chance in enumerate(chances))
    assert row["risk_present_value_cost"] == pytest.approx(told)


@pytest.mark.parametrize(
    ("name", "rule"), [("STRANGE", "unknown_class"), ("UNRATED", "no_category"), ("AGELESS", "no_age")]
)
def test_a_unit_that_cannot_be_judged_is_refused_by_rule(rows: dict[str, Row], name: str, rule: str) -> None:
    row = rows[name]
    assert (row["_outcome"], row["_rule"], row["current_score"]) == (REJECTED, rule, None)
    assert row["_reason"].startswith("H1")
    assert json.loads(row["_record"])["asset_id"] == name


def test_twice_gives_the_same(judged: DataFrame, rows: dict[str, Row]) -> None:
    again = {row["asset_id"]: row.asDict() for row in judged.where("_rule is null").collect()}
    assert again == {name: row for name, row in rows.items() if row["_rule"] is None}
