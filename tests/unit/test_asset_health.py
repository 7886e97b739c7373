"""The health kernel against the methodology's worked example, the R package's values and a plain reference."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import asset_health as kernel
from tests.reference import asset_health as reference

FACTORS = st.lists(st.floats(0.6, 2.5), min_size=1, max_size=6)
SCORES = st.floats(0.5, 10)


def test_the_worked_example_of_a_good_transformer_of_33_kv() -> None:
    """Appendix E.4: 40 years old, outdoors, 100 m above the sea and 5 km from it, corrosion category 3, few taps."""
    location = kernel.location_factor([[1.1, 0.9, 1.0]], 0.05, False, 0.9)
    life, rate = kernel.initial_ageing_rate(60.0, [1.0, 0.9], location)
    assert location == pytest.approx([1.1])
    assert life == pytest.approx([54.54545454545454, 60.6060606060606])
    assert rate == pytest.approx([0.0439614133346368, 0.039565272001173116])
    initial = kernel.initial_score(rate, 40.0)
    assert initial == pytest.approx([2.90173651, 2.43382404], abs=1e-8)
    assert kernel.current_score(initial, 1.0, 1.0, 10.0, 0.5) == pytest.approx(initial)


@pytest.mark.parametrize(
    ("factors", "above", "below", "most", "combined"),
    [
        ([1, 1.5], 1.5, 1.5, 1, 1.5),
        ([0.75, 0.5], 1, 2, 1, 0.375),
        ([1, 2, 3, 4, 5, 6], 2, 1, 4, 10.5),
        ([1, 1, 1, 1, 5, 6], 2, 1, 4, 8),
        ([9, 8, 7, 6, 5, 4], 5, 1, 20, 14),
        ([9, 8, 7, 6, 5, 4], 5, 1, 1, 9),
        ([9, np.nan, 3, 3, 3, 1], 6, 1, 20, 10),
        ([9, np.nan, 1, 1, 1, 1], 6, 1, 20, 9),
        ([5, 4], 1.5, 1.5, 2, 7),  # table 9
        ([5, 0.1], 1.5, 1.5, 2, 5),
        ([0.5, 1], 1.5, 1.5, 2, 0.5),
    ],
)
def test_combined_factors_as_the_r_package_publishes_them(
    factors: list[float], above: float, below: float, most: int, combined: float
) -> None:
    """Values of the tests of CNAIM 2.1.4 (test-mmi.R, test-health_score_excl_ehv_132kv_tf.R)."""
    assert kernel.combined_factor([factors], above, below, most) == pytest.approx([combined])


def test_places_as_the_r_package_publishes_them() -> None:
    """test-location_factor.R and test-location_factor_sub.R, all by default."""
    assert kernel.location_factor([[1.0, 1.0, 1.0]], 0.05, True, 0.9) == pytest.approx([0.925])
    assert kernel.location_factor([[1.25, 1.0, 1.0, 1.1]], 0.05, False, 1.0) == pytest.approx([1.3])


def test_failures_as_the_r_package_publishes_them() -> None:
    """test-pof_transformer_33_66kv.R, test-pof_towers.R: it levels the curve off below 4 only for the years ahead."""
    assert kernel.failure_probability([3.931585, 0.674752], [0.0454e-2, 0.0545e-2], 1.087, 0.0) == pytest.approx(
        [0.012446, 0.001127], abs=5e-7
    )
    _, rate = kernel.initial_ageing_rate([50.0, 80.0], 1.0, 1.0)
    assert kernel.initial_score(rate, [43.0, 10.0]) == pytest.approx([3.931585, 0.674752], abs=5e-7)


@given(FACTORS, st.floats(1, 3), st.floats(1, 3), st.integers(1, 6))
def test_combined_factors_are_those_of_the_definition(
    factors: list[float], above: float, below: float, most: int
) -> None:
    found = kernel.combined_factor([factors], above, below, most)
    assert found == pytest.approx([reference.combined_factor(factors, above, below, most)])


@given(st.lists(st.floats(0.7, 2), min_size=3, max_size=4), st.floats(0, 0.1), st.booleans(), st.floats(0.7, 1))
def test_places_are_those_of_the_definition(factors: list[float], inc: float, indoors: bool, least: float) -> None:
    found = kernel.location_factor([factors], inc, indoors, least)
    assert found == pytest.approx([reference.location_factor(factors, inc, indoors, least)])


@given(
    life=st.floats(15, 130), age=st.integers(0, 120), factor=st.floats(0.3, 4), reliability=st.floats(0.6, 1.5),
    cap=st.floats(4, 10), collar=st.floats(0.5, 8), years=st.integers(0, 60),
)  # fmt: skip
def test_scores_are_those_of_the_definition(
    life: float, age: float, factor: float, reliability: float, cap: float, collar: float, years: int
) -> None:
    told = reference.current_score(life=life, age=age, factor=factor, reliability=reliability, cap=cap, collar=collar)
    _, rate = kernel.initial_ageing_rate([life], 1.0, 1.0)
    score = kernel.current_score(kernel.initial_score(rate, [age]), factor, reliability, cap, collar)
    ahead = kernel.future_scores(score, kernel.forecast_ageing_rate(score, [age], rate), years)
    assert (rate[0], score[0]) == pytest.approx(told)
    assert ahead[0, years] == pytest.approx(
        reference.score_ahead(score=score[0], rate=told[0], age=age, years=years), rel=1e-9
    )
    assert 0.5 <= score[0] <= 10
    assert (ahead <= 15).all()
    assert (np.diff(ahead[0]) >= 0).all()


@given(SCORES, st.floats(1e-5, 1), st.floats(0.5, 2), st.floats(0, 5))
def test_failures_are_those_of_the_definition(score: float, k: float, c: float, least: float) -> None:
    told = reference.failures(score=score, k=k, c=c, least=least)
    assert kernel.failure_probability([score], k, c, least) == pytest.approx([told])
    assert kernel.failure_probability([[score, score + 1]], [k], c, least)[0, 0] == pytest.approx(told)


@given(st.floats(15, 130), st.lists(st.integers(0, 150), min_size=2, max_size=2), st.floats(1, 3), st.floats(1, 3))
def test_older_and_more_loaded_is_never_healthier(life: float, ages: list[int], duty: float, location: float) -> None:
    expected, rate = kernel.initial_ageing_rate([life, life], [1.0, duty], [1.0, location])
    young, old = sorted(ages)
    assert expected[1] <= expected[0]
    by_duty, by_age = kernel.initial_score(rate, float(old)), kernel.initial_score(rate[:1], [young, old])
    assert by_duty[0] <= by_duty[1] <= 5.5
    assert by_age[0] <= by_age[1]


@given(FACTORS, st.integers(0, 5), st.floats(0, 1), st.integers(1, 6))
def test_a_worse_finding_never_gives_a_better_factor(factors: list[float], which: int, worse: float, most: int) -> None:
    changed = list(factors)
    changed[which % len(factors)] += worse
    if max(factors) <= 1 < max(changed):
        return  # the one finding above 1 then counts alone, whatever the good ones say
    before, after = (kernel.combined_factor([one], 1.5, 1.5, most)[0] for one in (factors, changed))
    assert after >= before - 1e-12


@given(SCORES, SCORES, st.floats(0.01, 0.2), st.integers(1, 100))
def test_the_forecast_rate_is_bounded_and_todays_score_is_kept(a: float, b: float, rate: float, age: int) -> None:
    scores = np.array(sorted([a, b]))
    forecast = kernel.forecast_ageing_rate(scores, [age, age], rate)
    assert (forecast <= 2 * rate).all()
    assert kernel.future_scores(scores, forecast, 3)[:, 0] == pytest.approx(scores)


def test_a_new_unit_that_is_bad_ages_twice_as_fast_and_a_good_one_as_expected() -> None:
    assert kernel.forecast_ageing_rate([8.0, 0.5], [0.0, 0.0], 0.04) == pytest.approx([0.08, 0.04])


def test_a_bad_finding_weighs_more_than_a_good_one() -> None:
    assert kernel.current_score(3.0, 1.0, 1.0, 4.4, 8.0) == 8.0


def test_present_value_by_hand() -> None:
    """0.01 x 1000 now, 0.02 x 1000 in a year at 25 %: 10 + 20 / 1.25."""
    assert kernel.present_value([[0.01, 0.02]], [1000.0], 0.25) == pytest.approx([26.0])


def test_a_value_at_a_bound() -> None:
    bounds, results = [500.0, 750.0], [0.85, 1.0, 1.15]
    assert kernel.banded([499.0, 500.0, 750.0], bounds, results, 9.0, closed=False).tolist() == [0.85, 1.0, 1.15]
    assert kernel.banded([500.0, 750.0, np.nan], bounds, results, 9.0).tolist() == [0.85, 1.0, 9.0]


def test_wrong_arguments_say_what_is_needed() -> None:
    with pytest.raises(ValueError, match=re.escape("bounds [2.0, 1.0] for 3 results; needed one fewer, rising")):
        kernel.banded([1.0], [2.0, 1.0], [1.0, 2.0, 3.0], 1.0)
    with pytest.raises(ValueError, match=r"normal life, duty and location: 1 of 2 are not above 0"):
        kernel.initial_ageing_rate([60.0, 0.0], 1.0, 1.0)
    with pytest.raises(ValueError, match=r"age_years: 1 of 2 values fail '>= 0'"):
        kernel.initial_score(0.04, [np.nan, 3.0])
