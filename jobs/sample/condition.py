"""The hidden condition of units, which inspections and oil tests tell something of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jobs.sample.assets import Fleet
from jobs.sample.unit_lives import SCALE_YEARS, SHAPE
from jobs.sample.years import NEVER, NEW_YEAR, YEAR_S, YEARS, Floats, Seconds, seconds_of

Rows = NDArray[np.int64]


class Condition:
    """Units of a fleet by row: where they stood, how worn they are, and what is about to break."""

    def __init__(self, fleet: Fleet) -> None:
        self.position: Rows = fleet.rows_of(fleet.deployment["position"])
        self.since, self.end = seconds_of(fleet.deployment["from_utc"]), seconds_of(fleet.deployment["to_utc"])
        self.utilisation: Floats = fleet.position["utilisation"].to_numpy(float)
        hidden = fleet.hidden
        factor = hidden[["hidden_factor", "batch_factor", "load_factor"]].prod(axis=1).to_numpy()
        self._pace = factor ** (1 / SHAPE) / SCALE_YEARS
        self._incipient, self._worn_out = seconds_of(hidden["incipient_utc"]), seconds_of(hidden["worn_out_utc"])
        self.thermal: NDArray[np.bool_] = (hidden["incipient_kind"] == "thermal").to_numpy()
        self._span = NEW_YEAR[-1] - int(self.since.min()) + 1
        self._begun = self.position * self._span + self.since - self.since.min()

    def standing(self, position: Rows, at: Seconds) -> Rows:
        """The unit that stood at each position at an instant; -1 where there was none."""
        unit: Rows = np.searchsorted(self._begun, position * self._span + at - self.since.min(), "right") - 1
        there = (unit >= 0) & (self.position[unit] == position) & (at < self.end[unit])
        return np.where(there, unit, -1)

    def due(self, at: Seconds, due: NDArray[np.bool_]) -> tuple[Rows, Seconds, tuple[Rows, Rows]]:
        """Units at hand where something is due at a position in a year: unit, instant, (position, year) of each.

        ``at`` and ``due`` are (positions, years).
        """
        position, year = np.nonzero(due)
        when = at[position, year]
        unit = self.standing(position, when)
        there = unit >= 0
        return unit[there], when[there], (position[there], year[there])

    def age_years(self, unit: Rows, at: Seconds) -> Floats:
        return (at - self.since[unit]) / YEAR_S

    def wear(self, unit: Rows, at: Seconds) -> Floats:
        """Age over the age at which the unit's ageing hazard adds up to 1: its own pace of ageing."""
        wear: Floats = self.age_years(unit, at) * self._pace[unit]
        return wear

    def severity(self, unit: Rows, at: Seconds) -> Floats:
        """How far a fault has come that will end the unit, from 0 to 1 at its failure."""
        begun = self._incipient[unit]
        has = begun != NEVER
        whole = np.where(has, self._worn_out[unit] - np.where(has, begun, 0), 1)
        return np.where(has, np.clip((at - np.where(has, begun, 0)) / np.maximum(whole, 1), 0, 1), 0.0)


def due_every(years: int, positions: int) -> NDArray[np.bool_]:
    """Where something falls due that each position sees every so many years, (positions, years)."""
    due: NDArray[np.bool_] = np.add.outer(np.arange(positions), YEARS) % years == 0
    return due
