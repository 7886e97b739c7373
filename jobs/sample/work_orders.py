"""Work orders: inspections and oil samples as they cost, repairs that worn units need, replacements as planned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.condition import Condition
from jobs.sample.draws import YearDraws
from jobs.sample.numbering import in_order
from jobs.sample.seeds import generator
from jobs.sample.years import DAY_S, NEW_YEAR, YEARS, Floats, in_working_hours, instants, nightly_after, seconds_of

_INSPECTION_COST, _SAMPLE_COST = (90, 180), (140, 230)
_REPAIRS_A_YEAR, _REPAIR_RISE, _USUAL_WEAR = 0.028, 1.8, 0.6
_REPAIRS = np.array(["oil or seal repair", "bushing repair", "corrosion repair"])
_REPAIR_SHARES = (0.6, 0.25, 0.15)
_REPAIR_COST, _REPAIR_SPREAD = 665.0, 0.45
_REPLACEMENT_COST, _REPLACEMENT_SPREAD = 2600.0, 0.25
_BOOKED_DAYS = 21
_HOURS = {"inspection": 1.0, "oil sample": 1.0, "planned replacement": 14.0}
_COST_AN_HOUR = 85.0  # of repairs: half of it is work


def work_orders(
    condition: Condition, deployment: pd.DataFrame, inspection: pd.DataFrame, oil_test: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """``number, unit`` (row) ``, at_utc, booked_utc, type, cause, hours, cost, currency`` in order of time."""
    together = pd.concat(
        [
            _visits(inspection, "inspection", _INSPECTION_COST, seed),
            _visits(oil_test, "oil sample", _SAMPLE_COST, seed),
            _repairs(condition, seed),
            _replacements(condition, deployment, seed),
        ]
    )
    rows = in_order(together, ["at_utc", "unit", "cause"], "W")
    waits = generator(seed, "order booked").random(len(rows)) * _BOOKED_DAYS
    return rows.assign(
        booked_utc=instants(nightly_after(seconds_of(rows["at_utc"]), waits)),
        cost=rows["cost"].round(2),
        currency="EUR",
    )


def _orders(
    unit: np.ndarray | pd.Series, at: pd.Series, kind: str, cause: str | np.ndarray, hours: float | Floats, cost: Floats
) -> pd.DataFrame:
    return pd.DataFrame({"unit": unit, "at_utc": at, "type": kind, "cause": cause, "hours": hours, "cost": cost})


def _visits(visit: pd.DataFrame, cause: str, cost: tuple[int, int], seed: int) -> pd.DataFrame:
    paid = generator(seed, f"order {cause}").uniform(*cost, len(visit))
    return _orders(visit["unit"], visit["at_utc"], "inspection", cause, _HOURS[cause], paid)


def _repairs(condition: Condition, seed: int) -> pd.DataFrame:
    """At most one a position and year; the more worn the unit, the more often."""
    positions = len(condition.utilisation)
    draws = YearDraws(positions, seed)
    day = (draws.random("repair day") * 365).astype(np.int64) * DAY_S
    at = in_working_hours(NEW_YEAR[:-1] + day, draws.random("repair hour"))
    unit, when, cell = condition.due(at, np.ones((positions, len(YEARS)), bool))
    chance = _REPAIRS_A_YEAR * np.exp(_REPAIR_RISE * (condition.wear(unit, when) - _USUAL_WEAR))
    done = draws.random("repair")[cell] < chance
    cost = (_REPAIR_COST * np.exp(_REPAIR_SPREAD * draws.normal("repair cost")))[cell][done]
    which = np.searchsorted(np.cumsum(_REPAIR_SHARES)[:-1], draws.random("repair cause")[cell][done], "right")
    hours = (cost / _COST_AN_HOUR / 2).round(1)
    return _orders(unit[done], instants(when[done]), "corrective", _REPAIRS[which], hours, cost)


def _replacements(condition: Condition, deployment: pd.DataFrame, seed: int) -> pd.DataFrame:
    unit = np.flatnonzero(deployment["why"] == "planned")
    spread = generator(seed, "order replacement").normal(0, _REPLACEMENT_SPREAD, len(unit))
    paid = _REPLACEMENT_COST * np.exp(spread)
    cause = "planned replacement"
    return _orders(unit, instants(condition.end[unit]), "construction", cause, _HOURS[cause], paid)
