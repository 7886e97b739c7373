"""Health, failure and risk of many assets at once, by the Common Network Asset Indices Methodology.

Nomenclature, for one asset (the functions take many, one in each row):

======  ====================================================================================
H       health score: 0.5 new, 5.5 at the end of the expected life, 10 at most today and 15 later
beta_1  initial ageing rate a year, from the expected life; beta_2 the forecast one, from the score
factor  multiplies the initial score: below 1 where the condition is better than the age says
cap     highest score that a good finding leaves; collar, the lowest that a bad one leaves
K, C    of the curve of failures: K a probability a year, C a number
======  ====================================================================================

Every figure of the method's tables comes in as an argument; none stands here but the scores that define its scale. A
component is treated as an asset of its own up to its scores; the asset's score is then the highest of them.

Source of all: DNO Common Network Asset Indices Methodology, version 2.1 (Ofgem, 1 April 2021), sections 4, 6 and 7.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

NEW_SCORE: Final = 0.5
END_OF_LIFE_SCORE: Final = 5.5
HIGHEST_INITIAL_SCORE: Final = 5.5
HIGHEST_CURRENT_SCORE: Final = 10.0
HIGHEST_FUTURE_SCORE: Final = 15.0
MOST_FASTER: Final = 2.0
"""The forecast ageing rate is at most so many times the initial one."""


def banded(value: ArrayLike, upper: ArrayLike, result: ArrayLike, unknown: float, *, closed: bool = True) -> Floats:
    """What a table says of each value: the result of the first band that it does not exceed.

    Parameters
    ----------
    value : (assets,). NaN is unknown.
    upper : (bands - 1,), rising. Upper bound of every band but the last, which has none.
    result : (bands,).
    unknown : what the table says where nothing is known.
    closed : whether a value at an upper bound belongs to the band below it.

    Raises
    ------
    ValueError
        Bounds do not rise, or there are not one fewer of them than results.

    >>> banded([50.0, 50.1, np.nan], [50.0, 70.0, 100.0], [0.9, 0.95, 1.0, 1.4], 1.0)
    array([0.9 , 0.95, 1.  ])
    """
    values, bounds = np.asarray(value, dtype=np.float64), np.asarray(upper, dtype=np.float64)
    results = np.asarray(result, dtype=np.float64)
    if len(results) != len(bounds) + 1 or (np.diff(bounds) <= 0).any():
        raise ValueError(f"bands: found bounds {bounds.tolist()} for {len(results)} results; needed one fewer, rising")
    found = results[np.searchsorted(bounds, values, "left" if closed else "right").clip(max=len(bounds))]
    banded_values: Floats = np.where(np.isnan(values), unknown, found)
    return banded_values


def combined_factor(factors: ArrayLike, divider_above: ArrayLike, divider_below: ArrayLike, most: ArrayLike) -> Floats:
    """One factor from several: the worst, raised by the others (maximum and multiple increment, MMI).

    Where any is above 1: the highest + (sum over the next highest, ``most`` in all, of what they are above 1) /
    ``divider_above``. Else the lowest + (second lowest - 1) / ``divider_below``.

    Parameters
    ----------
    factors : (assets, inputs). NaN where an input is not there; where none is, the result is 1.
    divider_above, divider_below, most : number or (assets,).

    Notes
    -----
    Source: section 6.7.2; tables 9, 10, 11, 13 and 15. Table 9 is this with dividers of 1.5 and two factors.

    >>> combined_factor([[1.4, 1.2, 0.9]], 1.5, 1.5, 3).round(4)
    array([1.5333])
    >>> combined_factor([[0.9, 0.95, 1.0]], 1.5, 1.5, 3).round(4)
    array([0.8667])
    """
    given = np.atleast_2d(np.asarray(factors, dtype=np.float64))
    rising = np.sort(np.where(np.isnan(given), 1.0, given), axis=1)
    above = np.maximum(rising[:, ::-1] - 1.0, 0.0)
    counted = np.arange(given.shape[1]) < np.asarray(most).reshape(-1, 1)
    high = 1.0 + above[:, 0] + (above * counted)[:, 1:].sum(axis=1) / np.asarray(divider_above)
    second = rising[:, 1] if given.shape[1] > 1 else np.ones(len(given))
    low = rising[:, 0] + (np.minimum(second, 1.0) - 1.0) / np.asarray(divider_below)
    combined: Floats = np.where(above[:, 0] > 0, high, low)
    return combined


def location_factor(factors: ArrayLike, increment: ArrayLike, indoors: ArrayLike, least: ArrayLike) -> Floats:
    """How much the place shortens a life: the worst of its factors, raised by each other one above 1.

    Outdoors, the highest + ``increment`` for each other factor above 1; where none is above 1, the lowest. Indoors,
    a quarter of that above ``least``.

    Parameters
    ----------
    factors : (assets, kinds). Of distance from the coast, altitude and corrosion, or of a submarine cable's four.
    increment : number or (assets,). INC.
    indoors : bool or (assets,).
    least : number or (assets,). Lowest location factor that the tables allow.

    Notes
    -----
    Source: sections 6.4 and 6.5.

    >>> location_factor([[1.1, 0.9, 1.0], [1.35, 1.05, 1.1], [1.0, 1.0, 1.0]], 0.05, [False, False, True], 0.9).round(3)
    array([1.1  , 1.45 , 0.925])
    """
    given = np.atleast_2d(np.asarray(factors, dtype=np.float64))
    highest, above = given.max(axis=1), (given > 1).sum(axis=1)
    outdoors: Floats = np.where(above > 0, highest + np.asarray(increment) * (above - 1), given.min(axis=1))
    base = np.asarray(least, dtype=np.float64)
    found: Floats = np.where(np.asarray(indoors), base + 0.25 * (outdoors - base), outdoors)
    return found


def initial_ageing_rate(normal_life_years: ArrayLike, duty: ArrayLike, location: ArrayLike) -> tuple[Floats, Floats]:
    """Expected life in years, and the ageing rate a year that ends it: normal life / (duty x location), ln(11) / life.

    Raises
    ------
    ValueError
        A life or a factor is not above 0.
    """
    factors = np.asarray(duty, dtype=np.float64) * np.asarray(location, dtype=np.float64)
    normal = np.asarray(normal_life_years, dtype=np.float64)
    good = (factors > 0) & (normal > 0)
    if not good.all():
        raise ValueError(
            f"normal life, duty and location: {np.count_nonzero(~good):,} of {good.size:,} are not above 0"
        )
    life = normal / factors
    return life, np.log(END_OF_LIFE_SCORE / NEW_SCORE) / life


def initial_score(rate: ArrayLike, age_years: ArrayLike) -> Floats:
    """Score by age alone, 5.5 at most: ``0.5 exp(beta_1 age)``.

    Raises
    ------
    ValueError
        An age is below 0 or unknown.
    """
    age = np.asarray(age_years, dtype=np.float64)
    if not (age >= 0).all():
        raise ValueError(f"age_years: {np.count_nonzero(~(age >= 0)):,} of {age.size:,} values fail '>= 0'")
    grown = NEW_SCORE * np.exp(np.asarray(rate, dtype=np.float64) * age)
    return np.minimum(grown, HIGHEST_INITIAL_SCORE)


def current_score(
    initial: ArrayLike, factor: ArrayLike, reliability: ArrayLike, cap: ArrayLike, collar: ArrayLike
) -> Floats:
    """Score by age and condition, from 0.5 to 10: ``initial x factor x reliability``, not above cap, not below collar.

    Where cap and collar contradict each other the collar holds: a bad finding weighs more than a good one.
    """
    score = np.asarray(initial, dtype=np.float64) * np.asarray(factor) * np.asarray(reliability)
    bounded: Floats = np.clip(np.maximum(np.minimum(score, cap), collar), NEW_SCORE, HIGHEST_CURRENT_SCORE)
    return bounded


def forecast_ageing_rate(score: ArrayLike, age_years: ArrayLike, initial_rate: ArrayLike) -> Floats:
    """Ageing rate a year that explains today's score: ``ln(H / 0.5) / age``, at most twice the initial one.

    The initial rate stands where the score is that of a new asset: its age explains nothing.

    Notes
    -----
    Source: section 6.1.8.
    """
    current, first = np.asarray(score, dtype=np.float64), np.asarray(initial_rate, dtype=np.float64)
    grown = np.log(current / NEW_SCORE)
    explained = np.divide(grown, age_years, out=np.full_like(grown, np.inf), where=np.asarray(age_years) > 0)
    return np.where(current <= NEW_SCORE, first, np.minimum(explained, MOST_FASTER * first))


def ageing_reduction(score: ArrayLike) -> Floats:
    """By how much ageing slows for assets whose score is high: 1 up to 2, 1.5 from 5.5 on, linear between (table 216).

    >>> ageing_reduction([1.0, 2.0, 3.75, 5.5, 9.0])
    array([1.  , 1.  , 1.25, 1.5 , 1.5 ])
    """
    reduction: Floats = np.clip(1.0 + (np.asarray(score, dtype=np.float64) - 2.0) / 7.0, 1.0, 1.5)
    return reduction


def future_scores(score: ArrayLike, rate: ArrayLike, years: int) -> Floats:
    """Score today and after 1, 2, … years, (assets, years + 1): ``H exp(beta_2 t / reduction)``, 15 at most."""
    current = np.asarray(score, dtype=np.float64)
    slope = np.asarray(rate, dtype=np.float64) / ageing_reduction(current)
    scores: Floats = np.multiply.outer(slope, np.arange(years + 1.0))
    np.exp(scores, out=scores)
    scores *= current[:, None]
    return np.minimum(scores, HIGHEST_FUTURE_SCORE, out=scores)


def failure_probability(score: ArrayLike, k: ArrayLike, c: ArrayLike, least_score: ArrayLike) -> Floats:
    """Failures a year at each score: ``K (1 + C H + (C H)^2 / 2 + (C H)^3 / 6)`` with ``H = max(score, least)``.

    Parameters
    ----------
    score : (assets,) or (assets, years).
    k, c, least_score : number or (assets,). K as a share of 1, where the tables have percent.

    Notes
    -----
    Source: section 6.1.1; table 21. Of lines and cables these are failures of a kilometre.

    >>> failure_probability([4.0, 9.0], 0.0078e-2, 1.087, 4.0).round(6)
    array([0.002223, 0.016746])
    """
    scores = np.asarray(score, dtype=np.float64)
    shape = (-1,) + (1,) * (scores.ndim - 1)
    curve_k, curve_c, least = (np.asarray(one, dtype=np.float64).reshape(shape) for one in (k, c, least_score))
    x = curve_c * np.maximum(scores, least)
    failures: Floats = curve_k * (1.0 + x * (1.0 + x * (0.5 + x / 6.0)))
    return failures


def present_value(probability: ArrayLike, consequence_cost: ArrayLike, rate: float) -> Floats:
    """Risk of today's year and the years after it, in money of today: sum over t of ``PoF_t x CoF / (1 + rate)^t``.

    Parameters
    ----------
    probability : (assets, years). Column 0 is the year that begins now.
    consequence_cost : (assets,).
    """
    table = np.asarray(probability, dtype=np.float64)
    weights = (1.0 + rate) ** -np.arange(table.shape[1], dtype=np.float64)
    return (table @ weights) * np.asarray(consequence_cost, dtype=np.float64)
