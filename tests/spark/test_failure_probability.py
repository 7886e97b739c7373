"""Who says how likely a unit fails can be changed; the cost follows. W(1) is worked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession

from jobs.gold.cost.failure_probability import (
    FailureProbability,
    Floats,
    Hazards,
    Names,
    WeibullByClass,
    scaled_to_meet,
)
from tests.spark.life_cycle_cost_inputs import Case, classes_of, judged, judged_rows, placed, prices, profile, unit

V = 1 / 1.03
FLEET = Case(
    [profile(f"T_{name}", 60.0, 30.0) for name in ("SAFE", "DOOMED", "UNKNOWN")],
    [unit(name) for name in ("SAFE", "DOOMED", "UNKNOWN")],
    [placed(name, f"T_{name}") for name in ("SAFE", "DOOMED", "UNKNOWN")],
)
KNOWN = {
    ("fleet.SAFE", date(2017, 1, 1)): [0.0] * 3,
    ("fleet.SAFE", date(2016, 1, 1)): [1.0] * 3,  # of another date
    ("fleet.DOOMED", date(2017, 1, 1)): [0.5] * 3,
}
"""Asset and as-of date -> hazard of the first, second, … year ahead: what a model's table holds."""


def model(known: Mapping[tuple[str, date], list[float]], curve: FailureProbability) -> FailureProbability:
    """A model that knows some assets for some years; the curve stands for the rest."""

    @dataclass
    class Model:  # local, so that it travels to the tasks by value
        def of_new(self, asset_class: Names, years: int) -> Floats:
            return curve.of_new(asset_class, years)

        def in_service(
            self, asset_id: Names, asset_class: Names, age_years: Floats, *, as_of: date, years: int
        ) -> Hazards:
            said = curve.in_service(asset_id, asset_class, age_years, as_of=as_of, years=years)
            hazard, source = said.hazard.copy(), said.source.astype(object)
            for row, name in enumerate(asset_id):
                ahead = known.get((str(name), as_of), [])
                hazard[row, : len(ahead)] = ahead
                source[row] = "survival_3" if ahead else source[row]
            return Hazards(hazard, source)

    return Model()


Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def by_curve(spark: SparkSession) -> Rows:
    return judged(spark, prices(50.0, 20.0), fleet=FLEET)["fleet"]


@pytest.fixture(scope="module")
def by_model(spark: SparkSession) -> Rows:
    fills = model(KNOWN, WeibullByClass(classes_of(["fleet"])))
    return judged(spark, prices(50.0, 20.0), fills, fleet=FLEET)["fleet"]


def test_each_unit_says_who_spoke_of_it(by_curve: Rows, by_model: Rows) -> None:
    assert {row["failure_probability_source"] for row in by_curve.values()} == {"weibull"}
    said = {name: (row["failure_probability_source"], row["failure_probability"]) for name, row in by_model.items()}
    # the curve at age 10: 1 - exp((10 / 57)^4 - (11 / 57)^4)
    curve = pytest.approx(1 - np.exp((10**4 - 11**4) / 57**4), rel=1e-12)
    assert said == {"SAFE": ("survival_3", 0.0), "DOOMED": ("survival_3", 0.5), "UNKNOWN": ("weibull", curve)}


def test_the_cost_of_waiting_follows_the_model(by_curve: Rows, by_model: Rows) -> None:
    """Units alike but for hazard: W(1) grows by v (C + V) for each failure, C = 4,000 and V = -300 of disposal.

    W(1) holds v h C and -(1 - h) v V: a failed unit is not taken out by plan. Half a failure more is 0.5 x 3,700 v.
    """
    waiting = {name: row["one_year_waiting_cost"] for name, row in by_model.items()}
    assert waiting["DOOMED"] - waiting["SAFE"] == pytest.approx(0.5 * (4000 - 300) * V, rel=1e-12)
    assert by_model["DOOMED"]["decision"] == "replace_now"
    assert by_model["SAFE"]["decision"] == "keep"


def test_past_the_last_year_of_the_model_the_curve_goes_on(by_curve: Rows, by_model: Rows) -> None:
    """What W gains after year 3 goes with the chance of reaching it: 1/8, or S(13) / S(10) of the curve."""
    doomed, curve = (np.array(rows["DOOMED"]["waiting_cost_curve"]) for rows in (by_model, by_curve))
    chance = np.exp((10**4 - 13**4) / 57**4)
    np.testing.assert_allclose((doomed[4:] - doomed[3]) / 0.125, (curve[4:] - curve[3]) / chance, rtol=1e-9)


def test_units_that_the_model_does_not_know_and_new_units_are_as_before(by_curve: Rows, by_model: Rows) -> None:
    assert by_model["UNKNOWN"] == by_curve["UNKNOWN"]
    for name in ("life_cycle_cost", "equivalent_annual_cost_curve", "economic_life_years", "successor_annual_cost"):
        assert by_model["DOOMED"][name] == by_curve["DOOMED"][name]


def test_the_table_of_a_model_takes_the_place_of_the_curve(spark: SparkSession, by_curve: Rows) -> None:
    """Year 1 as the model says; later years the curve's hazard times one factor: ln(1 - 0.5) over the curve's."""
    said = {"asset_id": "fleet.DOOMED", "as_of": date(2017, 1, 1), "horizon_months": 12, "probability": 0.5}
    of_another_day = said | {"asset_id": "fleet.SAFE", "as_of": date(2016, 1, 1)}
    told = {"model_version": "failure 3"}
    rows = judged_rows(spark, prices(50.0, 20.0), None, said | told, of_another_day | told, fleet=FLEET).collect()
    found = {row["asset_id"].split(".")[1]: row.asDict() for row in rows}
    assert found["DOOMED"]["failure_probability"] == 0.5
    assert found["DOOMED"]["failure_probability_source"] == "failure 3"
    for name in ("SAFE", "UNKNOWN"):
        assert found[name]["failure_probability_source"] == "weibull"
        assert found[name]["waiting_cost_curve"] == by_curve[name]["waiting_cost_curve"]


def test_the_newest_word_whose_year_reaches_into_the_one_asked_stands(spark: SparkSession, by_curve: Rows) -> None:
    """A build of a part of 2016 has features as of its last day: the year asked for begins with 2017."""
    told = {"horizon_months": 12, "model_version": "failure 3"}
    doomed, safe = ({"asset_id": f"fleet.{name}"} | told for name in ("DOOMED", "SAFE"))
    words = (
        doomed | {"as_of": date(2016, 1, 2), "probability": 0.25},
        doomed | {"as_of": date(2016, 4, 1), "probability": 0.5},
        safe | {"as_of": date(2017, 4, 1), "probability": 0.5},
    )
    rows = judged_rows(spark, prices(50.0, 20.0), None, *words, fleet=FLEET).collect()
    found = {row["asset_id"].split(".")[1]: row.asDict() for row in rows}
    assert (found["DOOMED"]["failure_probability"], found["DOOMED"]["failure_probability_source"]) == (0.5, "failure 3")
    assert found["SAFE"]["failure_probability"] == by_curve["SAFE"]["failure_probability"]


def test_later_years_are_those_of_the_curve_times_one_factor() -> None:
    """Chances 1 - e^-0.01, 1 - e^-0.03 of the curve; a first year of 1 - e^-0.02 doubles both hazards."""
    curve = -np.expm1(-np.array([[0.01, 0.03], [0.0, 0.03]]))
    met = scaled_to_meet(curve, -np.expm1(-np.array([0.02, 0.02])))
    np.testing.assert_allclose(-np.log1p(-met), [[0.02, 0.06], [0.02, 0.03]], rtol=1e-12)
