"""Health and failure of one asset, written as the methodology's sections read."""

from __future__ import annotations

from math import exp, log


def combined_factor(factors: list[float], divider_above: float, divider_below: float, most: int) -> float:
    """Section 6.7.2: Variable 1, 2 and 3."""
    if any(factor > 1 for factor in factors):
        first, *others = sorted(factors, reverse=True)
        further = [factor - 1 for factor in others if factor > 1][: most - 1]
        return first + sum(further) / divider_above
    first, *others = sorted(factors)
    return first + ((others[0] - 1) / divider_below if others else 0)


def location_factor(factors: list[float], increment: float, indoors: bool, least: float) -> float:
    """Section 6.4."""
    above = [factor for factor in factors if factor > 1]
    outdoors = max(factors) + (len(above) - 1) * increment if above else min(factors)
    return 0.25 * (outdoors - least) + least if indoors else outdoors


def current_score(
    *, life: float, age: float, factor: float, reliability: float, cap: float, collar: float
) -> tuple[float, float]:
    """Sections 6.1.4 to 6.1.7: the initial ageing rate and the current score."""
    rate = log(5.5 / 0.5) / life
    initial = min(0.5 * exp(rate * age), 5.5)
    score = initial * factor * reliability
    if score > cap:
        score = cap
    if score < collar:
        score = collar
    return rate, min(max(score, 0.5), 10)


def score_ahead(*, score: float, rate: float, age: float, years: int) -> float:
    """Sections 6.1.8 to 6.1.10: the score so many years later."""
    forecast = rate if score == 0.5 else 2 * rate if age == 0 else min(log(score / 0.5) / age, 2 * rate)
    reduction = 1 if score <= 2 else 1.5 if score > 5.5 else (score - 2) / 7 + 1
    return min(score * exp(forecast / reduction * years), 15)


def failures(*, score: float, k: float, c: float, least: float) -> float:
    """Section 6.1.1."""
    x = c * max(score, least)
    return k * (1 + x + x**2 / 2 + x**3 / 6)
