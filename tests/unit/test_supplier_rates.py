"""Rates, tails, false discoveries and expected numbers of suppliers against figures worked out elsewhere or by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import PoissonRegressor

from jobs.gold.suppliers.expected import broken_line, cross_fitted, design_of, fitted, same
from jobs.gold.suppliers.rates import false_discovery_rates, fitted_shape, shrunk, upper_tail


def test_mid_p_as_worked_by_hand() -> None:
    """Mean 1, 2 seen: 1 - e^-1 (1 + 1 + 1/2) above, and half of e^-1 / 2; mean 0.5, none seen: 1 - e^-0.5 / 2."""
    found = upper_tail(np.array([2.0, 0.0]), np.array([1.0, 0.5]))
    assert found == pytest.approx([1 - np.exp(-1) * 2.5 + np.exp(-1) / 4, 1 - np.exp(-0.5) / 2], rel=1e-12)
    assert found[0] == pytest.approx(0.172271, abs=1e-6)


def test_the_example_of_benjamini_and_hochberg() -> None:
    """Their 15 hypotheses of 1995 (Journal of the Royal Statistical Society B 57, section 3.2): at 0.05, four fall."""
    tails = np.array([
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0,
    ])  # fmt: skip
    found = false_discovery_rates(tails, np.ones(15, bool))
    assert (found <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert found[3] == pytest.approx(0.0095 * 15 / 4)
    apart = false_discovery_rates(np.append(tails, 1e-9), np.arange(16) < 15)  # one that is not tested changes nothing
    np.testing.assert_allclose(apart[:15], found)
    assert np.isnan(apart[15])
    assert np.isnan(false_discovery_rates(tails, np.zeros(15, bool))).all()


@pytest.mark.parametrize(("observed", "expected", "shape"), [(0, 2.0, 4.0), (12, 3.5, 2.0), (150, 60.0, 30.0)])
def test_the_shrunk_rate_is_the_posterior_that_integration_gives(observed: int, expected: float, shape: float) -> None:
    """Likelihood times prior on a fine grid: its mean, and how much of it the interval leaves on either side."""
    rate = np.linspace(1e-6, 12, 400_000)
    density = np.exp((shape - 1 + observed) * np.log(rate) - (shape + expected) * rate + 1e-9)
    density /= density.sum()
    found = shrunk(np.array([float(observed)]), np.array([expected]), shape, interval=0.9)
    assert found.mean[0] == pytest.approx((rate * density).sum(), rel=1e-4)
    assert density[rate < found.low[0]].sum() == pytest.approx(0.05, abs=1e-4)
    assert density[rate > found.high[0]].sum() == pytest.approx(0.05, abs=1e-4)


@given(st.integers(0, 500), st.floats(0.01, 500), st.floats(0.01, 1e5))
def test_a_shrunk_rate_lies_between_the_fleet_s_and_the_own(observed: int, expected: float, shape: float) -> None:
    found = shrunk(np.array([float(observed)]), np.array([expected]), shape, interval=0.9)
    low, high = sorted((1.0, observed / expected))
    assert low * (1 - 1e-12) <= found.mean[0] <= high * (1 + 1e-12)
    assert found.low[0] < found.high[0]


@pytest.mark.parametrize("shape", [2.0, 20.0])
def test_the_spread_that_was_drawn_is_found(shape: float) -> None:
    rng = np.random.default_rng(5)
    expected = rng.uniform(5, 60, 3_000)
    observed = rng.poisson(expected * rng.gamma(shape, 1 / shape, 3_000)).astype(float)
    assert fitted_shape(observed, expected) == pytest.approx(shape, rel=0.12)


def test_groups_that_differ_by_chance_alone_are_shrunk_to_the_fleet() -> None:
    rng = np.random.default_rng(6)
    expected = rng.uniform(5, 60, 3_000)
    observed = rng.poisson(expected).astype(float)
    shape = fitted_shape(observed, expected)
    assert shape > 300
    assert np.abs(shrunk(observed, expected, shape, interval=0.9).mean - 1).max() < 0.25
    assert fitted_shape(np.zeros(3), np.zeros(3)) == pytest.approx(1e6, rel=1e-3)  # nothing expected, nothing told


def test_intervals_hold_the_rate_as_often_as_they_say_and_few_discoveries_are_false() -> None:
    """200 fleets of 150 groups, ten of which are twice as bad: known rates, so that both can be counted."""
    rng = np.random.default_rng(7)
    held, named, false, found = [], 0, 0, 0
    for _ in range(200):
        expected = rng.uniform(2, 80, 150)
        rate = rng.gamma(10, 1 / 10, 150)
        drawn = rng.poisson(expected * rate).astype(float)
        of = shrunk(drawn, expected, fitted_shape(drawn, expected), interval=0.9)
        held.append(((of.low <= rate) & (rate <= of.high)).mean())
        bad = np.arange(150) < 10
        seen = rng.poisson(expected * np.where(bad, 2.0, 1.0)).astype(float)
        listed = false_discovery_rates(upper_tail(seen, expected), np.ones(150, bool)) <= 0.05
        named, false, found = named + listed.sum(), false + (listed & ~bad).sum(), found + (listed & bad).sum()
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)
    assert false / named < 0.06
    assert found / (200 * 10) > 0.7


def test_the_hazard_is_what_scikit_learn_fits() -> None:
    """Its objective is the same over the sum of weights: alpha = ridge / exposure."""
    rng = np.random.default_rng(8)
    exposure = rng.uniform(0.2, 3, 2_000)
    design = design_of(
        {"age": rng.uniform(0, 50, 2_000)}, {"kind": rng.choice(["A", "B"], 2_000).astype(object)}, exposure, knots=4
    )
    truth = rng.normal(0, 0.7, design.shape[1])
    count = rng.poisson(exposure * np.exp(design @ truth)).astype(float)
    found = fitted(design, exposure, count, ridge=2.0)
    theirs = PoissonRegressor(alpha=2.0 / exposure.sum(), solver="newton-cholesky", tol=1e-10, max_iter=1000)
    theirs.fit(design[:, 1:], count / exposure, sample_weight=exposure)
    np.testing.assert_allclose(found, [theirs.intercept_, *theirs.coef_], atol=1e-6)


def test_of_units_all_alike_each_fold_expects_the_rate_of_the_other() -> None:
    """10 events in 100 years and 6 in 300: the first expects 100 x 6 / 300 = 2, the second 300 x 10 / 100 = 30."""
    exposure, count = np.array([[100.0, 300.0]]), np.array([[10.0, 6.0]])
    rate = cross_fitted(np.ones((1, 1)), exposure, count, ridge=0.1)
    np.testing.assert_allclose(exposure * rate, [[2.0, 30.0]], rtol=1e-9)
    none = cross_fitted(np.ones((1, 1)), exposure, np.array([[10.0, 0.0]]), ridge=0.1)
    np.testing.assert_allclose(none, [[0.0, 0.1]])
    assert not cross_fitted(np.ones((1, 1)), exposure, np.zeros((1, 2)), ridge=0.1).any()


def test_what_a_fold_did_does_not_move_what_is_expected_of_it() -> None:
    rng = np.random.default_rng(9)
    design = np.concatenate([np.ones((50, 1)), broken_line(rng.uniform(0, 9, 50), np.ones(50), knots=4)], axis=1)
    exposure, count = rng.uniform(1, 9, (50, 3)), rng.poisson(2, (50, 3)).astype(float)
    more = count.copy()
    more[:, 1] *= 10
    before, after = (cross_fitted(design, exposure, of, ridge=0.1) for of in (count, more))
    np.testing.assert_allclose(after[:, 1], before[:, 1], rtol=1e-9)
    assert (after[:, 0] > 1.5 * before[:, 0]).all()


def test_a_broken_line_gives_a_straight_one_back_and_tells_the_unknown_apart() -> None:
    values = np.array([0.0, 3.0, 10.0, np.nan, 4.0, 7.5])
    weights = broken_line(values, np.ones(6), knots=3)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    assert weights[3].tolist() == [0, 0, 0, 1]
    np.testing.assert_allclose((weights[:, :-1] @ np.array([0.0, 4.0, 10.0]))[~np.isnan(values)], [0, 3, 10, 4, 7.5])
    assert broken_line(np.full(2, np.nan), np.ones(2), knots=3).tolist() == [[1], [1]]
    assert broken_line(np.array([5.0, 5.0]), np.ones(2), knots=3)[:, 0].tolist() == [1, 1]


def test_rows_that_are_alike_in_all_columns_are_one_kind() -> None:
    first, kind = same([np.array([1.0, 2.0, 1.0, np.nan, np.nan]), np.array(["a", "a", "a", "b", "b"], object)])
    assert kind.tolist() == [0, 1, 0, 2, 2]
    assert first.tolist() == [0, 1, 3]
