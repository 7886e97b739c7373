"""The feature frame: one row for each series and interval of a day to come, from what was known at the issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.models.demand.history import RECENT_DAYS, History, deviation_known, first_known, history_of, mean_known
from jobs.models.demand.panel import KINDS, Panel
from jobs.models.demand.settings import DemandSettings
from jobs.models.demand.weather import VARIABLES, Weather

Floats = NDArray[np.float32]
WEEKS, DAYS = 4, 3
FULL_TURN_DAYS = 365.2425

LOAD = {
    **{f"week_{n}": f"the target's weekday {n} known weeks back, same local time" for n in range(1, WEEKS + 1)},
    **{f"day_{n}": f"{n} days before the issue day, same local time" for n in range(1, DAYS + 1)},
    "type_mean": "mean of days of the target's type in the history, same local time",
    "recent_mean": "mean of the last 28 days, same local time",
    "days_7": "mean of the last 7 days, same local time",
    "days_3": "mean of the last 3 days, same local time",
    "day_1_around": "mean of day_1 within an hour of the same local time",
    "week_1_around": "mean of week_1 within an hour of the same local time",
    "recent_deviation": "standard deviation of the last 28 days, same local time",
    "day_1_mean": "mean of the day before the issue day",
    "days_7_mean": "mean of the last 7 days",
    "week_1_mean": "mean of the day of week_1",
    "week_1_before": "mean of the day before that of week_1",
}
"""In deviations from the series' own mean: a global model sees series of all sizes alike."""
CALENDAR = {
    "days_ahead": "days from the issue's to the target",
    "minute": "local minute of the day",
    "weekday": "local weekday, 0 is Monday; of a holiday 6",
    "day_type": "0 workday, 1 Saturday, 2 Sunday or holiday",
    "day_type_before": "of the day before the target",
    "day_type_after": "of the day after the target",
    "week_1_type": "day type of week_1",
    "day_1_type": "day type of day_1",
    "season_cos": "cosine of the day of the year",
    "season_sin": "its sine",
    "kind": "kind of the series, by number",
}
WEATHER = {
    "temperature": "air temperature of the hour, degC",
    "temperature_mean": "its mean over the day",
    "temperature_day_1": "as observed at the same time the day before the issue day",
    "temperature_day_1_mean": "its mean over that day",
    "temperature_week_1": "as observed at the same time on the day of week_1",
    "temperature_week_1_mean": "its mean over that day",
    "irradiance": "irradiance of the hour, W/m2",
    "irradiance_week_1": "as observed on the day of week_1",
    "irradiance_day_1": "as observed the day before the issue day",
}
FEATURES = {**LOAD, **CALENDAR, **WEATHER}
BLEND = 0.5
"""Weight of the last 7 days in the reference beside that of days of the target's type: level, and shape."""
SCALES = ("center_kw", "scale_kw", "reference_kw")
"""What turns a row's scaled demand back into kW: (reference or center) + scale x value."""


@dataclass(frozen=True)
class Issue:
    """A forecast of one day, as it was made on another.

    Parameters
    ----------
    day : grid day of the issue, days since 1970.
    days_ahead : from it to the day forecast.
    """

    day: int
    days_ahead: int

    @property
    def target(self) -> int:
        return self.day + self.days_ahead

    def minute(self, panel: Panel, settings: DemandSettings) -> int:
        """When it is made, minutes since 1970 UTC."""
        return panel.clock.start_minute(self.day) + round(settings.issue_hour * 60)


def issue_history(panel: Panel, issue: Issue, settings: DemandSettings) -> History:
    """The history that a forecast of this issue may look at."""
    return history_of(panel, issue.day, issue.target, issue.minute(panel, settings), settings.history_days)


def feature_frame(history: History, weather: Weather, issue: Issue, settings: DemandSettings) -> pd.DataFrame:
    """A row for each series and slot, series by series: `FEATURES` and `SCALES`.

    A feature is NaN where nothing was known; the model has learned what that means. Weather of the target is as it was
    forecast by the issue, or, where the settings say so, as it was observed.
    """
    panel = history.panel
    recent = history.seen[:, -RECENT_DAYS:]
    center = mean_known(recent, (1, 2))[:, None]
    scale = deviation_known(recent, (1, 2))[:, None]
    scale = np.where(scale > 0, scale, np.float32(1))
    load = _load(history)
    both = BLEND * load["days_7"] + (1 - BLEND) * load["type_mean"]
    whole = np.broadcast_to(center, both.shape)
    reference = first_known(both, load["type_mean"], load["days_7"], load["recent_mean"], whole)
    shape = reference.shape
    columns: dict[str, Floats] = {}
    for name, values in load.items():
        moved = values if name == "recent_deviation" else values - center
        columns[name] = np.broadcast_to(moved / scale, shape)
    for name, row in _calendar(history).items():
        columns[name] = np.broadcast_to(row.astype(np.float32), shape)
    kinds = list(KINDS)
    columns["kind"] = np.broadcast_to(np.array([kinds.index(kind) for kind in panel.kind], np.float32)[:, None], shape)
    columns |= {
        name: values[np.where(panel.place < 0, len(weather.places), panel.place)]
        for name, values in _weather(history, weather, issue, settings).items()
    }
    scales = dict(zip(SCALES, (center, scale, reference), strict=True))
    columns |= {name: np.broadcast_to(values, shape) for name, values in scales.items()}
    names = [*FEATURES, *SCALES]
    return pd.DataFrame({name: columns[name].ravel() for name in names}, copy=False)


def _load(history: History) -> dict[str, Floats]:
    """Features of the load itself, kW: (series, slots), or (series, 1) where the day as a whole counts."""
    clock = history.panel.clock
    noon = clock.slots // 2
    target_type = clock.day_type[clock.row(history.target_day), noon]
    alike = history.aligned[:, history.day_types == target_type]
    recent = history.aligned[:, -RECENT_DAYS:]
    back = 7 * history.first_week - history.days_ahead
    found = {f"week_{n}": history.week_back(n) for n in range(1, WEEKS + 1)}
    found |= {f"day_{n}": history.day_back(n) for n in range(1, DAYS + 1)}
    nothing = np.full(recent[:, 0].shape, np.nan, np.float32)
    return found | {
        "type_mean": mean_known(alike, 1) if alike.shape[1] else nothing,
        "recent_mean": mean_known(recent, 1),
        "days_7": mean_known(history.aligned[:, -7:], 1),
        "days_3": mean_known(history.aligned[:, -3:], 1),
        "day_1_around": _around(history.day_back(1), clock.interval_minutes),
        "week_1_around": _around(history.week_back(1), clock.interval_minutes),
        "recent_deviation": deviation_known(recent, 1),
        "day_1_mean": mean_known(history.day_back(1), 1)[:, None],
        "days_7_mean": mean_known(history.aligned[:, -7:], (1, 2))[:, None],
        "week_1_mean": mean_known(history.week_back(1), 1)[:, None],
        "week_1_before": mean_known(history.aligned[:, -back - 1], 1)[:, None],
    }


def _around(day: Floats, interval_minutes: int) -> Floats:
    """Mean of each interval and those within an hour of it on the same day, (series, slots)."""
    reach, slots = 60 // interval_minutes, day.shape[1]
    places = np.arange(slots)[:, None] + np.arange(-reach, reach + 1)
    near = np.where((places >= 0) & (places < slots), day[:, np.clip(places, 0, slots - 1)], np.float32(np.nan))
    return mean_known(near, 2)


def _calendar(history: History) -> dict[str, NDArray[np.floating]]:
    """Features of the clock, (slots,)."""
    clock, row, noon = history.panel.clock, history.panel.clock.row, history.panel.clock.slots // 2
    target = row(history.target_day)
    kind = clock.day_type[target]
    turn = 2 * np.pi * clock.yearday[target] / FULL_TURN_DAYS
    day_of = {
        "day_type_before": history.target_day - 1,
        "day_type_after": history.target_day + 1,
        "week_1_type": history.target_day - 7 * history.first_week,
        "day_1_type": history.issue_day - 1,
    }
    last = clock.first_day + len(clock.ahead) - 1
    of_days = {
        name: np.full(kind.shape, clock.day_type[row(min(max(day, clock.first_day), last)), noon])
        for name, day in day_of.items()
    }
    return {
        "days_ahead": np.full(kind.shape, history.days_ahead),
        "minute": clock.minute[target],
        "weekday": np.where(kind == 2, 6, clock.weekday[target]),
        "day_type": kind,
        **of_days,
        "season_cos": np.cos(turn),
        "season_sin": np.sin(turn),
    }


def _weather(history: History, weather: Weather, issue: Issue, settings: DemandSettings) -> dict[str, Floats]:
    """Features of the weather, (places + 1, slots): of the last place nothing is known."""
    clock = history.panel.clock
    known_by = issue.minute(history.panel, settings)
    week_1 = history.target_day - 7 * history.first_week
    days = {
        "": weather.of_day(history.target_day, clock, known_by, kind=settings.weather),
        "_day_1": weather.of_day(history.issue_day - 1, clock, known_by, kind="past"),
        "_week_1": weather.of_day(week_1, clock, known_by, kind="past"),
    }
    unknown = np.full((1, clock.slots, len(VARIABLES)), np.nan, np.float32)
    found = {}
    for name, values in days.items():
        temperature, irradiance = np.moveaxis(np.concatenate([values, unknown]), 2, 0)
        found[f"temperature{name}"], found[f"irradiance{name}"] = temperature, irradiance
        mean = mean_known(temperature, 1)[:, None]
        found[f"temperature{name}_mean"] = np.broadcast_to(mean, temperature.shape)
    return found


def scaled(demand_kw: NDArray[np.floating], rows: pd.DataFrame) -> NDArray[np.floating]:
    """What the model learns: demand less its reference, in deviations of its series."""
    return np.asarray((demand_kw - rows["reference_kw"].to_numpy()) / rows["scale_kw"].to_numpy())


def joined(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True, copy=False)
