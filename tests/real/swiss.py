"""The 537 Swiss meters as blocks, judged by the rules as the lake judges them, but without Spark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.columns import CUSTOMER_CLASSES
from jobs.settings import read_settings
from jobs.silver.block_validation import DAYS_A_WEEK
from jobs.silver.local_clock import local_quarters
from jobs.silver.usage_point_baseline import EPOCH, history
from jobs.silver.validation import ValidationSettings
from jobs.span import Span
from kernels import quality as q
from kernels.baseline import baselines
from kernels.block_rules import RULES, Baseline, Blocks, mean_kw, no_baseline, validate
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


def judged(homes: Homes, *, judging_weeks: int | None = None, register: NDArray[np.float64] | None = None) -> Found:
    """Findings of all rules, with the thresholds of a household, which are fixed in conf/base.yaml.

    Parameters
    ----------
    judging_weeks
        Weeks of history after which a rule may judge; None: as configured.
    register
        (meters, days): what a register counted, Wh; NaN where it was not read.
    """
    settings = ValidationSettings.model_validate(read_settings().validation)
    blocks = _blocks(homes, register)
    plain = validate(
        blocks, no_baseline(len(blocks.day)), settings.thresholds(), linear_minutes=settings.linear_minutes
    )
    weeks = judging_weeks or settings.baseline_judging_weeks
    usual = _baseline(blocks, plain.reading_quality, len(homes.meter), settings, weeks)
    found = validate(blocks, usual, settings.thresholds(), linear_minutes=settings.linear_minutes).findings
    columns = {
        "home": found.block // DAYS,
        "day": found.block % DAYS,
        "rule": np.array(RULES)[found.rule],
        "slot": found.first_slot,
        "slots": found.slots,
    }
    return Found(homes, pd.DataFrame(columns))


def _blocks(homes: Homes, register: NDArray[np.float64] | None) -> Blocks:
    """All days of all meters, each transformer live throughout."""
    kwh = homes.kwh.reshape(-1, SLOTS)
    missing = np.isnan(kwh)
    reading = np.rint(np.nan_to_num(kwh) * 1000).astype(np.int32)
    rows = len(kwh)
    interval = np.full(rows, 15, np.int32)
    return Blocks(
        reading=reading.reshape(-1),
        reading_quality=np.where(missing, q.MISSING, q.VALID).astype(np.int8).reshape(-1),
        offset=np.arange(rows + 1, dtype=np.int64) * SLOTS,
        key=np.repeat(np.arange(rows // DAYS), DAYS),
        day=np.tile(np.arange(DAYS, dtype=np.int32), rows // DAYS) + np.int32((SPAN.first - EPOCH).days),
        interval_minutes=interval,
        judged=np.ones(rows, np.uint8),
        of_class=np.full(rows, list(CUSTOMER_CLASSES).index("household"), np.int32),
        limit_kw=np.full(rows, np.nan),
        mean_kw=mean_kw(reading.sum(axis=1, dtype=np.int64), SLOTS - missing.sum(axis=1), interval),
        nature=np.zeros(rows, np.int8),
        live=np.full((rows, 2), (1 << 48) - 1),
        register=np.full(rows, np.nan) if register is None else register.reshape(-1),
    )


def _baseline(
    blocks: Blocks, quality: NDArray[np.int8], homes: int, settings: ValidationSettings, weeks: int
) -> Baseline:
    """Of each month, from the days that precede it; here only December has any."""
    clock = local_quarters(SPAN, read_settings().grid_time)
    date_index = blocks.day - blocks.day[0]
    windows = [((history(month).first - EPOCH).days, (history(month).end - EPOCH).days) for month in SPAN.months]
    made = baselines(
        reading=blocks.reading,
        usable=np.isin(quality, (q.VALID, q.SUSPECT)).astype(np.uint8),
        offset=blocks.offset,
        day=blocks.day,
        interval_minutes=blocks.interval_minutes,
        date_index=date_index,
        local=clock,
        key_start=np.arange(homes + 1) * DAYS,
        windows=windows,
        quantile=settings.baseline_quantile,
    )
    month = np.array([SPAN.months.index(day.replace(day=1)) for day in SPAN])[date_index]

    def rows(enough: NDArray[np.bool_]) -> NDArray[np.int32]:
        row = np.full((homes, len(windows), len(DAYS_A_WEEK)), -1, np.int32)
        chosen = np.flatnonzero(enough)
        row[made.key[chosen], made.window[chosen], made.day_type[chosen]] = chosen
        of_block: NDArray[np.int32] = row[blocks.key, month]
        return of_block

    return Baseline(
        row=rows(made.days >= settings.baseline_min_days),
        offset=made.offset,
        typical=made.typical,
        low=made.low,
        high=made.high,
        day_total=np.stack([made.day_low, made.day_high], axis=1),
        date_index=date_index,
        local=clock,
        judging_row=rows(made.days >= weeks * DAYS_A_WEEK[made.day_type]),
    )
