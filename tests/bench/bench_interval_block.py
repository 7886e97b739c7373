"""Packing and validation of day blocks: the kernels, the best NumPy found for three of the rules, and plain loops."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.settings import read_settings
from kernels.block_pack import pack
from kernels.block_rules import Baseline, Blocks, mean_kw, no_baseline, validate
from tests.bench.timing import measured
from tests.reference import block_rules as reference

DAYS = 30
LOOP_BLOCKS = 60


def run(readings: int) -> list[dict[str, Any]]:
    """Time each way over about `readings` readings of households; all on one core.

    The NumPy case is handicapped in our disfavour: it finds negative reads, reads above the limit and spikes only, by
    sorting the three highest of each day, and estimates nothing.
    """
    channels = max(readings // (96 * DAYS), 1)
    blocks, baseline = _inputs(channels)
    thresholds = read_settings().validation.thresholds()
    pieces = _pieces(blocks)
    few = replace(blocks, judged=np.where(np.arange(len(blocks.judged)) < LOOP_BLOCKS, 1, 0).astype(np.uint8))
    count = len(blocks.reading)
    without = no_baseline(len(blocks.judged))
    return [
        measured("interval_block pack kernel", count, lambda: pack(**pieces, default_interval_minutes=15)),
        measured(
            "interval_block validate kernel", count, lambda: validate(blocks, without, thresholds, linear_minutes=120)
        ),
        measured(
            "interval_block validate kernel with history", count,
            lambda: validate(blocks, baseline, thresholds, linear_minutes=120),
        ),
        measured("interval_block numpy, three rules only", count, lambda: _numpy(blocks)),
        measured("interval_block python loop", 96 * LOOP_BLOCKS, lambda: _loop(few)),
    ]  # fmt: skip


def _inputs(channels: int) -> tuple[Blocks, Baseline]:
    random = np.random.default_rng(1)
    shape = (channels, DAYS, 96)
    reading = random.integers(10, 60, (channels, 1, 1)) + random.exponential(100, shape) * (random.random(shape) < 0.6)
    quality = np.where(random.random(shape) < 0.001, 3, 0).astype(np.int8)
    whole = np.where(quality == 3, 0, reading).astype(np.int32)
    rows, interval = channels * DAYS, np.full(channels * DAYS, 15, np.int32)
    key = np.repeat(np.arange(channels, dtype=np.int64), DAYS)
    blocks = Blocks(
        whole.reshape(-1), quality.reshape(-1), np.arange(rows + 1, dtype=np.int64) * 96, key,
        np.tile(np.arange(DAYS, dtype=np.int32), channels), interval, np.ones(rows, np.uint8), np.zeros(rows, np.int32),
        np.full(rows, np.nan), mean_kw(whole.reshape(rows, 96).sum(axis=1), np.full(rows, 96), interval),
        np.zeros(rows, np.int8), np.full((rows, 2), (1 << 48) - 1), np.full(rows, np.nan),
    )  # fmt: skip
    usual = (np.quantile(whole, one, axis=1).astype(np.int32).reshape(-1) for one in (0.5, 0.05, 0.95))
    baseline = Baseline(
        np.repeat(key[:, None], 3, axis=1).astype(np.int32), np.arange(channels + 1, dtype=np.int64) * 96, *usual,
        np.stack([whole.sum(axis=2).min(axis=1), whole.sum(axis=2).max(axis=1)], axis=1).astype(np.int32),
        np.zeros(rows, np.int32), np.arange(96, dtype=np.int32)[None],
    )  # fmt: skip
    return blocks, baseline


def _pieces(blocks: Blocks) -> dict[str, Any]:
    rows = len(blocks.judged)
    return {
        "value": np.where(blocks.reading_quality == 3, np.nan, blocks.reading / 1000.0), "offset": blocks.offset,
        "estimated": np.zeros(0, np.uint8), "estimated_offset": np.zeros(rows + 1, np.int64),
        "first_minute": np.zeros(rows, np.int32), "interval_minutes": blocks.interval_minutes,
        "factor": np.full(rows, 1000.0),
        "version": np.ones(rows, np.int64), "refused": np.zeros(rows, np.uint8),
        "key_start": np.arange(rows + 1),
    }  # fmt: skip


def _numpy(blocks: Blocks) -> NDArray[np.bool_]:
    day = blocks.reading.reshape(-1, 96)
    third = np.partition(day, 93, axis=1)[:, 93:94]
    bad: NDArray[np.bool_] = (
        (day < 0) | (day > 31250) | ((day > 5 * third) & (day > 1250)) | (blocks.reading_quality.reshape(-1, 96) == 3)
    )
    return bad


def _loop(blocks: Blocks) -> None:
    settings = read_settings().validation.classes["household"].model_dump()
    days = [
        reference.Day(int(blocks.day[row]), [int(one) for one in blocks.reading[96 * row : 96 * row + 96]])
        for row in np.flatnonzero(blocks.judged)
    ]
    for first in range(0, len(days), DAYS):
        reference.validate(days[first : first + DAYS], settings, 120)
