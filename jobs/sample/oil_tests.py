"""Oil tests of larger units: gases dissolved in the oil, moisture, acidity, breakdown voltage, and furfural.

Medians of a new unit's oil and how they rise with wear are invented, of the order of what IEC 60599 and IEC 60422
call typical. Furfural follows the degree of polymerisation of the paper as Chendong measured it:
log10(2-FAL in mg/kg) = 1.51 - 0.0035 DP.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.condition import Condition, due_every
from jobs.sample.draws import YearDraws
from jobs.sample.numbering import in_order
from jobs.sample.years import DAY_S, NEW_YEAR, Floats, in_working_hours, instants, nightly_after

EVERY_YEARS = 8
FROM_KVA = 250.0
_LAST_DAY, _REPORTED_DAYS = 330, (10, 30)
_GASES = {  # ppm: of new oil; rise of the logarithm with wear; times 1 + this at failure by thermal fault, by discharge
    "h2": (12.0, 0.5, 4.0, 25.0),
    "ch4": (6.0, 0.8, 14.0, 5.0),
    "c2h6": (5.0, 0.8, 9.0, 1.5),
    "c2h4": (6.0, 0.8, 22.0, 4.0),
    "c2h2": (0.25, 0.3, 2.0, 80.0),
    "co": (170.0, 0.9, 1.5, 0.3),
    "co2": (1500.0, 0.9, 1.2, 0.2),
}
_DECIMALS = {"c2h2": 1}
_GAS_SPREAD, _OIL_SPREAD = 0.4, 0.25  # of logarithms
_MOISTURE_PPM, _MOISTURE_RISE = 9.0, 0.9
_ACIDITY, _ACIDITY_RISE = 0.02, 1.6  # mg KOH/g
_BREAKDOWN_KV, _BREAKDOWN_FALL, _BREAKDOWN_SPREAD_KV = 68.0, 0.45, 4.0
_NEW_PAPER_DP, _OLD_PAPER_DP = 1000.0, 200.0


def oil_tests(condition: Condition, rating_kva: Floats, seed: int) -> pd.DataFrame:
    """``number, unit`` (row) ``, at_utc, reported_utc``, gases, ``moisture, acidity, breakdown_kv, furfural``."""
    draws = YearDraws(len(rating_kva), seed)
    day = (draws.random("oil day") * _LAST_DAY).astype(np.int64) * DAY_S
    at = in_working_hours(NEW_YEAR[:-1] + day, draws.random("oil hour"))
    unit, when, cell = condition.due(at, due_every(EVERY_YEARS, len(day)) & (rating_kva >= FROM_KVA)[:, np.newaxis])
    wear, severity = condition.wear(unit, when), condition.severity(unit, when)
    thermal = condition.thermal[unit]

    def spread(subject: str, of: float) -> Floats:
        factor: Floats = np.exp(of * draws.normal(f"oil {subject}")[cell])
        return factor

    gases = {
        name: (new * np.exp(rise * wear) * (1 + severity * np.where(thermal, hot, sparks)) * spread(name, _GAS_SPREAD))
        .round(_DECIMALS.get(name, 0))
        for name, (new, rise, hot, sparks) in _GASES.items()
    }  # fmt: skip
    moisture = _MOISTURE_PPM * np.exp(_MOISTURE_RISE * wear) * spread("moisture", _OIL_SPREAD)
    acidity = _ACIDITY * np.exp(_ACIDITY_RISE * wear) * spread("acidity", _OIL_SPREAD)
    breakdown = _BREAKDOWN_KV * np.exp(-_BREAKDOWN_FALL * wear) + _BREAKDOWN_SPREAD_KV * draws.normal("oil kV")[cell]
    paper = _NEW_PAPER_DP * (_OLD_PAPER_DP / _NEW_PAPER_DP) ** np.minimum(wear, 1.3)
    furfural = 10 ** (1.51 - 0.0035 * paper) * spread("furfural", _GAS_SPREAD)
    low, high = _REPORTED_DAYS
    reported = nightly_after(when, low + draws.random("oil reported")[cell] * (high - low))
    rows = pd.DataFrame(
        {
            "unit": unit,
            "at_utc": instants(when),
            "reported_utc": instants(reported),
            **gases,
            "moisture": moisture.round(0),
            "acidity": acidity.round(3),
            "breakdown_kv": np.maximum(breakdown, 8.0).round(1),
            "furfural": furfural.round(3),
        }
    )
    return in_order(rows, ["at_utc", "unit"], "L")
