"""Panels of invented demand whose truth is known."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from jobs.models.demand.clock import EPOCH, clock_of
from jobs.models.demand.features import FEATURES
from jobs.models.demand.panel import Panel
from jobs.models.demand.settings import DemandSettings
from jobs.models.demand.weather import VARIABLES, Weather, WeatherRows, no_weather
from jobs.settings import GridTime

BERLIN = GridTime(utc_offset="+01:00", zone="Europe/Berlin")
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def day(year: int, month: int, number: int) -> int:
    """Days since 1970."""
    return (date(year, month, number) - EPOCH).days


def small_settings(**over: Any) -> DemandSettings:
    """Settings of a model that is trained in a second."""
    training = {"score_days": 7, "calibrate_days": 14, "rounds": 40, "quantile_rounds": 20, "rows": 20_000}
    given: dict[str, Any] = {"quantiles": LEVELS, "days_ahead": (1, 7), "features": tuple(FEATURES), **over}
    return DemandSettings.model_validate({"training": {**training, **given.pop("training", {})}, **given})


def panel_with(
    demand: np.ndarray,
    *,
    first: int,
    minutes: int = 60,
    time: GridTime = BERLIN,
    late_minutes: int = 8 * 60,
    feeders: list[str | None] | None = None,
    place: int = -1,
) -> Panel:
    """Transformers T0, T1, … with this demand (series, days, slots); each day known 8 h after its end."""
    series, days, _ = demand.shape
    clock = clock_of(first, days + 16, time, minutes)
    ends = np.array([clock.start_minute(first + number + 1) for number in range(days)])
    return Panel(
        np.full(series, "transformer", object),
        np.array([f"T{number}" for number in range(series)], object),
        np.array(feeders or [None] * series, object),
        np.full(series, place, np.int64),
        demand.astype(np.float32),
        np.tile(ends + late_minutes, (series, 1)),
        clock,
    )


def households(
    series: int, days: int, *, seed: int, first: int, common: float = 0.6, **given: Any
) -> tuple[Panel, Weather]:
    """Evening peaks, quieter weekends, more load when cold, and errors of which a part is common to all series."""
    draw = np.random.default_rng(seed)
    hour, number = np.arange(24), first + np.arange(days)
    shape = 1 + 0.5 * np.exp(-(((hour - 19) / 2.5) ** 2)) - 0.3 * (hour < 6)
    weekend = np.where((number + 3) % 7 >= 5, 0.85, 1.0)
    cold = np.cumsum(draw.normal(0, 1, days))
    temperature = 8 - 3 * np.tanh(cold / 3)[:, None] + 3 * np.cos((hour - 15) / 24 * 2 * np.pi)
    mean = shape * weekend[:, None] * (1 + 0.03 * (12 - temperature))
    size = draw.uniform(20, 200, series)
    shared = draw.normal(0, 1, (1, days, 1)) * np.sqrt(common)
    alone = draw.normal(0, 1, (series, days, 1)) * np.sqrt(1 - common)
    noise = 1 + 0.08 * (shared + alone) + 0.02 * draw.normal(0, 1, (series, days, 24))
    panel = panel_with(size[:, None, None] * mean * noise, first=first, place=0, **given)
    start = panel.clock.start_minute(first) // 60
    hours = start + np.arange(days * 24)
    value = np.stack([temperature.ravel(), np.zeros(days * 24)], axis=1).astype(np.float32)
    place = np.zeros(len(hours), np.int64)
    observed = WeatherRows.sorted(place, hours, (hours + 1) * 60, value)
    return panel, Weather(("station",), observed, no_weather().forecast)


def forecasts_of(issues: dict[int, tuple[int, np.ndarray]]) -> WeatherRows:
    """Forecast temperatures of one place: issue minute -> first hour and values."""
    minute = np.concatenate([np.full(len(values), issued) for issued, (_, values) in issues.items()])
    hour = np.concatenate([first + np.arange(len(values)) for first, values in issues.values()])
    value = np.full((len(hour), len(VARIABLES)), np.nan, np.float32)
    value[:, 0] = np.concatenate([values for _, values in issues.values()])
    return WeatherRows.sorted(np.zeros(len(hour), np.int64), hour, minute, value)
