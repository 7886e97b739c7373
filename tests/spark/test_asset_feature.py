"""Features of units: what was known at each date, and nothing else. Worked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.gold.asset_feature import ASSET_FEATURE, JOB, asset_features
from jobs.gold.features.settings import FeatureSettings
from jobs.models.failure.outcome import outcomes
from jobs.registry import all_tables
from tests.builders import frame

OFFSET = timedelta(hours=1)
END = date(2012, 7, 1)


def at(year: int, month: int = 1, day: int = 1, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


UNIT = {
    "asset_class": "distribution_transformer", "manufacturer": "M", "batch": "B1", "manufactured_year": 1990,
    "rating_kva": 250.0, "known_from_utc": at(2030), "known_from_basis": "arrival",
}  # fmt: skip
ORDER = {"kind": "work_order", "work_kind": "corrective", "event_cost": 100.0}
FAILURE = {"kind": "failure", "transformer_id": None}
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "asset": [UNIT | {"asset_id": name} for name in ("A", "B", "C")],
    "asset_deployment": [
        {"asset_id": "A", "transformer_id": "T1", "valid_from_utc": at(1991), "known_from_utc": at(1991, 1, 2)},
        # fails and is followed by C
        {"asset_id": "B", "transformer_id": "T2", "valid_from_utc": at(1995), "valid_to_utc": at(2010, 6, 1),
         "known_from_utc": at(1995, 1, 2)},
        {"asset_id": "C", "transformer_id": "T2", "valid_from_utc": at(2010, 6, 2), "known_from_utc": at(2010, 6, 3)},
    ],
    "asset_event": [
        ORDER | {"event_id": "W1", "asset_id": "A", "occurred_at_utc": at(2009, 3, 1),
                 "known_from_utc": at(2009, 3, 9)},
        # done in 2010 and booked in 2011: at the new year between nobody knew
        ORDER | {"event_id": "W2", "asset_id": "A", "occurred_at_utc": at(2010, 12, 20),
                 "known_from_utc": at(2011, 1, 5)},
        FAILURE | {"event_id": "F1", "asset_id": "B", "occurred_at_utc": at(2010, 6, 1),
                   "known_from_utc": at(2010, 6, 2)},
    ],
    "inspection": [
        {"inspection_id": "I1", "asset_id": "A", "inspected_at_utc": at(2009, 5, 1), "known_from_utc": at(2009, 5, 2),
         "external_condition": "normal_wear", "oil_leak": "none", "maximum_demand_pu": 0.5, "bushings_damaged": False},
        {"inspection_id": "I2", "asset_id": "A", "inspected_at_utc": at(2010, 12, 30),
         "known_from_utc": at(2011, 2, 1), "external_condition": "substantial_deterioration", "oil_leak": "dripping",
         "maximum_demand_pu": 0.9, "bushings_damaged": True},
    ],
    "oil_test": [
        {"oil_test_id": "O1", "asset_id": "A", "sampled_at_utc": at(2009, 8, 1), "known_from_utc": at(2009, 9, 1),
         "hydrogen_ppm": 20.0},
        {"oil_test_id": "O2", "asset_id": "A", "sampled_at_utc": at(2010, 12, 1), "known_from_utc": at(2011, 1, 20),
         "hydrogen_ppm": 400.0},
    ],
    "complaint": [
        {"complaint_id": "K1", "transformer_id": "T2", "received_at_utc": at(2010, 5, 1),
         "known_from_utc": at(2010, 5, 1), "category": "noise"},
        {"complaint_id": "K2", "transformer_id": "T2", "received_at_utc": at(2010, 11, 1),
         "known_from_utc": at(2010, 11, 1), "category": "noise"},
        {"complaint_id": "K3", "transformer_id": "T2", "received_at_utc": at(2010, 12, 31),
         "known_from_utc": at(2011, 1, 3), "category": "low_voltage"},
    ],
    "outage": [
        {"outage_id": "X1", "transformer_id": "T2", "valid_from_utc": at(2010, 6, 1), "valid_to_utc":
         at(2010, 6, 1, 18), "known_from_utc": at(2010, 6, 2), "planned": False, "customers_interrupted": 40},
        {"outage_id": "X2", "transformer_id": "T2", "valid_from_utc": at(2010, 9, 1), "known_from_utc":
         at(2010, 9, 1), "planned": True, "customers_interrupted": 40},
    ],
    "connectivity": [
        {"usage_point_id": f"P{n}", "transformer_id": "T1", "valid_from_utc": at(2005), "known_from_utc": known,
         "supply_level": "lv"}
        for n, known in enumerate([at(2005), at(2005), at(2011, 6, 1)])
    ],
    "power_transformer": [
        {"transformer_id": name, "area_id": "Q", "valid_from_utc": at(1960), "known_from_utc": at(1960)}
        for name in ("T1", "T2")
    ],
    "lightning_density": [
        {"area_id": "Q", "year": year, "ground_flash_density": density, "known_from_utc": at(2030),
         "known_from_basis": "arrival"}
        for year, density in ((2008, 1.0), (2009, 2.0), (2010, 6.0))
    ],
    "area": [
        {"area_id": "Q", "year": 2009, "population": 500, "income_per_person": 20.0, "area_km2": 2.0,
         "known_from_utc": at(2030), "known_from_basis": "delivered"},
    ],
    "load_metrics": [],
    "ageing": [
        # the last day of 2010 has ended when 2011 begins; the day after has not, and is hotter
        {"asset_id": "A", "grid_date": date(2009, 7, 1), "loss_of_life_hours": 96.0, "ageing_rate": 4.0,
         "hot_spot_max_degc": 121.0},
        {"asset_id": "A", "grid_date": date(2010, 12, 31), "loss_of_life_hours": 12.0, "ageing_rate": 0.5,
         "hot_spot_max_degc": 95.0},
        {"asset_id": "A", "grid_date": date(2011, 1, 1), "loss_of_life_hours": 48.0, "ageing_rate": 2.0,
         "hot_spot_max_degc": 110.0},
        {"asset_id": "C", "grid_date": date(2010, 12, 31), "outcome": "load_unknown"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[tuple[str, date], dict[str, Any]]:
    tables = all_tables()
    frames = {name: frame(spark, tables[read.table], *ROWS[name]) for name, read in JOB.reads.items()}
    rows = asset_features(**frames, end=END, features=FeatureSettings(), utc_offset=OFFSET)
    assert rows.columns == ASSET_FEATURE.column_names
    return {(row["asset_id"], row["as_of"]): row.asDict() for row in rows.collect()}


def test_a_row_for_each_unit_in_service_at_each_new_year_and_at_the_end(found: dict[Any, Any]) -> None:
    years = [date(year, 1, 1) for year in (2009, 2010, 2011, 2012)] + [END]
    assert sorted(day for unit, day in found if unit == "A") == years
    assert sorted(day for unit, day in found if unit == "B") == years[:2]
    assert sorted(day for unit, day in found if unit == "C") == years[2:]


def test_what_was_known_later_is_not_used(found: dict[Any, Any]) -> None:
    """W2, I2, O2, K3 and P2 happened before the new year of 2011 and were recorded after it."""
    before, after = found["A", date(2011, 1, 1)], found["A", date(2012, 1, 1)]
    assert (before["corrective_orders"], after["corrective_orders"]) == (1, 2)
    assert (before["corrective_cost"], after["corrective_cost"]) == (100.0, 200.0)
    assert (before["condition_grade"], after["condition_grade"]) == (1, 3)
    assert (before["mean_condition_grade"], after["mean_condition_grade"]) == (1.0, 2.0)
    assert (before["oil_leak_grade"], after["oil_leak_grade"]) == (0, 2)
    assert (before["bushings_damaged"], after["bushings_damaged"]) == (False, True)
    assert (before["peak_utilisation_pu"], after["peak_utilisation_pu"]) == (0.5, 0.9)
    assert (before["hydrogen_ppm"], after["hydrogen_ppm"]) == (20.0, 400.0)
    assert (before["usage_points"], after["usage_points"]) == (2, 3)
    assert found["C", date(2011, 1, 1)]["voltage_complaints"] == 0
    assert found["C", date(2012, 1, 1)]["voltage_complaints"] == 1


def test_a_day_of_ageing_counts_once_it_has_ended(found: dict[Any, Any]) -> None:
    """Of A at the new year of 2011: 96 + 12 h of life, rates of 4 and 0.5; its hottest day lies more than a year back.

    It stands since noon of 1 January 1991 (UTC), which is 20 years less half a day and less the hour of the offset.
    """
    names = ("loss_of_life_hours", "mean_ageing_rate", "hot_spot_max_degc")
    row = found["A", date(2011, 1, 1)]
    assert [row[name] for name in names] == [108.0, 2.25, 95.0]
    assert row["equivalent_age_years"] == pytest.approx(2.25 * 20.0, abs=0.01)
    assert [found["A", date(2010, 1, 1)][name] for name in names] == [96.0, 4.0, 121.0]
    assert [found["A", date(2012, 1, 1)][name] for name in names] == [156.0, 6.5 / 3, 110.0]
    # 1 July 2012 is more than a year after the last day
    assert [found["A", END][name] for name in names] == [156.0, 6.5 / 3, None]
    nothing = found["C", date(2011, 1, 1)]  # its only day has no temperatures
    assert [nothing[name] for name in (*names, "equivalent_age_years")] == [None] * 4


def test_figures_of_a_year_count_once_they_are_out(found: dict[Any, Any]) -> None:
    """90 days after the year where only the file's arrival says it; by their own time of recording where delivered."""
    row = found["A", date(2011, 1, 1)]
    assert (row["mean_ground_flash_density"], row["last_ground_flash_density"]) == (1.5, 2.0)
    assert found["A", date(2012, 1, 1)]["mean_ground_flash_density"] == 3.0
    assert row["population_per_km2"] is None


def test_the_position_remembers_what_the_unit_did_not_live_through(found: dict[Any, Any]) -> None:
    row = found["C", date(2011, 1, 1)]
    assert (row["failures_at_position"], found["B", date(2010, 1, 1)]["failures_at_position"]) == (1, 0)
    assert (row["outages"], row["outage_hours"]) == (1, 6.0)
    assert row["noise_complaints"] == 1  # K1 was of the unit before
    assert row["most_customers_interrupted"] == 40


def test_age_is_of_manufacture_and_of_service(found: dict[Any, Any]) -> None:
    row = found["A", date(2011, 1, 1)]
    assert row["age_years"] == 21
    assert row["service_years"] == pytest.approx(20.0, abs=0.01)
    assert row["service_years_at_record_start"] == pytest.approx(18.0, abs=0.01)
    assert (row["manufacturer"], row["rating_kva"], row["batch"]) == ("M", 250.0, "B1")


def test_outcomes_are_joined_apart_and_only_where_the_record_holds_them(spark: SparkSession) -> None:
    """B fails 151.46 days into 2010; of 2011 on only what ends by 1 July 2012; a unit planned out counts in part."""
    feature = frame(
        spark, ASSET_FEATURE,
        *[{"asset_id": name, "as_of": day, "transformer_id": place} for name, place, day in (
            ("A", "T1", date(2010, 1, 1)), ("B", "T2", date(2010, 1, 1)), ("D", "T3", date(2010, 1, 1)),
            ("A", "T1", date(2011, 7, 1)), ("A", "T1", date(2012, 1, 1)), ("A", "T1", END),
        )],
    )  # fmt: skip
    tables = all_tables()
    planned = {"asset_id": "D", "transformer_id": "T3", "valid_from_utc": at(2000),
               "valid_to_utc": datetime(2010, 7, 2, 11, tzinfo=UTC)}  # fmt: skip
    rows = outcomes(
        feature,
        frame(spark, tables["silver.asset_event"], *ROWS["asset_event"]),
        frame(spark, tables["silver.asset_deployment"], *ROWS["asset_deployment"], planned),
        months=12,
        utc_offset=OFFSET,
    ).collect()
    found = {(row["asset_id"], row["as_of"]): (row["failed"], row["exposure"]) for row in rows}
    assert found == {
        ("A", date(2010, 1, 1)): (0, 1.0),
        ("B", date(2010, 1, 1)): (1, 1.0),
        ("D", date(2010, 1, 1)): (0, 0.5),  # to noon of day 183: 182.5 of 365 days
        ("A", date(2011, 7, 1)): (0, 1.0),
    }
    assert not {"failed", "exposure"} & set(ASSET_FEATURE.column_names)
