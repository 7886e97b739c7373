"""Coherent paths: what many series do together, drawn from how their errors lay beside each other on past days.

Quantiles do not add: on a day on which one transformer bears more than expected, so do, or do not, its neighbours. Of
each past day and series the ranks are kept that what happened had in what was forecast, interval by interval. A path
takes the ranks of one such day for all series, and reads each series' forecast off at them. What counts is their order
among the days: spread evenly from 0 to 1, whatever these days were like, so that every series keeps its own quantiles,
and all keep their dependence among each other and along the day (an empirical copula: Schaake shuffle). Quantiles of a
sum are those of the paths' sums.

Source
------
Clark, Gangopadhyay, Hay, Rajagopalan, Wilby: The Schaake shuffle, J. Hydrometeorology 5 (2004) 243-262; Ben Taieb,
Taylor, Hyndman: Hierarchical probabilistic forecasting of electricity demand with smart meter data, JASA 116 (2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.models.demand.quantiles import values_at

Floats = NDArray[np.floating]
STEPS = 255  # ranks are kept in one byte
UNKNOWN = np.uint8(0)
SHIFTS = (-2, -1, 0, 1, 2)
"""A path may run some intervals early or late: of 14 days alone the outer quantiles would be rough."""
SERIES_AT_ONCE = 64
DRAWN_DAYS = 40
Key = tuple[str, str]


@dataclass(frozen=True)
class DayRanks:
    """Ranks of past days.

    Parameters
    ----------
    row : kind and id of a series -> its row.
    days_ahead : days ahead that ranks are kept of, ascending.
    ranks : (series, days ahead, days, slots). 1 to 255 for ranks from 0 to 1; 0 where unknown.
    """

    row: dict[Key, int]
    days_ahead: tuple[int, ...]
    ranks: NDArray[np.uint8]

    def of(self, keys: list[Key], days_ahead: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Ranks of the series by the nearest days ahead, (series, days, slots), and which series have any.

        A rank that is unknown is the median's.
        """
        nearest = int(np.argmin(np.abs(np.array(self.days_ahead) - days_ahead)))
        rows = np.array([self.row.get(key, -1) for key in keys], np.int64)
        found = self.ranks[rows, nearest]
        known = (rows >= 0) & (found != UNKNOWN).any(axis=(1, 2))
        return np.where(found == UNKNOWN, 0.5, (found - 0.5) / STEPS), known


def no_ranks() -> DayRanks:
    """Of a model without a past."""
    return DayRanks({}, (1,), np.zeros((0, 1, 1, 1), np.uint8))


def packed(ranks: Floats) -> NDArray[np.uint8]:
    """Ranks from 0 to 1 in a byte each; NaN is unknown.

    >>> packed(np.array([0.0, 0.5, 1.0, np.nan])).tolist()
    [1, 128, 255, 0]
    """
    known = ~np.isnan(ranks)
    steps = np.clip(np.floor(np.where(known, ranks, 0) * STEPS) + 1, 1, STEPS)
    return np.where(known, steps, UNKNOWN).astype(np.uint8)


def summed_quantiles(
    quantiles: Floats, levels: Floats, keys: list[Key], ranks: DayRanks, *, days_ahead: int, seed: int
) -> Floats:
    """Quantiles of the sum of series on a day, (slots, levels), from their own, (series, slots, levels).

    Of a series that the ranks do not hold, days are drawn at random: it is taken to err by itself, all day alike.
    """
    series, slots = quantiles.shape[:2]
    rank, known = np.zeros((series, 0, slots)), np.zeros(series, np.bool_)
    if ranks.row:
        rank, known = ranks.of(keys, days_ahead)
    if not known.any():
        rank = np.full((series, DRAWN_DAYS, slots), 0.5)
    draw, days = np.random.default_rng(seed), rank.shape[1]
    drawn = draw.permuted(np.tile((np.arange(days) + 0.5) / days, (series, 1)), axis=1)
    rank = np.where(known[:, None, None], rank, drawn[:, :, None])
    total = np.zeros((days * len(SHIFTS), slots))
    for first in range(0, series, SERIES_AT_ONCE):  # paths of all at once would not fit into memory
        some = slice(first, first + SERIES_AT_ONCE)
        moved = np.concatenate([np.roll(rank[some], shift, axis=2) for shift in SHIFTS], axis=1)
        order = moved.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        moved = (order + 0.5) / moved.shape[1]
        total += values_at(quantiles[some], levels, moved).sum(axis=0)
    return np.quantile(total, levels, axis=0).T
