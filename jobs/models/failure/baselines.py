"""What the model must beat on the same rows: age alone, and a logistic regression on the same columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from jobs.errors import TrainingError

Floats = NDArray[np.float64]
_STEPS, _CLOSE = 200, 1e-10


def weibull_probability(years: Floats, shape: float, scale_years: float) -> Floats:
    """Chance of failing in the coming year, given service of ``years``: 1 - exp(-(H(years + 1) - H(years)))."""
    found: Floats = -np.expm1((years / scale_years) ** shape - ((years + 1) / scale_years) ** shape)
    return found


def fitted_weibull(years: Floats, failed: Floats, exposure: Floats) -> tuple[float, float]:
    """Shape and scale of greatest likelihood from years of service, each given that it began in service.

    Being conditional on service at each year's start, the likelihood is that of left-truncated lives. For a given shape
    the hazard of a row is theta d, d = (a + exposure)^k - a^k, theta = scale^-k; failures are of whole years.

    Raises
    ------
    TrainingError
        Nothing failed, or everything did.
    """
    if not 0 < failed.sum() < len(failed):
        raise TrainingError("a Weibull curve needs units that failed and units that did not")

    def at(shape: float) -> tuple[float, float]:
        """Greatest log-likelihood over theta, and that theta (Newton on its logarithm)."""
        step = (years + exposure) ** shape - years**shape
        log_theta = np.log(failed.sum() / step.sum())
        for _ in range(_STEPS):
            risk = np.exp(log_theta) * step
            fails = risk / np.expm1(risk)
            slope = (failed * fails - (1 - failed) * risk).sum()
            bend = (failed * fails * (1 - fails * np.exp(risk)) - (1 - failed) * risk).sum()
            log_theta -= slope / bend
            if abs(slope / bend) < _CLOSE:
                break
        risk = np.exp(log_theta) * step
        return float(np.where(failed > 0, np.log(-np.expm1(-risk)), -risk).sum()), float(np.exp(log_theta))

    low, high = 0.3, 12.0
    golden = (np.sqrt(5) - 1) / 2
    while high - low > 1e-5:
        one, two = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, two) if at(one)[0] > at(two)[0] else (one, high)
    shape = (low + high) / 2
    return shape, at(shape)[1] ** (-1 / shape)


def fitted_logistic(matrix: pd.DataFrame, failed: Floats, exposure: Floats) -> Pipeline:
    """Logistic regression: medians for what is not known and a flag for that, standardised."""
    pipe = Pipeline(  # type: ignore[no-untyped-call]
        [
            ("known", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),  # type: ignore[no-untyped-call]
            ("scaled", StandardScaler()),  # type: ignore[no-untyped-call]
            ("logistic", LogisticRegression(max_iter=2000)),  # type: ignore[no-untyped-call]
        ]
    )
    pipe.fit(matrix, failed, logistic__sample_weight=exposure)
    return pipe
