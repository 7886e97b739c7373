"""How long units stood at each position, and what ended them: a hazard of age, lightning and accidents.

A unit's ageing hazard is a Weibull curve times what is its own for life: a hidden factor, its load, and for a few
batches a fault of manufacture. Lightning and accidents strike at any age. Who made a unit does not matter: one maker's
units fail more often only because they are old.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.draws import UnitDraws
from jobs.sample.lightning import flash_density
from jobs.sample.seeds import generator
from jobs.sample.years import (
    DAY_S,
    HOUR_S,
    NEVER,
    NEW_YEAR,
    NEW_YEAR_LIVED,
    YEAR_S,
    Floats,
    Seconds,
    in_working_hours,
    year_of,
)

MAKERS = np.array(["Nordtrafo", "Elbe Werke", "Siebert", "Kappel"])
OLD_MAKER = "Kappel"  # closed in the eighties
MECHANISMS = np.array(["ageing", "lightning", "accident"])
SHAPE, SCALE_YEARS = 4.0, 52.5
HIDDEN_SPREAD = 0.5  # of the logarithm
_MEAN_MADE, _MADE_SPREAD, _MADE = 1982.0, 11.0, (1955, 2000)
_OLD_MAKER_SHARE, _OLD_MAKER_FADES = 0.75, (1970, 1986)
_BAD_BATCHES, _BAD_YEARS, _BAD_FACTOR = 3, (1974, 1994), 3.0
_LOAD_SLOPE, _USUAL_UTILISATION = 1.0, 0.5
ACCIDENTS_A_YEAR, FAILURES_PER_FLASH_DENSITY = 0.004, 0.0008
_PLANNED_AGE_S, _PLANNED_A_YEAR, _LAST_PLANNED = 48 * YEAR_S, 0.04, NEW_YEAR[-2]
_THUNDER_DAY, _THUNDER_DAYS = 196, 32  # mid July
_REPLACED_AFTER_S = 9 * HOUR_S
FORCED = int(datetime(2012, 7, 14, 14, 30, tzinfo=UTC).timestamp())
"""When the first position's unit fails whatever is drawn, so that even one position shows a replacement."""


@dataclass(frozen=True)
class Lives:
    """One row a unit, in order of position and time.

    Parameters
    ----------
    frame
        ``position`` (row), ``generation, made, maker, hidden_factor, batch_factor, load_factor, mechanism``.
    since, end
        When it was there; ``end`` is `NEVER` while it stands at the end of 2016.
    worn_out
        When ageing would end it, if nobody took it away: in the years after the record too, `NEVER` where later or
        where something else strikes first.
    """

    frame: pd.DataFrame
    since: Seconds
    end: Seconds
    worn_out: Seconds


def unit_lives(position: pd.DataFrame, seed: int) -> Lives:
    """Units at every position from 2001 to the end of 2016, generation after generation, all positions at once."""
    years = len(NEW_YEAR_LIVED) - 1
    density = flash_density(position["x"].to_numpy(float), position["y"].to_numpy(float), seed, years=years)
    load = np.exp(_LOAD_SLOPE * (position["utilisation"].to_numpy(float) - _USUAL_UTILISATION))
    drawn = generator(seed, "unit made").normal(_MEAN_MADE, _MADE_SPREAD, len(position))
    made = np.clip(drawn, *_MADE).astype(np.int64)
    since = np.array([int(datetime(year, 6, 1, tzinfo=UTC).timestamp()) for year in range(1960, 2001)])
    since = since[np.maximum(made, 1960) - 1960]
    there = np.arange(len(position))
    frames, begins, ends, worn = [], [], [], []
    generation = 1
    while len(there):
        draws = UnitDraws(there, np.full(len(there), generation), seed)
        unit = _drawn(made, draws).assign(load_factor=load[there])
        factor = unit["hidden_factor"] * unit["batch_factor"] * unit["load_factor"]
        end, mechanism, worn_out = _ended(factor.to_numpy(), since, density[there], draws)
        frames.append(unit.assign(mechanism=mechanism))
        begins.append(since)
        ends.append(end)
        worn.append(worn_out)
        left = end != NEVER
        there, since = there[left], end[left] + _REPLACED_AFTER_S
        made = year_of(end[left])
        generation += 1
    frame = pd.concat(frames, ignore_index=True)
    order = np.lexsort((frame["generation"], frame["position"]))
    since, end, worn_out = (np.concatenate(parts)[order] for parts in (begins, ends, worn))
    return Lives(frame.iloc[order].reset_index(drop=True), since, end, worn_out)


def _drawn(made: NDArray[np.int64], draws: UnitDraws) -> pd.DataFrame:
    """Makers and lasting factors of new units."""
    fading = np.interp(made, _OLD_MAKER_FADES, (_OLD_MAKER_SHARE, 0.0))
    others = len(MAKERS) - 1
    maker = np.where(draws.random("old maker") < fading, others, (draws.random("maker") * others).astype(int))
    batches = generator(draws.seed, "bad batch")
    bad = list(zip(batches.integers(0, others, _BAD_BATCHES), batches.integers(*_BAD_YEARS, _BAD_BATCHES), strict=True))
    is_bad = np.any([(maker == who) & (made == year) for who, year in bad], axis=0)
    return pd.DataFrame(
        {
            "position": draws.position,
            "generation": draws.generation,
            "made": made,
            "maker": MAKERS[maker],
            "hidden_factor": np.exp(HIDDEN_SPREAD * draws.normal("hidden factor")),
            "batch_factor": np.where(is_bad, _BAD_FACTOR, 1.0),
        }
    )


def _ended(factor: Floats, since: Seconds, density: Floats, draws: UnitDraws) -> tuple[Seconds, pd.Series, Seconds]:
    """When each unit was gone, by what mechanism it failed (null if it did not), and when it is worn out: see `Lives`.

    A unit fails when its hazard has added up to an exponential waiting time; within a year hazard is even.
    """
    begun = np.maximum(NEW_YEAR_LIVED[:-1], since[:, np.newaxis])
    lived_s = np.maximum(NEW_YEAR_LIVED[1:] - begun, 0)
    hazard = _hazard(factor, since, density, lived_s / YEAR_S)
    total = hazard.sum(axis=0).cumsum(axis=1)
    wait = draws.waits("failure")
    unit, year = np.arange(len(total)), np.minimum((total < wait[:, np.newaxis]).sum(axis=1), total.shape[1] - 1)
    by_mechanism = hazard[:, unit, year]
    of_year = by_mechanism.sum(axis=0)
    left = np.divide(total[unit, year] - wait, of_year, out=np.zeros(len(wait)), where=of_year > 0)
    failed = begun[unit, year] + ((1 - left) * lived_s[unit, year]).astype(np.int64)
    mechanism = (draws.random("mechanism") * of_year > by_mechanism.cumsum(axis=0)).sum(axis=0)
    days = ((_THUNDER_DAY + _THUNDER_DAYS * draws.normal("thunder day")) * DAY_S).astype(np.int64)
    thunder = NEW_YEAR_LIVED[year] + days
    stormy = (mechanism == 1) & (thunder > begun[unit, year]) & (thunder < NEW_YEAR_LIVED[year + 1])
    failed = np.where(total[:, -1] < wait, NEVER, np.where(stormy, thunder, failed))
    forced = (draws.position == 0) & (draws.generation == 1)
    failed, mechanism = np.where(forced, FORCED, failed), np.where(forced, 0, mechanism)
    end = np.minimum(failed, np.where(forced, NEVER, _planned(since, draws)))
    end = np.where(end < NEW_YEAR[-1], end, NEVER)
    ended_by = pd.Series(MECHANISMS[mechanism]).where((end == failed) & (end != NEVER))
    return end, ended_by, np.where((mechanism == 0) & ~forced, failed, NEVER)


def _hazard(factor: Floats, since: Seconds, density: Floats, lived_years: Floats) -> Floats:
    """Hazard that each unit gathers in each year by mechanism, (mechanisms, units, years)."""
    age = np.maximum(NEW_YEAR_LIVED - since[:, np.newaxis], 0) / YEAR_S
    ageing = factor[:, np.newaxis] * np.diff((age / SCALE_YEARS) ** SHAPE, axis=1)
    return np.stack([ageing, FAILURES_PER_FLASH_DENSITY * density * lived_years, ACCIDENTS_A_YEAR * lived_years])


def _planned(since: Seconds, draws: UnitDraws) -> Seconds:
    """When each unit would be replaced for its age, whatever its state; in the metered year none is."""
    from_s = np.maximum(since + _PLANNED_AGE_S, NEW_YEAR[0])
    at = from_s + (draws.waits("planned") / _PLANNED_A_YEAR * YEAR_S).astype(np.int64)
    planned = np.where(at < _LAST_PLANNED, in_working_hours(at, np.zeros(len(at))), NEVER)
    return np.where(planned > since, planned, NEVER)
