"""A forecast as it is issued: the model's where it may, a baseline's where not, and feeders as sums of their parts."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.models.demand.baseline import Forecasts, baseline
from jobs.models.demand.features import Issue, feature_frame, issue_history
from jobs.models.demand.history import History, first_known
from jobs.models.demand.model import DemandModel
from jobs.models.demand.panel import Panel, same
from jobs.models.demand.paths import no_ranks, summed_quantiles
from jobs.models.demand.settings import DemandSettings
from jobs.models.demand.standing import standing
from jobs.models.demand.weather import Weather

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class DayForecast:
    """One issue's forecast of one day.

    Parameters
    ----------
    mean_kw : (series, slots). NaN where there is none.
    quantile_kw : (series, slots, levels). Never crossing.
    reason : (series,). Why the baseline stands in (`jobs.models.demand.standing`); None where the model spoke.
    weather : (series,). Kind of the weather that the forecast saw (`jobs.models.demand.weather.KINDS`).
    """

    issue: Issue
    mean_kw: Floats
    quantile_kw: Floats
    reason: NDArray[np.object_]
    weather: NDArray[np.object_]


@dataclass(frozen=True)
class FeederForecast:
    """A feeder's forecast of one day, from those of its parts.

    Parameters
    ----------
    parts, parts_modelled, parts_lacking : how many series it is the sum of, how many of these the model forecast, and
        how many more nothing was known of.
    """

    feeder_id: str
    mean_kw: Floats
    quantile_kw: Floats
    parts: int
    parts_modelled: int
    parts_lacking: int
    weather: str


def fallback(history: History, levels: tuple[float, ...]) -> Forecasts:
    """The same time last week; where that was not known, persistence."""
    week, day = (baseline(name, history, levels) for name in ("last_week", "persistence"))
    return Forecasts(first_known(week.mean_kw, day.mean_kw), first_known(week.quantile_kw, day.quantile_kw))


def forecast_day(
    panel: Panel, weather: Weather, issue: Issue, settings: DemandSettings, model: DemandModel | None
) -> DayForecast:
    """Forecast of every series of the panel for one day.

    Raises
    ------
    IndexError
        The clock of the panel does not reach the day.
    """
    levels = settings.quantiles if model is None else model.settings.quantiles
    history = issue_history(panel, issue, settings)
    plain = fallback(history, levels)
    mean, quantiles = plain.mean_kw.astype(np.float64), plain.quantile_kw.astype(np.float64)
    reason = standing(history.seen, settings)
    saw = np.full(len(panel), "none", object)
    if model is None:
        reason[same(reason, None)] = "no_model"
    else:
        modelled = same(reason, None)
        frame = feature_frame(history, weather, issue, settings)
        spoken = model.forecast(frame[np.repeat(modelled, panel.clock.slots)])
        mean[modelled], quantiles[modelled] = (
            one.reshape(int(modelled.sum()), panel.clock.slots, *one.shape[1:]) for one in spoken
        )
        known = ~np.isnan(frame["temperature"].to_numpy().reshape(len(panel), -1)).all(axis=1)
        saw[known & modelled] = settings.weather
    return DayForecast(issue, mean, quantiles, reason, saw)


def feeder_forecasts(
    panel: Panel, day: DayForecast, settings: DemandSettings, model: DemandModel | None
) -> list[FeederForecast]:
    """Forecast of each feeder: means are added, quantiles come from paths (`jobs.models.demand.paths`)."""
    ranks = no_ranks() if model is None else model.ranks
    levels = np.array(settings.quantiles if model is None else model.settings.quantiles)
    found = []
    for feeder in sorted({one for one in panel.feeder_id if one is not None}):
        of_feeder = same(panel.feeder_id, feeder)
        lacking = of_feeder & (np.isnan(day.mean_kw).any(axis=1) | np.isnan(day.quantile_kw).any(axis=(1, 2)))
        parts = of_feeder & ~lacking
        keys = list(zip(panel.kind[parts], panel.series_id[parts], strict=True))
        slots, seed = panel.clock.slots, zlib.crc32(f"{feeder} {day.issue.target}".encode())
        mean, quantiles = np.full(slots, np.nan), np.full((slots, len(levels)), np.nan)
        if keys:
            mean = day.mean_kw[parts].sum(axis=0)
            quantiles = summed_quantiles(
                day.quantile_kw[parts], levels, keys, ranks, days_ahead=day.issue.days_ahead, seed=seed
            )
        kinds = set(day.weather[parts & same(day.reason, None)])
        seen = next((kind for kind in ("observed", "forecast") if kind in kinds), "none")
        modelled = int(same(day.reason[parts], None).sum())
        found.append(FeederForecast(feeder, mean, quantiles, len(keys), modelled, int(lacking.sum()), seen))
    return found
