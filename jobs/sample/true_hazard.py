"""The true chance that each unit fails within a year: part of the truth, which no file of the drop folder tells.

It is the chance given all that is settled at the new year: the lasting factors of the unit, and whether a fault is
under way. Such a fault ends the unit at a time that is settled when it begins, and oil tests tell how far it has come;
so of a unit with a fault under way the chance is 1 or 0. Of the others it is that of the hazards, less what would have
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
from jobs.sample.years import NEVER, NEW_YEAR, YEAR_S, YEARS, Floats, seconds_of

_AT_ONCE = 50_000  # unit-years
_EDGES = np.concatenate([np.linspace(0, 1, 13), np.linspace(1.25, 8, 28)])  # years ahead; no fault takes longer


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
    age = (NEW_YEAR[year] - since[unit]) / YEAR_S
    other = ACCIDENTS_A_YEAR + FAILURES_PER_FLASH_DENSITY * density[unit, year]
    cuts = range(_AT_ONCE, len(unit), _AT_ONCE)
    parts = zip(*(np.split(values, cuts) for values in (factor[unit], age, other)), strict=True)
    chance = np.concatenate([_without_fault(*part) for part in parts])
    fails = (end[unit] != NEVER) & (end[unit] < NEW_YEAR[year + 1])
    return pd.DataFrame(
        {
            "unit": fleet.deployment["unit"].to_numpy()[unit],
            "year": YEARS[year],
            "hazard": factor[unit] * (((age + 1) / SCALE_YEARS) ** SHAPE - (age / SCALE_YEARS) ** SHAPE) + other,
            "fault_under_way": under_way,
            "failure_probability": np.where(under_way, fails, chance),
        }
    )


def _without_fault(factor: Floats, age: Floats, other: Floats) -> Floats:
    """Chance of failing within a year, given service and no fault under way.

    With f the density of an ageing failure u years ahead and L how long before it a fault shows itself (in a share w
    of them), no fault is under way with chance 1 - w sum f(u) P(L > u); of the failures of the year those without one
    are f(u) (1 - w P(L > u)).
    """
    ahead = age[:, np.newaxis] + _EDGES
    ageing = factor[:, np.newaxis] * ((ahead / SCALE_YEARS) ** SHAPE - (age[:, np.newaxis] / SCALE_YEARS) ** SHAPE)
    alive = np.exp(-ageing - other[:, np.newaxis] * _EDGES)
    risk, gone = np.diff(ageing, axis=1), -np.diff(alive, axis=1)
    aged = gone * risk / (risk + other[:, np.newaxis] * np.diff(_EDGES))
    middle = (_EDGES[1:] + _EDGES[:-1]) / 2
    shown = WARNING_SHARE * ndtr(-np.log(middle / WARNING_YEARS) / WARNING_SPREAD)  # w P(L > u)
    year = middle < 1
    fails: Floats = (gone[:, year] - aged[:, year] * shown[year]).sum(axis=1) / (1 - aged @ shown)
    return fails
