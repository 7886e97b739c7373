"""Rows to train and calibrate on: drawn from all series, days and days ahead, as many as fit into memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.models.demand.features import Issue, feature_frame, issue_history, joined
from jobs.models.demand.panel import Panel, same
from jobs.models.demand.settings import DemandSettings
from jobs.models.demand.standing import standing
from jobs.models.demand.weather import Weather

MOST_ISSUES = 400
SPARE = 1.3  # more are drawn than wanted: of some nothing is known, some series are not fit


@dataclass(frozen=True)
class Rows:
    """Rows of feature frames with what happened, kW, which is known of all, and the grid day it happened on."""

    frame: pd.DataFrame
    demand_kw: NDArray[np.float64]
    day: NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Target days in order of time: trained on, calibrated on, scored; days since 1970, half-open.

    What is trained or calibrated for days ahead k ends k days before the first day scored: all of it was known when the
    first forecast that is scored was issued.
    """

    first: int
    calibrate: int
    score: int
    end: int

    def fitted(self, days_ahead: int) -> range:
        return range(self.first, self.calibrate - days_ahead)

    def calibrated(self, days_ahead: int) -> range:
        return range(self.calibrate - days_ahead, self.score - days_ahead)

    def scored(self) -> range:
        return range(self.score, self.end)


def drawn_rows(
    panel: Panel, weather: Weather, issues: list[Issue], settings: DemandSettings, *, most: int, seed: int
) -> Rows:
    """About ``most`` rows of series that the model may forecast, from at most 400 of the issues."""
    draw = np.random.default_rng(seed)
    chosen = issues
    if len(issues) > MOST_ISSUES:
        chosen = [issues[at] for at in np.sort(draw.choice(len(issues), MOST_ISSUES, replace=False))]
    share = min(1.0, SPARE * most / max(1, len(chosen) * len(panel) * panel.clock.slots))
    frames, demands, days = [], [], []
    for issue in chosen:
        some = panel
        if share < 1:
            some = panel.of(_some(len(panel), np.sqrt(share), draw))
        history = issue_history(some, issue, settings)
        fit = same(standing(history.seen, settings), None)
        demand = np.where(fit[:, None], some.on(issue.target), np.nan).ravel()
        keep = ~np.isnan(demand)
        if share < 1:
            keep &= draw.random(len(keep)) < np.sqrt(share)
        if keep.any():
            frames.append(feature_frame(history, weather, issue, settings)[keep])
            demands.append(demand[keep].astype(np.float64))
            days.append(np.full(int(keep.sum()), issue.target, np.int64))
    if not frames:
        return Rows(pd.DataFrame(), np.zeros(0), np.zeros(0, np.int64))
    return Rows(joined(frames), np.concatenate(demands), np.concatenate(days))


def _some(series: int, share: float, draw: np.random.Generator) -> NDArray[np.bool_]:
    chosen = draw.random(series) < share
    chosen[draw.integers(series)] = True
    return chosen
