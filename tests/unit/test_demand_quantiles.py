"""Arithmetic of quantile forecasts against closed forms, and paths against a planted dependence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from jobs.models.demand.paths import DayRanks, no_ranks, packed, summed_quantiles
from jobs.models.demand.quantiles import rank_of, spread_factors, stretched, values_at
from jobs.models.demand.scores import crps, day_scores, pinball_loss

LEVELS = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
NORMAL = norm.ppf(LEVELS)


def test_crps_of_a_normal_forecast_is_its_closed_form() -> None:
    """Gneiting and Raftery (2007), equation 21: CRPS(N(0, 1), y) = y (2 Phi(y) - 1) + 2 phi(y) - 1 / sqrt(pi)."""
    levels = np.arange(1, 200) / 200
    for value in (-1.5, 0.0, 0.7):
        exact = value * (2 * norm.cdf(value) - 1) + 2 * norm.pdf(value) - 1 / np.sqrt(np.pi)
        assert crps(norm.ppf(levels)[None], levels, np.array([value]))[0] == pytest.approx(exact, abs=2e-3)


def test_true_quantiles_have_the_least_pinball_loss() -> None:
    draw = np.random.default_rng(1).normal(size=20_000)
    losses = [pinball_loss(np.tile(NORMAL * factor, (len(draw), 1)), LEVELS, draw).mean() for factor in (0.7, 1.0, 1.4)]
    assert losses[1] == min(losses)


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=3, unique=True), st.floats(0.01, 0.99))
def test_a_value_read_off_at_a_rank_has_that_rank(values: list[float], rank: float) -> None:
    quantiles, levels = np.array([[sorted(values)]]), np.array([0.1, 0.5, 0.9])
    if np.diff(quantiles).min() < 1e-3:
        return
    value = values_at(quantiles, levels, np.array([[[rank]]]))[0, 0]
    assert rank_of(quantiles[0], levels, value)[0] == pytest.approx(rank, abs=1e-6)


def test_calibration_widens_what_is_too_narrow_by_as_much() -> None:
    draw = np.random.default_rng(2).normal(size=50_000)
    narrow = np.tile(NORMAL / 2, (len(draw), 1))
    factors = spread_factors(narrow, LEVELS, draw)
    assert factors == pytest.approx([2, 2, 2, 1, 2, 2, 2], rel=0.05)
    below = (draw[:, None] < stretched(narrow, LEVELS, factors)).mean(axis=0)
    assert below == pytest.approx(LEVELS, abs=0.01)


def test_stretched_quantiles_never_cross() -> None:
    draw = np.random.default_rng(3)
    quantiles = np.sort(draw.normal(size=(500, 7)), axis=1)
    assert (np.diff(stretched(quantiles, LEVELS, draw.uniform(0.2, 5, 7)), axis=1) >= 0).all()


@pytest.mark.parametrize(
    ("correlation", "deviation"), [(0.0, np.sqrt(30)), (0.5, np.sqrt(30 + 870 * 0.5)), (1.0, 30.0)]
)
def test_quantiles_of_a_sum_follow_the_dependence_of_past_days(correlation: float, deviation: float) -> None:
    """Sum of 30 standard normals with a common correlation r: variance 30 + 30 x 29 r; summed quantiles give 30."""
    draw = np.random.default_rng(4)
    days, slots, series = 400, 6, 30
    common = draw.normal(size=(1, days, 1))
    errors = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * draw.normal(size=(series, days, 1))
    ranks = packed(norm.cdf(np.broadcast_to(errors, (series, days, slots))))[:, None]
    keys = [("transformer", f"T{n}") for n in range(series)]
    past = DayRanks({key: n for n, key in enumerate(keys)}, (1,), ranks)
    own = np.broadcast_to(NORMAL, (series, slots, len(LEVELS)))
    found = summed_quantiles(own, LEVELS, keys, past, days_ahead=1, seed=1)
    assert (np.diff(found, axis=1) >= 0).all()
    assert found[:, [1, 5]].mean(axis=0) == pytest.approx(deviation * norm.ppf([0.1, 0.9]), rel=0.12)


def test_series_that_no_past_day_holds_err_by_themselves() -> None:
    own = np.broadcast_to(NORMAL, (20, 4, len(LEVELS)))
    keys = [("transformer", f"T{n}") for n in range(20)]
    found = summed_quantiles(own, LEVELS, keys, no_ranks(), days_ahead=1, seed=1)
    assert found[:, 5].mean() == pytest.approx(np.sqrt(20) * norm.ppf(0.9), rel=0.3)


def test_scores_of_a_day_by_hand() -> None:
    """Two of three intervals known: errors 1 and 3 kW of a range of 10, peaks 6 and 4."""
    mean = np.array([[5.0, 1.0, 9.0]])
    value = np.array([[6.0, 4.0, np.nan]])
    levels = np.array([0.1, 0.5, 0.9])
    quantiles = mean[..., None] + np.array([-1.0, 0.0, 1.0])
    (row,) = day_scores(mean, quantiles, levels, value, np.array([10.0])).to_dict("records")
    assert (row["intervals"], row["absolute_error"], row["peak_error"]) == (2, pytest.approx(0.2), pytest.approx(0.1))
    assert row["coverage_80"] == 0.5  # 6 lies at the upper end of 4 to 6, 4 outside 0 to 2
    # levels 0.1, 0.5, 0.9: 0.1 x 2, 0.5 x 1, 0.9 x 0 of the first; 0.1 x 4, 0.5 x 3, 0.9 x 2 of the second
    assert row["pinball"] == pytest.approx(((0.2 + 0.5 + 0) / 3 + (0.4 + 1.5 + 1.8) / 3) / 2 / 10)
    assert np.isnan(row["coverage_90"])
