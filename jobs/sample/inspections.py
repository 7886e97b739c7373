"""Inspections: what a crew sees of a unit from outside, written down in the four grades of its form."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.condition import Condition, due_every
from jobs.sample.draws import YearDraws
from jobs.sample.numbering import in_order
from jobs.sample.years import DAY_S, NEW_YEAR, in_working_hours, instants, nightly_after

EVERY_YEARS = 4
_LAST_DAY, _ENTERED_DAYS = 330, 9
_GRADE_FROM = (0.55, 0.95, 1.4)  # wear, as far as it shows, from which the form says B, C, D
_SEEN_SPREAD = 0.3
_LEAK_FROM, _LEAK_SPREAD = (1.15, 1.6), 0.4
_CHIPPED_A_WEAR = 0.05
_OIL_DEGC, _OIL_RISE_DEGC, _OIL_SPREAD_DEGC = 24.0, 30.0, 5.0  # at noon without load; more with the load's square
_DEMAND_SPREAD = 0.07


def inspections(condition: Condition, seed: int) -> pd.DataFrame:
    """``number, unit`` (row) ``, at_utc, entered_utc, grade, leak, chipped, oil_degc, demand_percent``."""
    draws = YearDraws(len(condition.utilisation), seed)
    day = (draws.random("inspection day") * _LAST_DAY).astype(np.int64) * DAY_S
    at = in_working_hours(NEW_YEAR[:-1] + day, draws.random("inspection hour"))
    unit, when, cell = condition.due(at, due_every(EVERY_YEARS, len(day)))
    wear = condition.wear(unit, when)
    seen = wear + _SEEN_SPREAD * draws.normal("inspection grade")[cell]
    leak = wear + _LEAK_SPREAD * draws.normal("inspection leak")[cell]
    utilisation = condition.utilisation[cell[0]]
    demand = utilisation * np.exp(_DEMAND_SPREAD * draws.normal("inspection demand")[cell])
    oil = _OIL_DEGC + _OIL_RISE_DEGC * utilisation**2 + _OIL_SPREAD_DEGC * draws.normal("inspection oil")[cell]
    entered = nightly_after(when, draws.random("inspection entered")[cell] * _ENTERED_DAYS)
    rows = pd.DataFrame(
        {
            "unit": unit,
            "at_utc": instants(when),
            "entered_utc": instants(entered),
            "grade": np.array(list("ABCD"))[np.searchsorted(_GRADE_FROM, seen, "right")],
            "leak": np.searchsorted(_LEAK_FROM, leak, "right"),
            "chipped": draws.random("inspection bushing")[cell] < _CHIPPED_A_WEAR * wear,
            "oil_degc": np.rint(oil).astype(int),
            "demand_percent": (100 * demand).round(1),
        }
    )
    return in_order(rows, ["at_utc", "unit"], "I")
