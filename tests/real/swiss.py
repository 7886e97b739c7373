"""The 537 Swiss meters as blocks, judged by the rules as the lake judges them, but without Spark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.span import Span
from kernels.block_rules import DEMAND
from tests.judging import Channels, judge
from tests.real.swiss_drop import READS

FIRST_DAY = np.datetime64("2018-10-29")
SPAN = Span(date(2018, 10, 29), date(2018, 12, 17))
DAYS, SLOTS = len(SPAN), 96
NEGATIVE = "9717902"
"""The meter with the negative reads and the catch-up."""


@dataclass(frozen=True)
class Homes:
    """Reads in kWh, (meters, days, 96); NaN where a fault took the read."""

    meter: NDArray[np.str_]
    kwh: NDArray[np.float64]

    def only(self, chosen: NDArray[np.bool_]) -> Homes:
        return Homes(self.meter[chosen], self.kwh[chosen])

    def copy(self, number: int) -> Homes:
        """The same reads of other meters."""
        return Homes(np.array([f"{number}/{meter}" for meter in self.meter]), self.kwh)

    @property
    def sound(self) -> NDArray[np.bool_]:
        """The meters that are not zero throughout, not below zero, and without a read of 10 kWh or more."""
        return ~((self.kwh == 0).all(axis=(1, 2)) | (self.kwh >= 10).any(axis=(1, 2)) | (self.meter == NEGATIVE))


def read_homes(folder: Path) -> Homes:
    rows = pd.read_parquet(folder / READS).sort_values(["meter_id", "interval_start_local"])
    meter = rows["meter_id"].astype(str).unique()
    return Homes(np.array(meter), rows["kwh"].to_numpy().reshape(len(meter), DAYS, SLOTS))


@dataclass(frozen=True)
class Found:
    """The findings of all meters.

    Parameters
    ----------
    table
        ``home, day, rule, slot, slots``: number of the meter and of the day; the slot may be negative.
    """

    homes: Homes
    table: pd.DataFrame

    @property
    def start(self) -> NDArray[np.int64]:
        """First channel-interval of each finding, counted over all homes and days."""
        start: NDArray[np.int64] = ((self.table["home"] * DAYS + self.table["day"]) * SLOTS + self.table["slot"]).array
        return np.asarray(start)

    @property
    def flagged(self) -> NDArray[np.bool_]:
        """(meters, days, 96): any rule but ``missing`` named the read."""
        named = np.zeros(self.homes.kwh.size, bool)
        for start, slots, rule in zip(self.start, self.table["slots"], self.table["rule"], strict=True):
            if rule != "missing":
                named[start : start + slots] = True
        return named.reshape(self.homes.kwh.shape)


def judged(
    homes: Homes,
    *,
    judging_weeks: int | None = None,
    register: NDArray[np.float64] | None = None,
    first: date = SPAN.first,
) -> Found:
    """Findings of all rules, with the thresholds of a household, each transformer live throughout.

    Parameters
    ----------
    judging_weeks
        Weeks of history after which a rule may judge; None: as configured.
    register
        (meters, days): what a register counted, Wh; NaN where it was not read.
    first
        Day that the first day of the reads is taken for.
    """
    meters = len(homes.kwh)
    channels = Channels(
        Span(first, first + timedelta(days=DAYS)),
        np.rint(np.nan_to_num(homes.kwh) * 1000).astype(np.int32),
        np.isnan(homes.kwh),
        np.full(meters, "household"),
        np.full(meters, DEMAND, np.int8),
        np.full(meters, np.nan),
        np.full((meters, DAYS), np.nan) if register is None else register,
    )
    found = judge(channels, judging_weeks=judging_weeks).findings
    return Found(homes, found.rename(columns={"channel": "home"}))
