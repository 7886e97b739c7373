"""Observed against expected numbers: relative rates shrunk to the fleet's, tails, and false-discovery control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import false_discovery_control, gamma, poisson

Floats = NDArray[np.float64]
_SHAPES = (1e-2, 1e6)


@dataclass(frozen=True)
class Rates:
    """Relative rates of groups: mean and interval of the posterior, each (groups,)."""

    mean: Floats
    low: Floats
    high: Floats


def fitted_shape(observed: Floats, expected: Floats) -> float:
    """Shape of the gamma distribution of mean 1 that the groups' relative rates are taken from.

    The shape a that makes the groups' numbers likeliest, where each is Poisson of mean ``expected`` times a rate of
    Gamma(a, a): negative binomial. Within 0.01 and a million: at the upper end groups differ by chance alone.

    **Source**: Clayton and Kaldor (1987), Biometrics 43, 671, with the mean held at the fleet's.
    """
    some = expected > 0
    if not some.any():
        return _SHAPES[1]
    number, mean = observed[some], expected[some]

    def against(log_shape: float) -> float:
        a = np.exp(log_shape)
        told = gammaln(a + number) - gammaln(a) - a * np.log1p(mean / a) - number * np.log(a + mean)
        return -float(told.sum())

    found = minimize_scalar(against, bounds=tuple(np.log(_SHAPES)), method="bounded", options={"xatol": 1e-8})
    return float(np.exp(found.x))


def shrunk(observed: Floats, expected: Floats, shape: float, *, interval: float) -> Rates:
    """Relative rates given the numbers: mean and middle ``interval`` of Gamma(shape + observed, shape + expected)."""
    own, scale = shape + observed, 1 / (shape + expected)
    low, high = (gamma.ppf(level, own, scale=scale) for level in ((1 - interval) / 2, (1 + interval) / 2))
    return Rates(own * scale, np.asarray(low), np.asarray(high))


def upper_tail(observed: Floats, expected: Floats) -> Floats:
    """Mid-p: chance of more events than observed, and half that of as many, where ``expected`` is the Poisson mean.

    **Source**: Lancaster (1961), Journal of the American Statistical Association 56, 223.
    """
    return np.asarray(poisson.sf(observed, expected) + poisson.pmf(observed, expected) / 2, np.float64)


def false_discovery_rates(tails: Floats, tested: NDArray[np.bool_]) -> Floats:
    """Least false discovery rate at which each tested group is named (Benjamini and Hochberg), NaN of the others."""
    rates = np.full(len(tails), np.nan)
    if tested.any():
        rates[tested] = false_discovery_control(tails[tested], method="bh")
    return rates
