"""The load profile kernel alone: against the best NumPy found and a plain loop, for the same sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.load_profile import CHANNELS, PLANES, Blocks, Integers, add_blocks, summarise_blocks, sums_of_no_blocks
from tests.bench.data import day_of_blocks
from tests.bench.timing import measured
from tests.reference.load_profile import Block, profile

LOOP_BLOCKS = 200
FEEDERS = 8
SLOTS = 96


def run(readings: int) -> list[dict[str, Any]]:
    """Time each way to the sums of ``readings`` readings by feeder; raises where they disagree."""
    blocks, group = _inputs(max(FEEDERS, readings // SLOTS))
    np.testing.assert_array_equal(_numpy(blocks, group), _kernel(blocks, group))
    few = _plain(blocks)
    return [
        measured("load_profile kernel", len(blocks.reading), lambda: _kernel(blocks, group)),
        measured("load_profile numpy", len(blocks.reading), lambda: _numpy(blocks, group)),
        measured("load_profile python loop", len(few) * SLOTS, lambda: profile(few, 15, 0.95)),
        measured(
            "block summaries kernel",
            len(blocks.reading),
            lambda: summarise_blocks(blocks.start, blocks.reading, blocks.quality),
        ),
    ]


def _inputs(number: int) -> tuple[Blocks, Any]:
    batches = list(day_of_blocks(number, FEEDERS, day=0, seed=1))

    def joined(name: str) -> Any:
        return np.concatenate([batch.column(name).to_numpy(zero_copy_only=False) for batch in batches])

    blocks = Blocks(
        channel=np.array([CHANNELS.index(name) for name in joined("channel")], np.int8),
        interval_minutes=joined("interval_minutes"),
        start=np.arange(number + 1, dtype=np.int32) * SLOTS,
        reading=np.concatenate([batch.column("reading").flatten().to_numpy() for batch in batches]),
        quality=np.concatenate([batch.column("reading_quality").flatten().to_numpy() for batch in batches]),
        counts_as_meter=joined("counts_as_meter"),
        reactive_metered=joined("reactive_metered"),
    )
    return blocks, np.array([int(name[1:]) for name in joined("feeder_id")], np.int32)


def _kernel(blocks: Blocks, group: Any) -> Integers:
    sums = sums_of_no_blocks(FEEDERS, profile_minutes=15)
    add_blocks(sums, group, blocks, profile_minutes=15)
    seen = sums[:, 5 * SLOTS : 6 * SLOTS]
    seen_all_day = sums[:, len(PLANES) * SLOTS + 1]  # what is kept once a day where nothing is missing or estimated
    seen += seen_all_day[:, None]
    seen_all_day[:] = 0
    return sums


def _numpy(blocks: Blocks, group: Any) -> Integers:
    """The same of quarter-hours, group by group: sums down the columns of the group's rows of each channel."""
    reading, quality = blocks.reading.reshape(-1, SLOTS), blocks.quality.reshape(-1, SLOTS)
    planes, totals = np.zeros((FEEDERS, len(PLANES), SLOTS), np.int64), np.zeros((FEEDERS, 5), np.int64)
    for number in range(FEEDERS):
        mine = group == number
        for channel, sign in ((0, 1), (1, -1), (2, 1), (3, -1)):
            rows = np.flatnonzero(mine & (blocks.channel == channel))
            energy, code = reading[rows], quality[rows]  # 0 where missing, as silver says
            down = energy.sum(axis=0, dtype=np.int64)
            if channel > 1:
                planes[number, 2] += sign * down
                continue
            planes[number, channel] += down
            planes[number, 3] += sign * energy[blocks.reactive_metered[rows]].sum(axis=0, dtype=np.int64)
            planes[number, 4] += np.where(code >= 4, np.abs(energy), 0).sum(axis=0, dtype=np.int64)
            planes[number, 7 + channel] += energy[blocks.interval_minutes[rows] != 15].sum(axis=0, dtype=np.int64)
            totals[number, 4] -= np.minimum(energy, 0).sum(dtype=np.int64)
        counts = mine & blocks.counts_as_meter
        code = quality[counts]
        planes[number, 5], planes[number, 6] = (code < 3).sum(axis=0), (code > 3).sum(axis=0)
        totals[number, 0], totals[number, 2] = counts.sum(), mine.sum()
        totals[number, 3] = (mine & (blocks.interval_minutes != 15)).sum()
    return np.concatenate([planes.reshape(FEEDERS, -1), totals], axis=1)


def _plain(blocks: Blocks) -> list[Block]:
    spans = [slice(at * SLOTS, (at + 1) * SLOTS) for at in range(min(LOOP_BLOCKS, len(blocks.channel)))]
    return [
        Block(
            CHANNELS[blocks.channel[row]],
            15,
            blocks.reading[span].tolist(),
            blocks.quality[span].tolist(),
            bool(blocks.counts_as_meter[row]),
            bool(blocks.reactive_metered[row]),
        )
        for row, span in enumerate(spans)
    ]
