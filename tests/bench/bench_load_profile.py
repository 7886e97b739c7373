"""The load profile kernel alone: against the best NumPy found and a plain loop, for the same sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.load_profile import CHANNELS, Blocks, Integers, add_blocks, summarise_blocks, sums_of_no_blocks
from tests.bench.data import day_of_blocks
from tests.bench.timing import measured
from tests.reference.load_profile import Block, profile

LOOP_BLOCKS = 200
FEEDERS = 8
SLOTS = 96


def run(readings: int) -> list[dict[str, Any]]:
    """Time each way to the sums of ``readings`` readings by feeder; raises where they disagree."""
    blocks, group = _inputs(max(FEEDERS, readings // SLOTS))
    np.testing.assert_array_equal(_numpy(blocks, group), _kernel(blocks, group)[:, : 7 * SLOTS])
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
    seen += sums[:, 9 * SLOTS + 1, None]  # what is kept once a day where nothing is missing or estimated
    return sums


def _numpy(blocks: Blocks, group: Any) -> Integers:
    """The first seven planes of the sums, group by group: sums down the columns of the group's rows of each channel."""
    reading, quality = blocks.reading.reshape(-1, SLOTS), blocks.quality.reshape(-1, SLOTS)
    result = np.zeros((FEEDERS, 7, SLOTS), np.int64)
    for number in range(FEEDERS):
        mine = group == number
        for channel, sign in ((0, 1), (1, -1)):
            rows = np.flatnonzero(mine & (blocks.channel == channel))
            energy, code = reading[rows], quality[rows]  # 0 where missing, as silver says
            result[number, channel] += energy.sum(axis=0, dtype=np.int64)
            result[number, 3] += sign * energy[blocks.reactive_metered[rows]].sum(axis=0, dtype=np.int64)
            result[number, 4] += np.where(code >= 4, np.abs(energy), 0).sum(axis=0, dtype=np.int64)
        code = quality[mine & blocks.counts_as_meter]
        result[number, 5], result[number, 6] = (code < 3).sum(axis=0), (code > 3).sum(axis=0)
    return result.reshape(FEEDERS, -1)


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
