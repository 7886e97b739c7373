"""Day blocks validated by numbered rules, and estimated where a read does not stand.

Rows are blocks, those of one channel (*key*) next to each other and in order of day. Values are whole units
(Wh, varh) an interval; powers are kW (kvar). A slot is an interval of the grid day, from 0.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kernels import _block_estimate, _block_flags, _block_levels, _block_rules, _block_usual

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.uint8]
Codes: TypeAlias = NDArray[np.int8]

RULES: Final = (
    "missing", "negative", "above_limit", "spike", "catch_up", "high", "low", "level_change", "flat_run",
    "zero_run", "zero_day", "register_difference", "clock_drift",
)  # fmt: skip
"""In the order of the codes of `Findings.rule`."""

THRESHOLDS: Final = (
    "limit_kw", "limit_margin", "spike_ratio", "spike_min_kw", "catch_up_minutes", "catch_up_range", "catch_up_ratio",
    "high_ratio", "high_day_ratio", "high_quiet_ratio", "low_ratio", "low_day_ratio", "low_min_kw",
    "level_rise_ratio", "level_fall_ratio", "level_deviations", "level_min_kw", "flat_minutes", "flat_min_kw",
    "zero_minutes", "zero_day", "register_share", "drift_course", "drift_correlation", "drift_factor",
)  # fmt: skip
"""In the order of the columns of `validate`'s thresholds."""


DEMAND: Final = 0
"""Active energy taken from the grid where none is fed in: people and machines, whose past tells what is usual."""
FEED_IN: Final = 1
"""Active energy of a place that feeds in, either way: sun and wind make zeros, peaks and days of any level."""
REACTIVE: Final = 2
"""Reactive energy, which compensation switches and idle machines hold constant."""
OF_DEMAND: Final = ("spike", "high", "low", "level_change", "zero_run", "zero_day", "clock_drift")
"""Rules that judge by what is usual."""
OF_ACTIVE: Final = ("flat_run",)


@dataclass(frozen=True)
class Blocks:
    """Blocks to judge, and those beside them that only help to judge.

    Block r is ``reading[offset[r]:offset[r + 1]]``, of ``1440 / interval_minutes[r]`` slots, or none where only its
    `mean_kw` is known.
    """

    reading: Ints
    reading_quality: Codes
    """`kernels.quality`, as received."""
    offset: Longs
    key: Longs
    """Number of the channel; equal keys are adjacent."""
    day: Ints
    """Grid day, as a number of days; rising within a key."""
    interval_minutes: Ints
    judged: Flags
    """1 where rules apply. A day is judged right only beside the reads of the two days before and after it."""
    of_class: Ints
    """Row of the thresholds."""
    limit_kw: Floats
    """Limit of the connection; NaN: the threshold of the class holds."""
    mean_kw: Floats
    """Mean of what was received; NaN where less than 80 % of the day was."""
    nature: Codes
    """What moves the channel: `DEMAND`, `FEED_IN` or `REACTIVE`."""
    live: Longs
    """(blocks, 2): bit i set where the transformer was live in quarter-hour i of the day's halves."""
    register: Floats
    """What the register counted over the day; NaN where it was not read."""


@dataclass(frozen=True)
class Baseline:
    """What is usual for each channel, and how the clock on the wall stands to the grid's."""

    row: Ints
    """(blocks, 3): row of the baseline for each day type, -1 where the block has none."""
    offset: Longs
    typical: Ints
    low: Ints
    high: Ints
    day_total: Ints
    """(rows, 2): lowest and highest total of a day."""
    date_index: Ints
    """(blocks,): row of `local`."""
    local: Ints
    """(days, 96): day type x 96 + local quarter-hour, for each quarter-hour of the grid day."""
    judging_row: Ints | None = None
    """(blocks, 3): `row`, -1 where the history is long enough to estimate by, but not to judge by; None: `row`."""


@dataclass(frozen=True)
class Findings:
    """What the rules found, in order of block, first slot and rule."""

    block: Longs
    rule: Ints
    first_slot: Ints
    """Negative where the finding began the day before."""
    slots: Ints
    measured: Floats
    threshold: Floats


@dataclass(frozen=True)
class Validated:
    """Blocks as they stand after validation and estimation, flat as those that came in."""

    reading: Ints
    reading_quality: Codes
    findings: Findings
    not_run: Flags
    """(blocks, rules): 1 where a rule could not run for want of history or register reads, or does not judge such."""


def no_baseline(blocks: int) -> Baseline:
    """The baseline of channels without history."""
    none, no_values = np.zeros(1, np.int64), np.zeros(0, np.int32)
    of_block = np.zeros(blocks, np.int32)
    return Baseline(
        np.full((blocks, 3), -1, np.int32),
        none,
        no_values,
        no_values,
        no_values,
        np.zeros((0, 2), np.int32),
        of_block,
        np.zeros((1, 96), np.int32),
    )


def validate(blocks: Blocks, baseline: Baseline, thresholds: Floats, *, linear_minutes: float) -> Validated:
    """Blocks in which every slot is a read that stands, an estimate or marked as missing.

    Reads that are missing, negative, above the limit of the connection or a spike (more than ``spike_ratio`` times
    the third highest of the day) become estimates. A read that about equals what the gap or zero run before it
    lacked is spread over both in equal parts, the sum kept. All other rules mark reads as suspect and keep them.
    A gap of at most `linear_minutes` between two reads is filled by a straight line, another by the channel's usual
    day, times what brings it to the register's difference or to the day's other reads; without a usual day it
    stays missing. `jobs.silver.validation` says of each rule what it measures.

    Parameters
    ----------
    thresholds : (classes, THRESHOLDS). One row a customer class.
    linear_minutes : longest gap filled by a straight line.

    Raises
    ------
    ValueError : lengths do not agree, or a block's length is not that of its interval; names the first.

    Source
    ------
    The rules follow the usual VEE practice (validating, estimating, editing) of interval data; spike by the third
    highest read and linear estimates up to two hours as in the California VEE rules (Direct Access Standards for
    Metering and Meter Data, 1999).

    Examples
    --------
    >>> reading = np.full(96, 100, np.int32); reading[40], reading[60] = -5, 9000
    >>> one = np.zeros(1, np.int32)
    >>> blocks = Blocks(
    ...     reading, np.zeros(96, np.int8), np.array([0, 96]), one.astype(np.int64), one, one + 15,
    ...     np.ones(1, np.uint8), one, np.full(1, 15.0), np.full(1, np.nan), np.zeros(1, np.int8),
    ...     np.full((1, 2), -1), np.full(1, np.nan),
    ... )
    >>> limits = dict.fromkeys(THRESHOLDS, 1e9) | {"limit_margin": 1.25}
    >>> done = validate(blocks, no_baseline(1), np.array([[limits[name] for name in THRESHOLDS]]), linear_minutes=120)
    >>> [RULES[rule] for rule in done.findings.rule], done.findings.first_slot.tolist(), done.reading[[40, 60]].tolist()
    (['negative', 'above_limit'], [40, 60], [100, 100])
    """
    thresholds = np.ascontiguousarray(thresholds, np.float64)
    _check(blocks, baseline, thresholds)
    rows = len(blocks.judged)
    judging = baseline.row if baseline.judging_row is None else baseline.judging_row
    room = 4 * rows + 1024
    while True:  # nearly always once: findings are few
        reading, quality = blocks.reading.copy(), blocks.reading_quality.copy()
        done = np.zeros(len(reading), np.int8)
        not_run = np.zeros((rows, len(RULES)), np.uint8)
        found = np.empty(room, np.int64), np.empty((room, 3), np.int32), np.empty((room, 2))
        zero_day = np.zeros(rows, np.uint8)
        kept = (done, quality, not_run)
        count = _block_rules.replace_reads(blocks, thresholds, reading, quality, done, *found)
        count += _block_flags.flag_reads(blocks, thresholds, *kept, *_from(found, count))
        count += _block_levels.flag_levels(blocks, thresholds, *kept, zero_day, *_from(found, count))
        count += _block_usual.flag_unusual(blocks, baseline, judging, thresholds, *kept, zero_day, *_from(found, count))
        if count <= room:
            break
        room = count
    _block_estimate.estimate_reads(blocks, baseline, done, float(linear_minutes), reading, quality)
    judged = blocks.judged != 0
    for names, of in ((OF_DEMAND, blocks.nature == DEMAND), (OF_ACTIVE, blocks.nature != REACTIVE)):
        not_run[np.ix_(judged & ~of, [RULES.index(name) for name in names])] = 1
    return Validated(reading, quality, _in_order(*found, count), not_run)


def _from(found: tuple[Longs, Ints, Floats], count: int) -> tuple[Longs, Ints, Floats]:
    """The room for findings after the first ``count``, of which there may be more than room was made for."""
    row, at, value = found
    return row[count:], at[count:], value[count:]


def _in_order(block: Longs, at: Ints, value: Floats, count: int) -> Findings:
    order = np.lexsort((at[:count, 0], at[:count, 1], block[:count]))
    at, value = at[order], value[order]
    return Findings(block[order], at[:, 0], at[:, 1], at[:, 2], value[:, 0], value[:, 1])


def mean_kw(total: NDArray[Any], received_intervals: NDArray[Any], interval_minutes: NDArray[Any]) -> Floats:
    """Mean power of what a day received; NaN where less than 80 % of its intervals were.

    >>> mean_kw(np.array([9600, 9600]), np.array([96, 76]), np.array([15, 15])).tolist()
    [0.4, nan]
    """
    minutes = received_intervals * interval_minutes
    enough = minutes >= 0.8 * 1440
    mean: Floats = np.where(enough, total * 0.06 / np.maximum(minutes, 1), np.nan)
    return mean


def _check(blocks: Blocks, baseline: Baseline, thresholds: Floats) -> None:
    rows = len(blocks.judged)
    lengths = {
        name: len(getattr(blocks, name))
        for name in (
            "key",
            "day",
            "interval_minutes",
            "of_class",
            "limit_kw",
            "mean_kw",
            "nature",
            "live",
            "register",
        )
    } | {
        "baseline.row": len(baseline.row),
        "baseline.judging_row": rows if baseline.judging_row is None else len(baseline.judging_row),
        "baseline.date_index": len(baseline.date_index),
        "offset": len(blocks.offset) - 1,
    }
    wrong = {name: length for name, length in lengths.items() if length != rows}
    if wrong or len(blocks.reading) != len(blocks.reading_quality) or thresholds.shape[1] != len(THRESHOLDS):
        raise ValueError(
            f"validate: {rows:,} blocks by judged, but found lengths {wrong}, {len(blocks.reading):,} readings, "
            f"{len(blocks.reading_quality):,} qualities, {thresholds.shape[1]} of {len(THRESHOLDS)} thresholds"
        )
    slots = np.diff(blocks.offset)
    unfit = np.flatnonzero((slots * blocks.interval_minutes != 1440) & ((slots != 0) | (blocks.judged != 0)))
    if len(unfit):
        first = unfit[0]
        raise ValueError(
            f"validate: {len(unfit):,} of {rows:,} blocks do not hold a day; first: block {first} has {slots[first]} "
            f"slots of {blocks.interval_minutes[first]} min"
        )
    outside = (blocks.of_class < 0) | (blocks.of_class >= len(thresholds))
    indexed = baseline.row.max(initial=-1) < len(baseline.offset) - 1 == len(
        baseline.day_total
    ) and baseline.date_index.max(initial=0) < len(baseline.local)
    if outside.any() or not indexed:
        raise ValueError(
            f"validate: {int(outside.sum()):,} of {rows:,} blocks name no class, or a baseline beyond its rows"
        )
