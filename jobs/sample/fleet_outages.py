"""The control room's years of outages: failed units, replacements as planned, and faults of the network itself.

A fault of the network takes a run of neighbouring positions at once; a quarter of all faults happen on a few stormy
days a year. The metered positions' outages of the year with readings are those of `jobs.sample.outages`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.assets import Fleet
from jobs.sample.numbering import in_order
from jobs.sample.seeds import generator
from jobs.sample.years import DAY_S, HOUR_S, NEW_YEAR, YEARS, Seconds, in_working_hours, instants, seconds_of

_FAULTS_A_POSITION_YEAR = 0.06  # outages; each fault takes some positions at once
_POSITIONS_A_FAULT = 12
_STORM_DAYS_A_YEAR, _STORM_SHARE = 4, 0.25
_FAULT_CAUSES = np.array(["tree", "weather", "digging", "switchgear", "unknown"])
_FAULT_SHARES, _STORM_SHARES = (0.15, 0.2, 0.3, 0.2, 0.15), (0.5, 0.45, 0.0, 0.03, 0.02)
_MEDIAN_S, _SPREAD, _LEAST_S, _LONGEST_S = 55 * 60, 0.9, 3 * 60, 16 * HOUR_S
_FAILED_SHARE, _FAILED_S = (0.3, 1.0), 9 * HOUR_S  # of the time until a new unit stands: a mobile set may be sooner
_PLANNED_S = (2 * HOUR_S, 4 * HOUR_S)


def fleet_outages(fleet: Fleet, seed: int) -> pd.DataFrame:
    """``number, position, from_utc, to_utc, cause, planned, customers`` of 2001 to 2016."""
    rows = pd.concat([_of_units(fleet, seed), _of_network(fleet, seed)])
    metered = fleet.position["network"].notna().to_numpy()[rows["position"]]
    rows = rows[~(metered & (rows["end"] > NEW_YEAR[-2]))]
    rows = in_order(rows[rows["begin"] < NEW_YEAR[-1]], ["begin", "position"], "D")
    place = fleet.position.iloc[rows["position"]]
    return pd.DataFrame(
        {
            "number": rows["number"],
            "position": place["transformer"].to_numpy(),
            "from_utc": instants(rows["begin"].to_numpy()),
            "to_utc": instants(rows["end"].to_numpy()),
            "cause": rows["cause"],
            "planned": rows["cause"] == "planned work",
            "customers": place["customers"].to_numpy(int),
        }
    )


def _outages(position: np.ndarray, begin: Seconds, lasts: np.ndarray, cause: str | np.ndarray) -> pd.DataFrame:
    end = begin + lasts.astype(np.int64) // 60 * 60
    return pd.DataFrame({"position": position, "begin": begin, "end": end, "cause": cause})


def _of_units(fleet: Fleet, seed: int) -> pd.DataFrame:
    left = fleet.deployment[fleet.deployment["why"].notna()]
    position = fleet.rows_of(left["position"])
    failed = (left["why"] == "failed").to_numpy()
    share = generator(seed, "outage of unit").random(len(left))
    low, high = _FAILED_SHARE
    shortest, longest = _PLANNED_S
    lasts = np.where(failed, (low + share * (high - low)) * _FAILED_S, shortest + share * (longest - shortest))
    return _outages(position, seconds_of(left["to_utc"]), lasts, np.where(failed, "transformer", "planned work"))


def _of_network(fleet: Fleet, seed: int) -> pd.DataFrame:
    """Faults, each of a run of positions of one district, all out and back together."""
    rng = generator(seed, "faults")
    position = fleet.position
    by_area = np.lexsort((position["y"], position["x"], position["area"]))
    area = position["area"].to_numpy()[by_area]
    faults = rng.poisson(len(position) * len(YEARS) * _FAULTS_A_POSITION_YEAR / _POSITIONS_A_FAULT)
    year = rng.integers(0, len(YEARS), faults)
    storm = rng.random(faults) < _STORM_SHARE
    storm_day = rng.integers(0, 365, (len(YEARS), _STORM_DAYS_A_YEAR))
    day = np.where(storm, storm_day[year, rng.integers(0, _STORM_DAYS_A_YEAR, faults)], rng.integers(0, 365, faults))
    begin = NEW_YEAR[year] + day * DAY_S + rng.integers(0, DAY_S, faults)
    drawn = rng.random(faults)
    cause = np.where(
        storm, *(np.searchsorted(np.cumsum(s)[:-1], drawn, "right") for s in (_STORM_SHARES, _FAULT_SHARES))
    )
    digging = _FAULT_CAUSES[cause] == "digging"
    begin = np.where(digging, in_working_hours(begin, rng.random(faults)), begin)
    lasts = np.clip(_MEDIAN_S * np.exp(_SPREAD * rng.normal(size=faults)) * (1 + storm), _LEAST_S, _LONGEST_S)
    first, taken = rng.integers(0, len(position), faults), rng.integers(1, 2 * _POSITIONS_A_FAULT, faults)
    fault = np.repeat(np.arange(faults), taken)
    place = np.arange(len(fault)) - np.repeat(np.cumsum(taken) - taken, taken) + first[fault]
    within = (place < len(position)) & (area[np.minimum(place, len(position) - 1)] == area[first[fault]])
    fault, place = fault[within], place[within]
    return _outages(by_area[place], begin[fault], lasts[fault], _FAULT_CAUSES[cause[fault]])
