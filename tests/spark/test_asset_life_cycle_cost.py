"""Life-cycle cost of transformers in service, against figures worked by hand. The year 2016 has 8,784 hours."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST, NEW, THIS
from jobs.outcome import ACCEPTED
from jobs.rejected import rejected_rows, rejected_table
from tests.spark.life_cycle_cost_inputs import (
    COST,
    DAY,
    PRICE_LIST,
    TWO_LEVELS,
    Case,
    judged,
    judged_rows,
    placed,
    price_list,
    prices,
    profile,
    unit,
)

Judged = dict[str, dict[str, dict[str, Any]]]


def loaded(peak_kva: float) -> Case:
    return replace(TWO_LEVELS, profiles=[profile("T", peak_kva, 10.0)])


def with_end(end: date) -> Case:
    return replace(TWO_LEVELS, deployments=[placed("U", "T", end=end)])


def event(
    name: str, work_kind: str | None, year: int, paid: float, *, of: str = "U", kind: str = "work_order"
) -> dict[str, Any]:
    when = datetime(year, 5, 1, tzinfo=UTC)
    told = {"event_id": name, "asset_id": of, "kind": kind, "work_kind": work_kind}
    return {**told, "occurred_at_utc": when, "event_cost": paid}


CASES = {
    "two_levels": TWO_LEVELS,
    # of the second day only 90 % of 10 meters were seen
    "dark": replace(
        TWO_LEVELS,
        profiles=[
            profile("T", 100.0, 50.0),
            profile("T", 500.0, 500.0, day=date(2016, 3, 2), meters_seen=[9] * 24, estimated_wh=[500_000] * 24),
        ],
    ),
    # 12 h of 100 kWh delivered, 12 of 50 delivered and 30 received: 2,160 kWh, of which 2 x 81 estimated
    "estimated": replace(
        TWO_LEVELS,
        profiles=[
            profile("T", 100.0, 50.0, received_wh=[0] * 12 + [30_000] * 12, estimated_wh=[81_000] * 2 + [0] * 22)
        ],
    ),
    # 12 of 24 hours of another day have an estimate of 0 Wh for 5 of 10 meters
    "still": replace(
        TWO_LEVELS,
        profiles=[profile("T", 0.0, 0.0, meters_seen=[10] * 12 + [5] * 12, meters_estimated=[0] * 12 + [5] * 12)],
    ),
    "bank": Case(
        [profile("B", 200.0, 200.0)],
        [unit("SMALL", 100.0), unit("LARGE", 300.0)],
        [placed("SMALL", "B"), placed("LARGE", "B")],
    ),
    "blind": Case(
        [
            profile("T1", 100.0, 100.0, estimated_wh=[10_000] * 24),
            profile("T2", 50.0, 50.0, estimated_wh=[10_000] * 24),
        ],
        [unit("U1"), unit("U2"), unit("BLIND", 200.0)],
        [placed("U1", "T1"), placed("U2", "T2"), placed("BLIND", "T3")],
    ),
    # two of 200 kVA are near to none; of those of 100 kVA one was observed for two days
    "grouped": Case(
        [
            *(profile("T1", 100.0, 100.0, day=day) for day in (DAY, date(2016, 3, 2))),
            profile("T2", 50.0, 50.0),
            profile("T3", 20.0, 20.0),
            profile("T4", 20.0, 20.0),
        ],
        [unit("U1"), unit("U2"), unit("U3", 200.0), unit("U4", 200.0), unit("BLIND", 50.0), unit("LARGE", 315.0)],
        [placed(f"U{n}", f"T{n}") for n in range(1, 5)] + [placed("BLIND", "T5"), placed("LARGE", "T6")],
    ),
    "replaced": replace(
        TWO_LEVELS,
        units=[unit("OLD"), unit("NEW", manufactured_year=2016)],
        deployments=[placed("OLD", "T", end=date(2016, 6, 1)), placed("NEW", "T", date(2016, 6, 1))],
    ),
    "leaves_with_the_year": with_end(date(2017, 1, 1)),
    "leaves_before": with_end(date(2016, 12, 31)),
    **{f"peak_{peak:.0f}": loaded(peak) for peak in (39.0, 40.0, 41.0, 100.0, 170.0)},
    "ages": Case(
        [profile("T1", 100.0, 50.0), profile("T2", 100.0, 50.0)],
        [unit("OLD", manufactured_year=1936), unit("YOUNG")],
        [placed("OLD", "T1"), placed("YOUNG", "T2")],
    ),
    "priced": Case(
        [profile("T", 100.0, 50.0)],
        [unit("LOW", 160.0), unit("HIGH", 250.0), unit("TIER", 160.0, loss_class="T2")],
        [placed("LOW", "T"), placed("HIGH", "T"), placed("TIER", "T")],
        price_list((100.0, "T1", 7000.0), (100.0, "T2", 8000.0), (400.0, "T1", 15000.0), (0.0, "T1", 1.0)),
    ),
    "worked": replace(
        TWO_LEVELS,
        events=[
            event("E1", "corrective", 2013, 300.0),
            event("E2", "corrective", 2015, 500.0),
            event("E3", "inspection", 2014, 9e9),
            event("E4", "corrective", 2017, 9e9),
            event("E5", "preventive", 2015, 9e9),
            {**event("E6", "other", 2015, 9e9), "category": "repair of the fence"},
        ],
    ),
    "left_behind": replace(
        TWO_LEVELS,
        units=[unit("U"), unit("GONE")],
        deployments=[placed("U", "T"), placed("GONE", "T", end=date(2015, 1, 1))],
        events=[event("E1", "corrective", 2013, 300.0), event("E2", "corrective", 2014, 900.0, of="GONE")],
    ),
    "failed_twice": replace(
        TWO_LEVELS,
        units=[unit("U"), unit("GONE", 200.0)],
        deployments=[placed("U", "T"), placed("GONE", "T", end=date(2015, 1, 1))],
        events=[
            event("E1", None, 2014, 5000.0, of="GONE", kind="failure"),
            event("E2", None, 2016, 7000.0, kind="failure"),
            event("E3", None, 2017, 9e9, kind="failure"),
        ],
    ),
    "failed_once": replace(TWO_LEVELS, events=[event("E1", None, 2016, 7000.0, kind="failure")]),
    "no_nameplate": replace(TWO_LEVELS, units=[unit("U", load_loss_w=None)]),
    "no_load_profile": replace(TWO_LEVELS, profiles=[]),
    "no_successor": replace(TWO_LEVELS, costs=[one for one in PRICE_LIST if one["loss_class"] != "T2"]),
    "no_unit_cost": replace(TWO_LEVELS, costs=[one for one in PRICE_LIST if one["cost_kind"] != "failure"]),
    "other_class": replace(
        TWO_LEVELS,
        units=[unit("U"), unit("POLE", asset_class="pole")],
        deployments=[placed("U", "T"), placed("POLE", "T")],
    ),
}


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> Judged:
    return judged(spark, prices(50.0, 20.0), **CASES)


@pytest.fixture(scope="module")
def unpriced(spark: SparkSession) -> Judged:
    return judged(spark, [], no_energy_price=TWO_LEVELS)


def test_losses_are_those_of_each_interval_at_its_price_scaled_to_the_year(rows: Judged) -> None:
    row = rows["two_levels"]["U"]
    # mean of (S / rating)^2 = (12 h x 1.00 + 12 h x 0.25) / 24 h = 0.625
    # the same, each hour at its price = (12 x 1.00 x 50 + 12 x 0.25 x 20) / 24 = 27.5 EUR/MWh
    # loss_wh = 8,784 h x (100 W + 1,000 W x 0.625) = 8,784 x 725 = 6,368,400
    # no-load = 100 W x 8,784 h = 0.8784 MWh, at the mean price (50 + 20) / 2 = 35: 30.744
    # load = 1,000 W x 8,784 h = 8.784 MWh, at 27.5: 241.56
    assert row["loss_wh"] == pytest.approx(6_368_400)
    assert row["no_load_loss_cost"] == pytest.approx(30.744)
    assert row["load_loss_cost"] == pytest.approx(241.56)
    assert row["mean_energy_price"] == pytest.approx(35.0)
    assert row["peak_kva"] == pytest.approx(100.0)
    assert row["observed_share"] == pytest.approx(24 / 8784)
    assert (row["profile_source"], row["age_years"], row["period_start"]) == ("own", 10, date(2016, 1, 1))


def test_hours_without_a_price_take_the_mean_of_those_with_one(spark: SparkSession) -> None:
    row = judged(spark, prices(50.0, None), case=TWO_LEVELS)["case"]["U"]
    # (12 x 1.00 x 50 + 12 x 0.25 x 50) / 24 = 31.25; 8.784 MWh x 31.25 = 274.5
    assert row["load_loss_cost"] == pytest.approx(274.5)


def test_prices_of_other_intervals_and_of_other_money(spark: SparkSession) -> None:
    half_hours = [
        {
            **one,
            "interval_minutes": 30,
            "interval_start_utc": one["interval_start_utc"].replace(minute=minute),
            "price_per_mwh": price,
        }
        for one in prices(0.0, 0.0)
        for minute, price in ((0, 10.0), (30, 30.0))
    ]
    dollars = [{**one, "currency": "USD", "price_zone": "US"} for one in prices(900.0, 900.0)]
    row = judged(spark, [*half_hours, *dollars], case=TWO_LEVELS)["case"]["U"]
    assert row["mean_energy_price"] == pytest.approx(20.0)  # (10 + 30) / 2, and nothing of the dollars


def test_an_interval_with_too_few_meters_is_not_used(rows: Judged) -> None:
    row = rows["dark"]["U"]
    assert row["loss_wh"] == pytest.approx(6_368_400)
    assert row["observed_share"] == pytest.approx(24 / 8784)
    assert row["estimated_share"] == 0.0  # what is not used is not counted either


def test_the_share_estimated_is_of_the_energy_behind_the_losses(rows: Judged) -> None:
    row = rows["estimated"]["U"]
    assert row["estimated_share"] == pytest.approx(162 / 2160, rel=1e-15)
    assert row["reason"].endswith("Its load is known for 0.3 % of the year, 7.50 % of that energy estimated.")
    assert rows["two_levels"]["U"]["estimated_share"] == 0.0


def test_where_no_energy_flowed_the_share_estimated_is_of_meters(rows: Judged) -> None:
    assert rows["still"]["U"]["estimated_share"] == 0.25


def test_units_of_a_bank_share_its_load_by_rating(rows: Judged) -> None:
    bank = rows["bank"]
    # 100 of 400 kVA carry 50 kVA, 300 of 400 carry 150: both at half their rating, so (S / rating)^2 = 0.25
    assert (bank["SMALL"]["peak_kva"], bank["LARGE"]["peak_kva"]) == (pytest.approx(50.0), pytest.approx(150.0))
    for row in bank.values():
        assert row["loss_wh"] == pytest.approx(8784 * (100 + 1000 * 0.25))


def test_a_unit_without_a_profile_takes_its_class_mean_and_is_marked(rows: Judged) -> None:
    blind = rows["blind"]["BLIND"]
    # per unit of rating: mean square (1.00 + 0.25) / 2 = 0.625, mean peak (1.0 + 0.5) / 2 = 0.75 of 200 kVA
    assert (blind["profile_source"], blind["observed_share"]) == ("class", 0.0)
    assert blind["loss_wh"] == pytest.approx(8784 * (100 + 1000 * 0.625))
    assert blind["peak_kva"] == pytest.approx(150.0)
    # 10 of 100 kWh an hour and 10 of 50: 0.1 and 0.2, 0.15 in the mean
    assert blind["estimated_share"] == pytest.approx(0.15, rel=1e-12)
    assert blind["reason"].endswith("the mean load of 2 units of its class stands in, 15.00 % of that estimated.")
    assert blind["profiles_behind"] == 2
    assert rows["blind"]["U1"]["profile_source"] == "own"


def test_a_typical_load_is_that_of_units_of_like_rating_by_hours_observed(rows: Judged) -> None:
    blind, large = rows["grouped"]["BLIND"], rows["grouped"]["LARGE"]
    # per unit of rating: 48 h at 1.0 and 24 at 0.5, mean square (48 + 24 x 0.25) / 72 = 0.75, mean peak 60 / 72
    assert (blind["profile_source"], blind["profiles_behind"]) == ("rating_group", 2)
    assert blind["loss_wh"] == pytest.approx(8784 * (100 + 1000 * 0.75))
    assert blind["peak_kva"] == pytest.approx(50.0 * 60 / 72)
    assert "the mean load of 2 units of its class and rating group stands in" in blind["reason"]
    assert large["profile_source"] == "rating_group"
    assert large["loss_wh"] == pytest.approx(8784 * (100 + 1000 * 0.01))  # both at 20 of 200 kVA
    assert {rows["grouped"][f"U{n}"]["profile_source"] for n in range(1, 5)} == {"own"}


def test_work_on_record_counts_by_year_of_service_of_those_that_left_too(rows: Judged) -> None:
    row = rows["left_behind"]["U"]
    # 1,200 from 2013 on, in which U served 1,461 days and GONE 730: 1,200 x 365.25 / 2,191; planned work costs 50
    assert row["work_order_cost"] == pytest.approx(438_300 / 2_191)
    assert row["maintenance_year_cost"] == pytest.approx(50 + 438_300 / 2_191)


def test_failures_on_record_scale_the_listed_cost_where_there_are_enough(rows: Judged) -> None:
    twice, once = rows["failed_twice"]["U"], rows["failed_once"]["U"]
    # 12,000 recorded, 2 x 4,000 listed
    assert (twice["failure_cost_ratio"], twice["one_failure_cost"], twice["successor_one_failure_cost"]) == (
        1.5, 6000.0, 6000.0,
    )  # fmt: skip
    assert (once["failure_cost_ratio"], once["one_failure_cost"]) == (1.0, 4000.0)


def test_a_position_whose_unit_was_replaced_counts_once_by_the_unit_of_the_years_end(rows: Judged) -> None:
    (row,) = rows["replaced"].values()
    assert row["asset_id"].endswith("NEW")
    assert row["age_years"] == 0
    assert row["peak_kva"] == pytest.approx(100.0)  # the whole load, no share for the unit that left


def test_a_unit_that_leaves_as_the_year_ends_was_there(rows: Judged) -> None:
    assert {name: row["_outcome"] for name, row in rows["leaves_with_the_year"].items()} == {"U": ACCEPTED}
    assert not rows["leaves_before"]


@pytest.mark.parametrize(
    ("peak_kva", "rating_kva"),
    [(39.0, 50.0), (40.0, 50.0), (41.0, 100.0), (100.0, 200.0), (170.0, 200.0)],
)
def test_the_successor_is_the_smallest_that_carries_the_peak_at_four_fifths_of_its_rating(
    rows: Judged, peak_kva: float, rating_kva: float
) -> None:
    """50 kVA carries 40, 100 carries 80, 200 carries 160; beyond that the largest there is."""
    row = rows[f"peak_{peak_kva:.0f}"]["U"]
    assert (row["successor_rating_kva"], row["successor_loss_class"]) == (rating_kva, "T2")


def test_the_successor_loses_by_its_own_rating_under_the_same_load(rows: Judged) -> None:
    row = rows["two_levels"]["U"]
    # 200 kVA: 160 W x 8,784 h = 1.40544 MWh at (50 + 20) / 2 = 35: 49.1904
    # 1,600 W x 8,784 h = 14.0544 MWh at (12 x 0.25 x 50 + 12 x 0.0625 x 20) / 24 = 6.875: 96.624
    assert row["successor_rating_kva"] == 200.0
    assert row["successor_loss_cost"] == pytest.approx(49.1904 + 96.624)


def test_cost_of_a_type_is_that_of_the_nearest_rating_there_of_its_own_tier(rows: Judged) -> None:
    # by ratio: 160 / 100 = 1.6 against 400 / 160 = 2.5; 250 / 100 = 2.5 against 400 / 250 = 1.6; a rating of 0 is none
    assert {name: row["investment_cost"] for name, row in rows["priced"].items()} == {
        "LOW": 7000.0,
        "HIGH": 15000.0,
        "TIER": 8000.0,
    }


def test_unplanned_work_of_the_class_counts_as_upkeep(rows: Judged) -> None:
    plain, worked = rows["two_levels"]["U"], rows["worked"]["U"]
    # 800 in the four years 2013 to 2016 of one unit: 200 a year beside 50 of planned maintenance, five times as much
    assert worked["maintenance_cost"] / worked["operation_cost"] == pytest.approx(
        5 * plain["maintenance_cost"] / plain["operation_cost"]
    )


def test_decision_year_and_words_agree_with_the_curve_of_waiting(spark: SparkSession) -> None:
    fleet = Case(
        [profile(name, 60.0, 30.0) for name in ("T1", "T2", "T3")],
        [
            unit("WASTEFUL", no_load_loss_w=20_000.0, manufactured_year=1950),
            unit("AGEING", manufactured_year=1996, no_load_loss_w=600.0),
            unit("GOOD", manufactured_year=2015, no_load_loss_w=60.0, load_loss_w=600.0),
        ],
        [placed("WASTEFUL", "T1"), placed("AGEING", "T2"), placed("GOOD", "T3")],
    )
    rows = judged(spark, prices(60.0, 60.0), fleet=fleet)["fleet"]
    assert {name: row["decision"] for name, row in rows.items()} == {
        "WASTEFUL": "replace_now",
        "AGEING": "replace_later",
        "GOOD": "keep",
    }
    for row in rows.values():
        curve = row["waiting_cost_curve"]
        least = min(range(len(curve)), key=curve.__getitem__)
        assert (len(curve), curve[0]) == (COST.horizon_years + 1, 0.0)
        assert row["waiting_gain"] == pytest.approx(-curve[least])
        assert row["one_year_waiting_cost"] == pytest.approx(curve[1])
        within = least < COST.horizon_years
        assert row["years_to_replacement"] == (least if within else None)
        assert row["replacement_year"] == (2017 + least if within else None)
    assert f"Waiting until {rows['AGEING']['replacement_year']} gains" in rows["AGEING"]["reason"]
    assert "Waiting one year costs" in rows["WASTEFUL"]["reason"]
    assert "Waiting pays for at least 40 years" in rows["GOOD"]["reason"]


def test_age_moves_the_decision_and_nothing_said_of_a_new_unit(rows: Judged) -> None:
    old, young = rows["ages"]["OLD"], rows["ages"]["YOUNG"]
    told = {column.name: column.meaning for column in ASSET_LIFE_CYCLE_COST.columns}
    of_new = [name for name, meaning in told.items() if meaning.startswith(NEW)]
    assert {"life_cycle_cost", "equivalent_annual_cost", "economic_life_years"} <= set(of_new)
    assert {name: old[name] for name in of_new} == {name: young[name] for name in of_new}
    moved = {name for name in told if old[name] != young[name]} - {"asset_id", "transformer_id", "age_years"}
    assert {"waiting_cost_curve", "decision", "reason", "failure_probability"} <= moved
    assert all(told[name].startswith(THIS) for name in moved)


def test_the_parts_add_up_to_the_life_cycle_cost(rows: Judged) -> None:
    row = rows["two_levels"]["U"]
    parts = ("investment", "operation", "maintenance", "failure", "disposal")
    assert sum(row[f"{part}_cost"] for part in parts) == pytest.approx(row["life_cycle_cost"])
    assert row["equivalent_annual_cost"] == pytest.approx(min(row["equivalent_annual_cost_curve"]))
    assert len(row["equivalent_annual_cost_curve"]) == COST.longest_life_years


@pytest.mark.parametrize("rule", ["no_nameplate", "no_load_profile", "no_energy_price", "no_successor", "no_unit_cost"])
def test_a_unit_that_cannot_be_costed_is_refused_by_rule_and_not_guessed(
    rows: Judged, unpriced: Judged, rule: str
) -> None:
    ((unit_id, row),) = (rows | unpriced)[rule].items()
    assert (row["_outcome"], row["_rule"], row["_rejected"], row["_accepted"]) == ("rejected", rule, 1, 0)
    assert (row["period_kind"], row["period_start"]) == ("year", date(DAY.year, 1, 1))  # replaced with its year
    assert json.loads(row["_record"])["asset_id"] == f"{rule}.{unit_id}"


def test_what_is_refused_fits_the_table_of_the_refused(spark: SparkSession) -> None:
    refused = rejected_rows(judged_rows(spark, [], case=TWO_LEVELS), ASSET_LIFE_CYCLE_COST)
    assert refused.columns == rejected_table(ASSET_LIFE_CYCLE_COST).column_names


def test_units_of_classes_that_are_not_configured_are_none_of_ours(rows: Judged) -> None:
    assert {name: row["_outcome"] for name, row in rows["other_class"].items()} == {"U": ACCEPTED}
    assert rows["other_class"]["U"]["asset_class"] == "other_class"  # each case is a class
    assert rows["other_class"]["U"]["period_start"].year == DAY.year
