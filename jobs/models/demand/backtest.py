"""Rolling-origin backtest: a model trained on the days before, against the baselines on the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.errors import TrainingError
from jobs.models.demand.baseline import NAMES, baseline
from jobs.models.demand.features import Issue, issue_history
from jobs.models.demand.issue import feeder_forecasts, forecast_day
from jobs.models.demand.model import DemandModel, fit, refreshed
from jobs.models.demand.panel import Panel, same
from jobs.models.demand.paths import DayRanks, packed
from jobs.models.demand.quantiles import rank_of
from jobs.models.demand.scores import day_scores
from jobs.models.demand.settings import DemandSettings
from jobs.models.demand.training_rows import Split, drawn_rows
from jobs.models.demand.weather import Weather

MODEL = "demand"
LEAST_HISTORY_DAYS = 28
Floats = NDArray[np.floating]


def split_of(panel: Panel, settings: DemandSettings, *, end: int | None = None) -> Split:
    """Days to train, calibrate and score, the last scored one before ``end`` (default: after the panel's last).

    Raises
    ------
    TrainingError
        There are too few days.
    """
    training, after = settings.training, panel.first_day + panel.days if end is None else end
    score = after - training.score_days
    calibrate = score - training.calibrate_days
    first = max(panel.first_day + LEAST_HISTORY_DAYS, calibrate - training.fit_days)
    longest = max(settings.days_ahead)
    if calibrate - longest - first < 7:
        needed = LEAST_HISTORY_DAYS + 7 + longest + training.calibrate_days + training.score_days
        raise TrainingError(
            f"{after - panel.first_day} days of demand, {needed} are needed to train a model: {LEAST_HISTORY_DAYS} of "
            f"history, 7 to train on, {longest} ahead, {training.calibrate_days} to calibrate, {training.score_days} "
            "to score (conf/models/demand.yaml)"
        )
    return Split(first, calibrate, score, after)


def trained_model(panel: Panel, weather: Weather, split: Split, settings: DemandSettings, seed: int) -> DemandModel:
    """A model of all that was known when the first forecast that is scored was issued.

    Its spreads and ranks come from a model of the days before those calibrated on; with them goes a mean of both, which
    is then as fresh on the days scored as the other was on those calibrated on.
    """
    most = settings.training.rows
    fitted, held = (
        [Issue(day - ahead, ahead) for ahead in settings.days_ahead for day in days(ahead)]
        for days in (split.fitted, split.calibrated)
    )
    rows = drawn_rows(panel, weather, fitted, settings, most=most, seed=seed)
    beside = drawn_rows(panel, weather, held, settings, most=most, seed=seed + 1)
    earlier = fit(rows, settings, seed).calibrated(beside.frame, beside.demand_kw)
    ranks = _ranks(panel, weather, split, settings, earlier)
    both = drawn_rows(panel, weather, [*fitted, *held], settings, most=most, seed=seed)
    return replace(refreshed(earlier, both, seed), ranks=ranks)


def ends(settings: DemandSettings) -> tuple[int, ...]:
    """Day-ahead and week-ahead: the first and the last of the days ahead, which are scored."""
    return tuple(sorted({settings.days_ahead[0], settings.days_ahead[-1]}))


def _ranks(panel: Panel, weather: Weather, split: Split, settings: DemandSettings, model: DemandModel) -> DayRanks:
    """Ranks of what happened on the days calibrated on."""
    shape = (len(panel), len(ends(settings)), settings.training.calibrate_days, panel.clock.slots)
    ranks = np.zeros(shape, np.uint8)
    for place, ahead in enumerate(ends(settings)):
        for number, day in enumerate(split.calibrated(ahead)):
            made = forecast_day(panel, weather, Issue(day - ahead, ahead), settings, model)
            found = rank_of(made.quantile_kw, model.levels, panel.on(day).astype(np.float64))
            ranks[:, place, number] = packed(np.where(np.isnan(made.mean_kw), np.nan, found))
    keys = zip(panel.kind, panel.series_id, strict=True)
    return DayRanks({key: row for row, key in enumerate(keys)}, ends(settings), ranks)


@dataclass(frozen=True)
class Scored:
    """Forecasts of one target day by one forecaster, of series or of feeders."""

    who: str
    level: str
    kind: NDArray[np.object_]
    series_id: NDArray[np.object_]
    mean_kw: Floats
    quantile_kw: Floats
    demand_kw: Floats
    span_kw: Floats
    method: NDArray[np.object_]


def scored_days(
    panel: Panel, weather: Weather, split: Split, settings: DemandSettings, models: dict[str, DemandModel]
) -> pd.DataFrame:
    """Scores of the models and of every baseline, a row each of forecaster, level, series, target day and days ahead.

    ``level`` is ``series`` for what is forecast by itself, ``feeder`` for sums; a baseline of a feeder is one of the
    feeder's own sum. Only series with a range above 0 are scored.
    """
    span = _range(panel, split)
    chosen = span > 0
    panel, span = panel.of(chosen), span[chosen]
    feeders = feeder_panel(panel)
    feeder_span = _range(feeders, split)
    found = []
    for ahead in ends(settings):
        for day in split.scored():
            issue = Issue(day - ahead, ahead)
            for one in _of_day(panel, span, feeders, feeder_span, weather, issue, settings, models):
                levels = np.array(settings.quantiles)
                rows = day_scores(one.mean_kw, one.quantile_kw, levels, one.demand_kw, one.span_kw)
                found.append(
                    rows.assign(
                        who=one.who, level=one.level, kind=one.kind, series_id=one.series_id, method=one.method,
                        target_day=day, days_ahead=ahead,
                    )
                )  # fmt: skip
    return pd.concat(found, ignore_index=True)


def _of_day(
    panel: Panel,
    span: Floats,
    feeders: Panel,
    feeder_span: Floats,
    weather: Weather,
    issue: Issue,
    settings: DemandSettings,
    models: dict[str, DemandModel],
) -> Iterator[Scored]:
    demand, of_feeders = panel.on(issue.target).astype(float), feeders.on(issue.target).astype(float)
    none = np.full(len(panel), "baseline", object)
    for name in NAMES:
        for level, some, value, wide in (
            ("series", panel, demand, span),
            ("feeder", feeders, of_feeders, feeder_span),
        ):
            if len(some):
                made = baseline(name, issue_history(some, issue, settings), settings.quantiles)
                yield Scored(
                    name, level, some.kind, some.series_id, made.mean_kw.astype(float), made.quantile_kw.astype(float),
                    value, wide, none[: len(some)],
                )  # fmt: skip
    for name, model in models.items():
        day = forecast_day(panel, weather, issue, settings, model)
        method = np.where(same(day.reason, None), "model", "baseline").astype(object)
        yield Scored(name, "series", panel.kind, panel.series_id, day.mean_kw, day.quantile_kw, demand, span, method)
        if len(feeders):
            made_of = {one.feeder_id: one for one in feeder_forecasts(panel, day, settings, model)}
            mean = np.stack([made_of[one].mean_kw for one in feeders.series_id])
            quantiles = np.stack([made_of[one].quantile_kw for one in feeders.series_id])
            yield Scored(
                name, "feeder", feeders.kind, feeders.series_id, mean, quantiles, of_feeders, feeder_span,
                np.full(len(feeders), "model", object),
            )  # fmt: skip


def feeder_panel(panel: Panel) -> Panel:
    """The sum of each feeder's parts as series of their own; unknown where a part is."""
    names = sorted({one for one in panel.feeder_id if one is not None})
    groups = [same(panel.feeder_id, name) for name in names]
    shape = (len(names), panel.days)
    demand = np.zeros((*shape, panel.clock.slots), np.float32)
    known = np.zeros(shape, np.int64)
    for row, chosen in enumerate(groups):
        demand[row] = panel.demand_kw[chosen].sum(axis=0)
        known[row] = panel.known_minute[chosen].max(axis=0)
    ids = np.array(names, object)
    kind, place = np.full(len(names), "feeder", object), np.full(len(names), -1, np.int64)
    return Panel(kind, ids, ids, place, demand, known, panel.clock)


def _range(panel: Panel, split: Split) -> Floats:
    """Highest less lowest demand of each series before the days scored, kW."""
    days = split.score - panel.first_day
    values = panel.demand_kw[:, :days].reshape(len(panel), days * panel.clock.slots)
    low = np.where(np.isnan(values), np.inf, values).min(axis=1, initial=np.inf)
    high = np.where(np.isnan(values), -np.inf, values).max(axis=1, initial=-np.inf)
    return np.where(high > low, high - low, 0.0).astype(float)
