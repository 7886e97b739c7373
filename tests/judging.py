"""Channels of whole days judged as the lake judges them, baselines and all, but without Spark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.columns import CUSTOMER_CLASSES
from jobs.settings import read_settings
from jobs.silver.block_validation import judging_rows
from jobs.silver.local_clock import local_quarters
from jobs.silver.usage_point_baseline import DAY_TYPES, EPOCH, history, usable
from jobs.silver.validation import ValidationSettings
from jobs.span import Span
from kernels import quality as q
from kernels.baseline import baselines
from kernels.block_rules import RULES, Baseline, Blocks, mean_kw, no_baseline, validate

ALWAYS_LIVE = (1 << 48) - 1


@dataclass(frozen=True)
class Channels:
    """Reads of some channels on each day of a span.

    Parameters
    ----------
    reading, missing
        (channels, days, 96), Wh; the transformer of each is live throughout.
    register
        (channels, days): what a register counted, Wh; NaN where it was not read.
    """

    span: Span
    reading: NDArray[np.int32]
    missing: NDArray[np.bool_]
    customer_class: NDArray[np.str_]
    nature: NDArray[np.int8]
    limit_kw: NDArray[np.float64]
    register: NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """``channel, day, rule, slot, slots`` of each finding, and (channels, days, rules) which rules did not run."""

    findings: pd.DataFrame
    not_run: NDArray[np.bool_]


def judge(channels: Channels, *, judging_weeks: int | None = None) -> Judged:
    """Findings of all rules with the thresholds of conf/base.yaml.

    Parameters
    ----------
    judging_weeks
        Weeks of history after which a rule may judge; None: as configured.
    """
    blocks, usual = with_history(channels, judging_weeks=judging_weeks)
    settings = read_settings().validation
    result = validate(blocks, usual, settings.thresholds(), linear_minutes=settings.linear_minutes)
    found, days = result.findings, len(channels.span)
    columns = {
        "channel": found.block // days,
        "day": found.block % days,
        "rule": np.array(RULES)[found.rule],
        "slot": found.first_slot,
        "slots": found.slots,
    }
    return Judged(pd.DataFrame(columns), result.not_run.reshape(-1, days, len(RULES)) != 0)


def with_history(channels: Channels, *, judging_weeks: int | None = None) -> tuple[Blocks, Baseline]:
    """All days as blocks, and what is usual for each of them by the days before its month."""
    settings = read_settings().validation
    blocks = _blocks(channels)
    plain = validate(
        blocks, no_baseline(len(blocks.day)), settings.thresholds(), linear_minutes=settings.linear_minutes
    )
    weeks = judging_weeks or settings.baseline_judging_weeks
    return blocks, _baseline(blocks, plain.reading_quality, channels, settings, weeks)


def _blocks(channels: Channels) -> Blocks:
    number, days, slots = channels.reading.shape
    rows = number * days
    reading = np.where(channels.missing, 0, channels.reading).reshape(rows, slots)
    interval = np.full(rows, 15, np.int32)
    received = slots - channels.missing.sum(axis=2).reshape(rows)
    of_class = np.array([list(CUSTOMER_CLASSES).index(name) for name in channels.customer_class], np.int32)
    return Blocks(
        reading=reading.reshape(-1).astype(np.int32),
        reading_quality=np.where(channels.missing, q.MISSING, q.VALID).astype(np.int8).reshape(-1),
        offset=np.arange(rows + 1, dtype=np.int64) * slots,
        key=np.repeat(np.arange(number), days),
        day=np.tile(np.arange(days, dtype=np.int32), number) + np.int32((channels.span.first - EPOCH).days),
        interval_minutes=interval,
        judged=np.ones(rows, np.uint8),
        of_class=np.repeat(of_class, days),
        limit_kw=np.repeat(channels.limit_kw, days),
        mean_kw=mean_kw(reading.sum(axis=1, dtype=np.int64), received, interval),
        nature=np.repeat(channels.nature, days),
        live=np.full((rows, 2), ALWAYS_LIVE),
        register=channels.register.reshape(-1),
    )


def _baseline(
    blocks: Blocks, quality: NDArray[np.int8], channels: Channels, settings: ValidationSettings, weeks: int
) -> Baseline:
    """Of each month, from the days that precede it."""
    span, number = channels.span, len(channels.reading)
    clock = local_quarters(span, read_settings().grid_time)
    date_index = blocks.day - blocks.day[0]
    windows = [((history(month).first - EPOCH).days, (history(month).end - EPOCH).days) for month in span.months]
    made = baselines(
        reading=blocks.reading,
        usable=usable(quality),
        offset=blocks.offset,
        day=blocks.day,
        interval_minutes=blocks.interval_minutes,
        date_index=date_index,
        local=clock,
        key_start=np.arange(number + 1) * len(span),
        windows=windows,
        quantile=settings.baseline_quantile,
    )
    month = np.array([span.months.index(day.replace(day=1)) for day in span])[date_index]

    of_month = np.full((number, len(windows), len(DAY_TYPES)), -1, np.int32)
    known = np.flatnonzero(made.days >= settings.baseline_min_days)
    of_month[made.key[known], made.window[known], made.day_type[known]] = known
    row = of_month[blocks.key, month]
    return Baseline(
        row=row,
        offset=made.offset,
        typical=made.typical,
        low=made.low,
        high=made.high,
        day_total=np.stack([made.day_low, made.day_high], axis=1),
        date_index=date_index,
        local=clock,
        judging_row=judging_rows(row, made.days, weeks),
    )
