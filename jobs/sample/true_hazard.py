"""The true chance that each unit fails within a year: part of the truth, which no file of the drop folder tells.

It is the chance given the unit's state at the new year: its lasting factors, and whether and since when a fault is
under way. With a fault it is that of the time such faults take; without one that of the hazards, less what would have
shown itself as a fault by then.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from jobs.sample.assets import Fleet
from jobs.sample.fleet import WARNING_SHARE, WARNING_SPREAD, WARNING_YEARS
from jobs.sample.lightning import flash_density
from jobs.sample.unit_lives import ACCIDENTS_A_YEAR, FAILURES_PER_FLASH_DENSITY, SCALE_YEARS, SHAPE
from jobs.sample.years import AHEAD, NEW_YEAR, YEAR_S, YEARS, Floats, seconds_of

_AT_ONCE = 50_000  # unit-years
_EDGES = np.concatenate([np.linspace(0, 1, 13), np.linspace(1.25, AHEAD, 28)])  # years ahead; no fault takes longer
_MIDDLE = (_EDGES[1:] + _EDGES[:-1]) / 2


def true_hazards(fleet: Fleet, seed: int) -> pd.DataFrame:
    """Of every unit in service at a new year (UTC): what that year does to it.

    Returns
    -------
    DataFrame
        ``unit, year``, ``hazard`` (gathered over the year by ageing, lightning and accidents, whatever has shown itself
        before), ``fault_under_way``, ``failure_probability`` (that it fails in the year if nobody takes it away).
    """
    place = fleet.position.iloc[fleet.rows_of(fleet.deployment["position"])]
    density = flash_density(place["x"].to_numpy(float), place["y"].to_numpy(float), seed)
    hidden = fleet.hidden.set_index("unit").loc[fleet.deployment["unit"]]
    factor = hidden[["hidden_factor", "batch_factor", "load_factor"]].prod(axis=1).to_numpy()
    since, end = seconds_of(fleet.deployment["from_utc"]), seconds_of(fleet.deployment["to_utc"])
    begun = seconds_of(hidden["incipient_utc"])
    unit, year = np.nonzero((since[:, np.newaxis] <= NEW_YEAR[:-1]) & (end[:, np.newaxis] > NEW_YEAR[:-1]))
    under_way = begun[unit] <= NEW_YEAR[year]
    for_years = np.where(under_way, (NEW_YEAR[year] - begun[unit]) / YEAR_S, np.nan)
    age = (NEW_YEAR[year] - since[unit]) / YEAR_S
    other = ACCIDENTS_A_YEAR + FAILURES_PER_FLASH_DENSITY * density[unit, year]
    cuts = range(_AT_ONCE, len(unit), _AT_ONCE)
    parts = zip(*(np.split(values, cuts) for values in (factor[unit], age, other, for_years)), strict=True)
    return pd.DataFrame(
        {
            "unit": fleet.deployment["unit"].to_numpy()[unit],
            "year": YEARS[year],
            "hazard": factor[unit] * (((age + 1) / SCALE_YEARS) ** SHAPE - (age / SCALE_YEARS) ** SHAPE) + other,
            "fault_under_way": under_way,
            "failure_probability": np.concatenate([_chance(*part) for part in parts]),
        }
    )


def _chance(factor: Floats, age: Floats, other: Floats, for_years: Floats) -> Floats:
    """Chance of failing within a year, given service and since how long a fault is under way (NaN: none is).

    Let f be the density of an ageing failure u years ahead that nothing else forestalls, and L how long before it a
    fault shows itself, in a share w of them. Where none has, that has the chance 1 - w sum f(u) P(L > u); of the
    failures of the year those without one are f(u) (1 - w P(L > u)). Where one is under way for e years, the unit ends
    by it: f(u) g(u + e) over its sum says when, g the density of L.
    """
    ahead = age[:, np.newaxis] + _EDGES
    ageing = factor[:, np.newaxis] * ((ahead / SCALE_YEARS) ** SHAPE - (age[:, np.newaxis] / SCALE_YEARS) ** SHAPE)
    alive = np.exp(-ageing - other[:, np.newaxis] * _EDGES)
    risk, gone = np.diff(ageing, axis=1), -np.diff(alive, axis=1)
    aged = gone * risk / (risk + other[:, np.newaxis] * np.diff(_EDGES))
    shown = WARNING_SHARE * ndtr(-np.log(_MIDDLE / WARNING_YEARS) / WARNING_SPREAD)  # w P(L > u)
    year = _MIDDLE < 1
    without: Floats = (gone[:, year] - aged[:, year] * shown[year]).sum(axis=1) / (1 - aged @ shown)
    lead = _MIDDLE + np.nan_to_num(for_years)[:, np.newaxis]
    ends = aged * np.exp(-0.5 * (np.log(lead / WARNING_YEARS) / WARNING_SPREAD) ** 2) / lead
    with_fault = ends[:, year].sum(axis=1) / ends.sum(axis=1)
    return np.where(np.isnan(for_years), without, with_fault)
