"""What the methodology says its own curves come to (tables 237, 239 and 240), against ours, by category."""

from __future__ import annotations

import numpy as np
import pytest

from jobs.gold.health.method import Method
from kernels.asset_health import failure_probability, future_scores, initial_ageing_rate, present_value
from tests.real.test_cnaim_tables import Sheet, by_name, method, parts, published

__all__ = ["method", "published"]

TYPICAL_PART = {"unit": None, "main": "before_1980", "steelwork": None}
TYPICAL_LIFE = ("wood", "acsr_greased", "aluminium_sheath_copper", "before_1980")
"""Of which life table 239 is, by its comments."""
RATE, YEARS = 0.035, 30
"""Not in the tables: found by trying, and then the same in each of 305 cells."""


@pytest.fixture(scope="module")
def scores(published: dict[str, Sheet]) -> np.ndarray:
    return np.array([row[1] for row in published["7"][1:]], dtype=float)


def test_failures_in_a_year_by_band(published: dict[str, Sheet], method: Method, scores: np.ndarray) -> None:
    told = by_name(published["237"], method)
    for name, one, group in parts(method):
        curve = method.curves[one.curve or group.curve]
        ours = failure_probability(scores, curve.k_percent / 100, curve.c, curve.level_to)
        assert ours == pytest.approx(told[name][1:6], abs=1.1e-6, rel=2e-6), name


def test_ageing_rates_and_discounted_failures(published: dict[str, Sheet], method: Method, scores: np.ndarray) -> None:
    rates, told = by_name(published["239"], method), by_name(published["240"], method)
    for name, one, group in parts(method):
        part = next(group.components[part] for part in TYPICAL_PART if part in group.components)
        by_what = part.life if isinstance(part.life, dict) else {}
        lives = [by_what[key] for key in TYPICAL_LIFE if key in by_what]
        life = one.life or (lives[0] if lives else part.life)
        _, rate = initial_ageing_rate(life, 1.0, 1.0)
        assert rate == pytest.approx(rates[name][1], abs=5.1e-9), name
        ahead = future_scores(scores, np.full(5, rate), YEARS)
        curve = method.curves[one.curve or group.curve]
        ours = present_value(
            failure_probability(ahead, curve.k_percent / 100, curve.c, curve.level_to), np.ones(5), RATE
        )
        assert ours == pytest.approx(told[name][1:6], abs=5.1e-5, rel=2e-5), name
