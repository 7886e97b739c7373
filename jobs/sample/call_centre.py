"""What customers call about: no supply during outages, voltage where transformers are full or feed back, and noise.

Names, telephone numbers and words are invented; they are personal, so the lake keeps them apart from the calls.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.assets import Fleet
from jobs.sample.condition import Condition
from jobs.sample.draws import YearDraws
from jobs.sample.entities import FIRST_NAMES, LAST_NAMES, STREETS
from jobs.sample.numbering import in_order
from jobs.sample.seeds import generator
from jobs.sample.years import DAY_S, HOUR_S, NEW_YEAR, Floats, Seconds, instants, seconds_of

_CALLS_PER_CUSTOMER_HOUR, _CALLING_HOURS = 0.006, 4.0
_PLANNED_CALLS = 0.2  # as many as in an outage that was not announced
_VOLTAGE_A_YEAR, _VOLTAGE_RISE, _USUAL_UTILISATION = 0.008, 3.0, 0.5
_NOISE_A_YEAR, _NOISE_RISE = 0.0015, 2.0
_WINTER_DAY, _WINTER_DAYS, _EVENING_S, _EVENING_SPREAD_S = 20, 45, 17 * HOUR_S, 2 * HOUR_S
_WORDS = {
    "NOSUP": ("the lights went out and the whole street is dark", "no power again, when will it be back",
              "the freezer has been off since the power failed", "the lift stands still, there is no electricity"),
    "LOWV": ("the lamps get dim every evening when people cook", "the heat pump switches off, your voltage is too low",
             "the charger gives up between five and eight o'clock"),
    "FLICK": ("the light flickers whenever the neighbour's saw runs", "lamps flicker, two have burnt out this month"),
    "NOISE": ("the transformer beside the house hums louder each week", "a crackling from the station keeps us awake"),
}  # fmt: skip


def calls(fleet: Fleet, condition: Condition, outage: pd.DataFrame, plan: pd.DataFrame, seed: int) -> pd.DataFrame:
    """``number, called_utc, premise, position, reason, caller, telephone, said`` in order of time.

    Parameters
    ----------
    outage
        As of `fleet_outages`, those of metered days among them.
    plan
        Usage points: a call from a metered position names the premise.
    """
    together = pd.concat([_in_outages(fleet, outage, seed), _of_voltage(condition, seed), _of_noise(condition, seed)])
    found = in_order(together, ["at", "position", "reason"], "C")
    place = fleet.position.iloc[found["position"]]
    return pd.DataFrame(
        {
            "number": found["number"],
            "called_utc": instants(found["at"].to_numpy()),
            "premise": _premises(place["network"].to_numpy(), plan, seed),
            "position": place["transformer"].to_numpy(),
            "reason": found["reason"],
            **_words(found["reason"], seed),
        }
    )


def _calls(position: NDArray[np.int64], at: Seconds, reason: str | NDArray[np.str_]) -> pd.DataFrame:
    return pd.DataFrame({"position": position, "at": at // 60 * 60, "reason": reason})


def _in_outages(fleet: Fleet, outage: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = generator(seed, "calls in outages")
    begin, end = seconds_of(outage["from_utc"]), seconds_of(outage["to_utc"])
    hours = np.minimum((end - begin) / HOUR_S, _CALLING_HOURS)
    expected = outage["customers"].to_numpy() * hours * _CALLS_PER_CUSTOMER_HOUR
    number = rng.poisson(expected * np.where(outage["planned"], _PLANNED_CALLS, 1))
    of = np.repeat(np.arange(len(outage)), number)
    at = begin[of] + (rng.random(len(of)) * hours[of] * HOUR_S).astype(np.int64)
    return _calls(fleet.rows_of(outage["position"])[of], at, "NOSUP")


def _of_voltage(condition: Condition, seed: int) -> pd.DataFrame:
    """More where the transformer is full, on winter evenings."""
    draws = YearDraws(len(condition.utilisation), seed)
    rate = _VOLTAGE_A_YEAR * np.exp(_VOLTAGE_RISE * (condition.utilisation - _USUAL_UTILISATION))
    position, year = np.nonzero(draws.random("voltage call") < rate[:, np.newaxis])
    cell = (position, year)
    day = np.rint(_WINTER_DAY + _WINTER_DAYS * draws.normal("voltage day")[cell]).astype(np.int64) % 365
    evening = (_EVENING_S + _EVENING_SPREAD_S * draws.normal("voltage hour")[cell]).astype(np.int64)
    reason = np.where(draws.random("voltage reason")[cell] < 0.7, "LOWV", "FLICK")
    return _calls(position, NEW_YEAR[year] + day * DAY_S + np.clip(evening, 0, DAY_S - 1), reason)


def _of_noise(condition: Condition, seed: int) -> pd.DataFrame:
    """More of units that are worn."""
    draws = YearDraws(len(condition.utilisation), seed)
    when = NEW_YEAR[:-1] + (draws.random("noise at") * 365 * DAY_S).astype(np.int64)
    unit, at, cell = condition.due(when, np.ones(when.shape, bool))
    called = draws.random("noise call")[cell] < _NOISE_A_YEAR * np.exp(_NOISE_RISE * condition.wear(unit, at))
    return _calls(cell[0][called], at[called], "NOISE")


def _premises(network: NDArray[np.object_], plan: pd.DataFrame, seed: int) -> pd.Series:
    """One of the usage points behind a metered position; elsewhere None: the caller is in another system."""
    low = plan[plan["supply_level"] == "lv"].sort_values(["network", "usage_point"])
    of = low.groupby("network").size()
    first = of.cumsum() - of
    known = pd.Series(network).map(of)
    pick = (generator(seed, "call premise").random(len(network)) * known.fillna(0)).astype(int)
    row = pd.Series(network).map(first).fillna(0).astype(int) + pick
    return pd.Series(low["usage_point"].to_numpy()[row]).where(known.notna())


def _words(reason: pd.Series, seed: int) -> dict[str, pd.Series]:
    rng = generator(seed, "call words")
    n = len(reason)

    def one_of(names: tuple[str, ...]) -> pd.Series:
        return pd.Series(np.array(names, object)[rng.integers(0, len(names), n)])

    first, last, street = one_of(FIRST_NAMES), one_of(LAST_NAMES), one_of(STREETS)
    house, number = (pd.Series(rng.integers(1, high, n)) for high in (120, 1_000_000))
    drawn: Floats = rng.random(n)
    said = pd.Series("", reason.index, dtype=object)
    for name, words in _WORDS.items():
        of = reason == name
        said[of] = np.array(words, object)[(drawn[of] * len(words)).astype(int)]
    caller = first + " " + last
    text = caller + ", " + street + " " + house.astype(str) + ": " + said
    return {"caller": caller, "telephone": "0000-" + number.map("{:06}".format), "said": text}
