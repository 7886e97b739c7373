"""Arithmetic of quantile forecasts: from a value to its level and back, their spread held against what happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
LEAST, MOST = 0.2, 5.0
"""Bounds of what calibration may do to a spread."""


def outer(quantiles: Floats, levels: Floats) -> tuple[Floats, Floats]:
    """Quantiles and levels with 0 and 1 added: beyond the outermost, the density of the last gap goes on, halved.

    >>> values, at = outer(np.array([[10.0, 20.0, 30.0]]), np.array([0.25, 0.5, 0.75]))
    >>> values.tolist(), at.tolist()
    ([[-10.0, 10.0, 20.0, 30.0, 50.0]], [0.0, 0.25, 0.5, 0.75, 1.0])
    """
    low = (quantiles[..., 1] - quantiles[..., 0]) / (levels[1] - levels[0]) * 2 * levels[0]
    high = (quantiles[..., -1] - quantiles[..., -2]) / (levels[-1] - levels[-2]) * 2 * (1 - levels[-1])
    ends = (quantiles[..., :1] - low[..., None], quantiles[..., -1:] + high[..., None])
    return np.concatenate([ends[0], quantiles, ends[1]], axis=-1), np.concatenate([[0.0], levels, [1.0]])


def values_at(quantiles: Floats, levels: Floats, rank: Floats) -> Floats:
    """The value of each series and interval at each path's rank (0 to 1), linear between the levels.

    Parameters
    ----------
    quantiles : (series, slots, levels).
    rank : (series, paths, slots).

    Returns
    -------
    (series, paths, slots).

    >>> values_at(np.array([[[0.0, 1.0, 2.0]]]), np.array([0.25, 0.5, 0.75]), np.array([[[0.625], [1.0]]])).tolist()
    [[[1.5], [4.0]]]
    """
    values, at = outer(quantiles, levels)
    place = np.clip(np.searchsorted(at, rank, side="right"), 1, len(at) - 1)
    series, slot = np.arange(len(values))[:, None, None], np.arange(values.shape[1])
    below, above = values[series, slot, place - 1], values[series, slot, place]
    return np.asarray(below + (above - below) * (rank - at[place - 1]) / (at[place] - at[place - 1]))


def rank_of(quantiles: Floats, levels: Floats, value: Floats) -> Floats:
    """The rank of each value: `values_at` undone; NaN where the value is unknown. A value on a step has its middle.

    >>> rank_of(np.array([[0.0, 1.0, 2.0]]), np.array([0.25, 0.5, 0.75]), np.array([1.5])).tolist()
    [0.625]
    """
    values, at = outer(quantiles, levels)
    known = ~np.isnan(value)
    beside = np.where(known, value, 0.0)[..., None]
    low = np.clip((values < beside).sum(axis=-1), 1, len(at) - 1)
    high = np.clip((values <= beside).sum(axis=-1), 1, len(at) - 1)
    found = np.zeros(value.shape)
    for place in (low, high):  # apart only where quantiles are equal
        below, above = (np.take_along_axis(values, one[..., None], -1)[..., 0] for one in (place - 1, place))
        gap = above - below
        share = np.divide(beside[..., 0] - below, gap, out=np.full(gap.shape, 0.5), where=gap > 0)
        found += (at[place - 1] + (at[place] - at[place - 1]) * np.clip(share, 0, 1)) / 2
    return np.where(known, found, np.nan)


def spread_factors(quantiles: Floats, levels: Floats, value: Floats) -> Floats:
    """By how much each level's distance from the median must be stretched for its share of values to lie below.

    Of values that the quantiles were not made from: a level above the median needs the factor that is exceeded by
    (value - median) / distance in 1 - level of all rows (split conformal prediction, the distance as scale).

    Parameters
    ----------
    quantiles : (rows, levels), 0.5 among the levels.
    value : (rows,). NaN is left out.

    Returns
    -------
    (levels,), 1 for the median and where nothing is known; between `LEAST` and `MOST`.

    Source
    ------
    Romano, Patterson, Candès: Conformalized quantile regression (2019), section 4, with a factor in place of a sum.
    """
    middle = int(np.flatnonzero(levels == 0.5)[0])
    known = ~np.isnan(value)
    median, found = quantiles[known, middle], np.ones(len(levels))
    for number, level in enumerate(levels):
        distance = np.abs(quantiles[known, number] - median)
        usable = distance > 0
        if number == middle or usable.sum() < 1 / min(level, 1 - level):
            continue
        share = (value[known][usable] - median[usable]) / distance[usable]
        factor = np.quantile(share, level) if level > 0.5 else -np.quantile(share, level)
        found[number] = np.clip(factor, LEAST, MOST)
    return found


def stretched(quantiles: Floats, levels: Floats, factors: Floats) -> Floats:
    """Quantiles with each distance from the median stretched, and sorted: they never cross."""
    middle = int(np.flatnonzero(levels == 0.5)[0])
    median = quantiles[..., middle, None]
    return np.sort(median + (quantiles - median) * factors, axis=-1)


def level_weights(levels: Floats) -> Floats:
    """Share of the levels from 0 to 1 that each stands for: to the middle between it and its neighbours.

    >>> level_weights(np.array([0.1, 0.5, 0.9])).round(3).tolist()
    [0.3, 0.4, 0.3]
    """
    middles = (levels[1:] + levels[:-1]) / 2
    return np.asarray(np.diff(np.concatenate([[0.0], middles, [1.0]])))
