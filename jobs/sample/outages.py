"""Outages of transformers: everything behind them is dark, and that is no fault of a meter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from jobs.sample.delivered import BlockReport
from jobs.sample.loads import Day
from jobs.sample.metering import midnight_utc
from jobs.sample.seeds import generator
from jobs.sample.simbench import SLOTS

_PER_TRANSFORMER_DAY = 0.3 / 366  # about what a German low-voltage customer sees in a year, planned and unplanned
_REPLACED_AFTER_SLOTS = 36  # nine hours


@dataclass(frozen=True)
class Outage:
    """One transformer without voltage, whole quarter-hours of a grid day."""

    network: str
    day: date
    first_slot: int
    slots: int


def outages_on(networks: list[str], failures: list[tuple[str, datetime]], seed: int, day: date) -> list[Outage]:
    """The outages of a grid day: short ones, and those of failed units until they are replaced."""
    rng = generator(seed, "outage", day)
    hit = np.flatnonzero(rng.random(len(networks)) < _PER_TRANSFORMER_DAY)
    found = []
    for network, failed in failures:
        first = int((failed - midnight_utc(day)).total_seconds() // 900)
        if -_REPLACED_AFTER_SLOTS < first < SLOTS:
            last = min(first + _REPLACED_AFTER_SLOTS, SLOTS)
            found.append(Outage(network, day, max(first, 0), last - max(first, 0)))
    for at in hit:
        slots = int(np.clip(rng.lognormal(np.log(6), 0.8), 1, 32))
        found.append(Outage(networks[at], day, int(rng.integers(0, SLOTS - slots + 1)), slots))
    return found


def darkened(true: Day, plan: pd.DataFrame, outages: list[Outage]) -> Day:
    """The day with no power behind the transformers that were out."""
    for outage in outages:
        rows = np.flatnonzero(plan["network"] == outage.network)
        slots = slice(outage.first_slot, outage.first_slot + outage.slots)
        true.net_kw[rows, slots] = 0
        true.reactive_kvar[rows, slots] = 0
    return true


def outage_records(reports: list[BlockReport], position: pd.DataFrame) -> pd.DataFrame:
    """The outages as the control room records them: by transformer position, an outage over midnight twice."""
    names = ["network", "grid_date", "first_slot", "slots"]
    found = pd.DataFrame([row for report in reports for row in report.outages], columns=names)
    midnight = pd.to_datetime([midnight_utc(day) for day in found["grid_date"]], utc=True)
    begin = midnight + pd.to_timedelta(found["first_slot"].astype(int).to_numpy() * 15, unit="min")
    place = position.set_index("network").reindex(found["network"])
    return pd.DataFrame(
        {
            "number": [f"{at:%Y%m%d%H%M}-{network}" for at, network in zip(begin, found["network"], strict=True)],
            "position": place["transformer"].to_numpy(),
            "from_utc": begin,
            "to_utc": begin + pd.to_timedelta(found["slots"].astype(int).to_numpy() * 15, unit="min"),
            "cause": "not recorded",
            "planned": False,
            "customers": place["customers"].to_numpy(),
        }
    )
