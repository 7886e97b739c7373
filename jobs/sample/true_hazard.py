"""The true chance that each unit fails within a year: part of the truth, which no file of the drop folder tells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.assets import Fleet
from jobs.sample.lightning import flash_density
from jobs.sample.unit_lives import yearly_hazard
from jobs.sample.years import NEW_YEAR, YEAR_S, YEARS, seconds_of

_AT_ONCE = 100_000  # units


def true_hazards(fleet: Fleet, seed: int) -> pd.DataFrame:
    """Of every unit in service at a new year (UTC): what that year does to it.

    Returns
    -------
    DataFrame
        ``unit, year, hazard`` (gathered over the year, of all mechanisms), ``failure_probability`` (that it fails in the
        year if nobody takes it away: 1 - exp(-hazard)).
    """
    place = fleet.position.iloc[fleet.rows_of(fleet.deployment["position"])]
    density = flash_density(place["x"].to_numpy(float), place["y"].to_numpy(float), seed)
    hidden = fleet.hidden.set_index("unit").loc[fleet.deployment["unit"]]
    factor = hidden[["hidden_factor", "batch_factor", "load_factor"]].prod(axis=1).to_numpy()
    since, end = seconds_of(fleet.deployment["from_utc"]), seconds_of(fleet.deployment["to_utc"])
    parts = []
    for first in range(0, len(since), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        whole = np.ones((len(since[part]), len(YEARS))) * np.diff(NEW_YEAR) / YEAR_S
        hazard = yearly_hazard(factor[part], since[part], density[part], whole).sum(axis=0)
        there = (since[part, np.newaxis] <= NEW_YEAR[:-1]) & (end[part, np.newaxis] > NEW_YEAR[:-1])
        unit, year = np.nonzero(there)
        parts.append(
            pd.DataFrame(
                {
                    "unit": fleet.deployment["unit"].to_numpy()[part][unit],
                    "year": YEARS[year],
                    "hazard": hazard[unit, year],
                    "failure_probability": -np.expm1(-hazard[unit, year]),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
