"""Scores of quantile forecasts against what happened."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.models.demand.quantiles import level_weights

Floats = NDArray[np.floating]
INTERVALS = {"coverage_80": (0.1, 0.9), "coverage_90": (0.05, 0.95)}
MEASURES = ("pinball", "crps", "absolute_error", "peak_error", *INTERVALS)


def pinball_loss(quantiles: Floats, levels: Floats, value: Floats) -> Floats:
    """Loss of each level, in the unit of the values: (…, levels), of values (…).

    >>> pinball_loss(np.array([[8.0, 10.0]]), np.array([0.1, 0.9]), np.array([9.0])).round(3).tolist()
    [[0.1, 0.1]]

    Source
    ------
    Koenker, Bassett: Regression quantiles, Econometrica 46 (1978), equation 3.1.
    """
    under = value[..., None] - quantiles
    return np.asarray(np.maximum(levels * under, (levels - 1) * under))


def crps(quantiles: Floats, levels: Floats, value: Floats) -> Floats:
    """Continuous ranked probability score, in the unit of the values: (…).

    Twice the integral of the pinball loss over all levels, each level standing for those nearest to it.

    Source
    ------
    Gneiting, Ranjan: Comparing density forecasts using threshold- and quantile-weighted scoring rules, JBES 29 (2011),
    equation 9.
    """
    return np.asarray(2 * (pinball_loss(quantiles, levels, value) * level_weights(levels)).sum(axis=-1))


def day_scores(mean: Floats, quantiles: Floats, levels: Floats, value: Floats, span: Floats) -> pd.DataFrame:
    """Scores of each series' day; of days of which nothing is known, NaN.

    Losses and errors are relative to the range of the series, so that series of all sizes count alike.

    Parameters
    ----------
    mean, value : (series, slots). NaN in ``value`` where it is not known what happened.
    quantiles : (series, slots, levels).
    span : (series,). Range of each series.
    """
    known = ~np.isnan(value) & ~np.isnan(mean)
    count = known.sum(axis=1)
    weight = known / np.where(count, count, np.nan)[:, None]
    at = np.where(known, value, 0.0)
    filled = np.where(known[..., None], quantiles, 0.0)
    found = {
        "intervals": count,
        "pinball": (pinball_loss(filled, levels, at).mean(axis=-1) * weight).sum(axis=1) / span,
        "crps": (crps(filled, levels, at) * weight).sum(axis=1) / span,
        "absolute_error": (np.abs(at - np.where(known, mean, 0.0)) * weight).sum(axis=1) / span,
        "peak_error": np.abs(_peak(value, known) - _peak(mean, known)) / span,
    }
    for name, (low, high) in INTERVALS.items():
        ends = [np.flatnonzero(np.isclose(levels, level)) for level in (low, high)]
        if all(len(end) for end in ends):
            below, above = (filled[..., int(end[0])] for end in ends)
            found[name] = (((at >= below) & (at <= above)) * weight).sum(axis=1)
        else:
            found[name] = np.full(len(value), np.nan)
    return pd.DataFrame(found)


def _peak(values: Floats, known: NDArray[np.bool_]) -> Floats:
    highest = np.where(known, values, -np.inf).max(axis=1)
    return np.where(np.isfinite(highest), highest, np.nan)


def summary(scores: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Mean of each measure, each series' day counting once."""
    return scores.dropna(subset="pinball").groupby(by, sort=True)[list(MEASURES)].mean()
