"""Weather that goes with SimBench's PV and heat pumps, energy prices that go with its wind and sun, price indices."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.metering import midnight_utc
from jobs.sample.seeds import generator
from jobs.sample.shapes import HEAT_PUMPS, PV, Shapes
from jobs.sample.simbench import DAYS, YEAR_FIRST

Float = NDArray[np.float64]
STATIONS = {"station_1": (0.0, 0.0), "station_2": (0.06, 0.04)}  # name -> degrees east and north of the area's middle
_HEATING_LIMIT_DEGC, _COLDEST_DEGC = 16.0, -12.0  # where heating begins; at SimBench's coldest day
_IRRADIANCE_W_PER_M2 = 1400.0  # of the mean PV output per unit: its summer noon is then some 850 W/m2
_ISSUE_HOURS, _HORIZON_HOURS = (0, 12), 48  # UTC
_ERROR_DEGC, _ERROR_PER_SQRT_HOUR = 0.4, 0.3  # at once, and growing with the root of lead time: 2.1 K at 48 h
_FIRST_HOUR = midnight_utc(YEAR_FIRST)


def weather_year(shapes: Shapes, seed: int) -> pd.DataFrame:
    """Hourly weather of the year at one place, by hour of grid time: temperature, irradiance, wind.

    A day's temperature is linear in the daily energy of SimBench's heat pumps below the heating limit; above it
    follows season and sun. Irradiance is the mean of its PV profiles.
    """
    rng = generator(seed, "weather")
    heat = np.mean([shapes.heat_day[name] for name in HEAT_PUMPS], axis=0).astype(np.float64)
    sun = (
        np.mean([shapes.generation[name] for name in PV], axis=0).reshape(DAYS, 24, 4).mean(axis=2)
        * _IRRADIANCE_W_PER_M2
    )
    season = np.cos((np.arange(DAYS) - 200) / DAYS * 2 * np.pi)
    sunny = sun.mean(axis=1) / sun.mean(axis=1).max()
    cold = _HEATING_LIMIT_DEGC - (_HEATING_LIMIT_DEGC - _COLDEST_DEGC) * heat / heat.max()
    warm = np.clip(season, 0, 1) * (2 + 5 * sunny) * np.clip(1 - heat / (0.1 * heat.max()), 0, 1)
    swing = 1.5 + 4.5 * sunny
    hours = np.arange(24)
    course = np.cos((hours - 15) / 24 * 2 * np.pi)
    temperature = (cold + warm)[:, np.newaxis] + swing[:, np.newaxis] * course
    walk = np.zeros(DAYS * 24)
    for step, shock in enumerate(rng.normal(0, 0.5, DAYS * 24)):  # AR(1), half a day long
        walk[step] = 0.93 * walk[step - 1] + shock
    wind = np.clip(4.5 + 1.5 * np.repeat(-season, 24) + 1.4 * walk, 0.2, None)
    return pd.DataFrame(
        {
            "temperature_degc": temperature.ravel() + 0.2 * walk,
            "irradiance_w_per_m2": sun.ravel(),
            "wind_speed_m_per_s": wind,
        }
    )


def weather_observed(year: pd.DataFrame, seed: int, first: date, end: date, x: float, y: float) -> pd.DataFrame:
    """Observed hours of the span at each station."""
    return pd.concat(
        [_at(year, seed, station, first, end).assign(**_place(station, x, y)) for station in STATIONS],
        ignore_index=True,
    )


def _place(station: str, x: float, y: float) -> dict[str, Any]:
    east, north = STATIONS[station]
    return {"station": station, "longitude": round(x + east, 4), "latitude": round(y + north, 4)}


def _hours(first: date, end: date) -> NDArray[np.int64]:
    return np.arange((first - YEAR_FIRST).days * 24, (end - YEAR_FIRST).days * 24)


def _stamps(hours: NDArray[np.int64]) -> pd.Series:
    return pd.Series(pd.Timestamp(_FIRST_HOUR) + pd.to_timedelta(hours, unit="h"))


def _at(year: pd.DataFrame, seed: int, station: str, first: date, end: date) -> pd.DataFrame:
    offset = generator(seed, station).normal(0, 0.6)
    rows = year.iloc[_hours(first, end)].reset_index(drop=True)
    return rows.assign(
        temperature_degc=(rows["temperature_degc"] + offset).round(1), hour_utc=_stamps(_hours(first, end))
    ).round({"irradiance_w_per_m2": 0, "wind_speed_m_per_s": 1})


def weather_forecast(year: pd.DataFrame, seed: int, first: date, end: date, x: float, y: float) -> pd.DataFrame:
    """Forecasts issued twice a day for two days ahead; the error walks away from the truth, so it grows with lead."""
    rows = []
    last = _hours(first, end)[-1]
    for station in STATIONS:
        offset = generator(seed, station).normal(0, 0.6)
        day = max(first - timedelta(days=2), YEAR_FIRST)
        while day < end:
            for issue in _ISSUE_HOURS:
                issued = int((day - YEAR_FIRST).days) * 24 + issue + 1  # grid time is an hour ahead of UTC
                ahead = np.arange(1, _HORIZON_HOURS + 1)
                hours = (issued + ahead)[issued + ahead <= min(last, DAYS * 24 - 1)]
                if not len(hours):
                    continue
                rng = generator(seed, f"forecast {station} {issue}", day)
                walk = rng.normal(0, _ERROR_DEGC) + np.cumsum(rng.normal(0, _ERROR_PER_SQRT_HOUR, len(hours)))
                true = year.iloc[hours]
                rows.append(
                    pd.DataFrame(
                        {
                            "issued_utc": pd.Timestamp(_FIRST_HOUR + timedelta(hours=issued)),
                            "hour_utc": _stamps(hours).to_numpy(),
                            "temperature_degc": (true["temperature_degc"].to_numpy() + offset + walk).round(1),
                            "irradiance_w_per_m2": np.clip(
                                true["irradiance_w_per_m2"].to_numpy() * np.exp(0.12 * walk - 0.01), 0, 1200
                            ).round(0),
                            "wind_speed_m_per_s": np.clip(
                                true["wind_speed_m_per_s"].to_numpy() + 0.5 * walk, 0, None
                            ).round(1),
                            **_place(station, x, y),
                        }
                    )
                )
            day += timedelta(days=1)
    frame = pd.concat(rows, ignore_index=True)
    return frame[frame["hour_utc"] >= pd.Timestamp(midnight_utc(first))].assign(
        hour_utc=lambda f: pd.to_datetime(f["hour_utc"], utc=True)
    )


def energy_prices(shapes: Shapes, seed: int, first: date, end: date) -> pd.DataFrame:
    """Day-ahead prices by hour: 2016's level, dearer in the morning and evening, cheaper with wind and sun."""
    hours = _hours(first, end)
    wind = np.mean(
        [s for name, s in shapes.generation.items() if name.startswith("WP")] or [np.zeros((DAYS, 96), np.float32)],
        axis=0,
    ).ravel()
    sun = np.mean([shapes.generation[name] for name in PV], axis=0).ravel()
    of_hour = hours % 24
    level = (
        33
        + 7 * np.exp(-(((of_hour - 8) / 2.5) ** 2))
        + 9 * np.exp(-(((of_hour - 18.5) / 2.5) ** 2))
        - 6 * (of_hour < 6)
    )
    residual = (
        level - 12 * (wind.reshape(-1, 4).mean(axis=1)[hours] - 0.35) - 25 * sun.reshape(-1, 4).mean(axis=1)[hours]
    )
    noise = np.concatenate(
        [generator(seed, "price", first + timedelta(days=n)).normal(0, 2.5, 24) for n in range((end - first).days)]
    )
    return pd.DataFrame(
        {
            "zone": "DE",
            "market": "day_ahead",
            "hour_utc": _stamps(hours),
            "eur_per_mwh": np.round(residual + noise, 2),
            "currency": "EUR",
        }
    )


def price_indices() -> pd.DataFrame:
    """Indices by year with 2010 = 100: steady growth of the order of German statistics, invented."""
    growth = {"equipment": 0.012, "labour": 0.023, "consumer": 0.013}
    rows = [
        (name, year, round(100 * (1 + rate) ** (year - 2010), 1))
        for name, rate in growth.items()
        for year in range(2000, 2018)
    ]
    return pd.DataFrame(rows, columns=["index", "year", "level"])
