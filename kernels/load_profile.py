"""Load profiles: sums of day blocks by group (feeder, transformer, area), exact and in any order.

A *day block* is one grid day of one channel of one usage point: ``1440 / interval_minutes`` whole watt-hours and
as many quality codes (`kernels.quality`). `add_blocks` adds blocks to the sums of their groups; sums made apart
merge by ``+``; `profiles` turns merged sums into what a profile says.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels import _load_profile as loops

CHANNELS: Final = ("delivered", "received", "reactive_delivered", "reactive_received")
"""Code of each channel: its place here."""
MINUTES_A_DAY: Final = 1440
PLANES: Final = (
    "delivered_wh",
    "received_wh",
    "reactive_varh",
    "metered_net_wh",
    "estimated_wh",
    "meters_seen",
    "meters_estimated",
    "resampled_delivered_wh",
    "resampled_received_wh",
    "profiled_wh",
    "unmetered_wh",
)
"""What a row of sums holds for each interval, one after the other; `metered_net_wh` is delivered less received of
the usage points that measure reactive energy; the last two are modelled, not measured (`add_modelled`)."""
PROFILE_PLANES: Final = tuple(name for name in PLANES if name.endswith(("_wh", "varh")) and name != "metered_net_wh")
"""Those that a profile shows as they are."""
TOTALS: Final = ("meters_expected", "meters_seen_all_day", "blocks", "resampled_blocks", "negative_wh")
"""What follows them, for the whole day; `negative_wh` is what negative readings lack to 0."""

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Blocks:
    """Day blocks of one batch, as Arrow holds them: block i is ``reading[start[i] : start[i + 1]]``.

    Parameters
    ----------
    channel : (blocks,) int8. Place in `CHANNELS`.
    interval_minutes : (blocks,) int32. Length of the block's own intervals.
    start : (blocks + 1,) int32. Offsets into `reading` and `quality`.
    reading : int32, Wh or varh. Energy of each interval; means nothing where the quality says missing.
    quality : int8. Code of `kernels.quality`, one for each reading.
    counts_as_meter : (blocks,) bool. True on the one channel that stands for its usage point in meter counts.
    reactive_metered : (blocks,) bool. True where the usage point measures reactive energy.
    """

    channel: NDArray[np.int8]
    interval_minutes: NDArray[np.int32]
    start: NDArray[np.int32]
    reading: NDArray[np.int32]
    quality: NDArray[np.int8]
    counts_as_meter: NDArray[np.bool_]
    reactive_metered: NDArray[np.bool_]

    def __post_init__(self) -> None:
        _check_lists(self.start, self.reading, self.quality)
        lengths = {
            name: len(getattr(self, name))
            for name in ("channel", "interval_minutes", "counts_as_meter", "reactive_metered")
        }
        if set(lengths.values()) != {len(self.start) - 1}:
            raise ValueError(
                f"blocks: start has {len(self.start)} offsets, so {len(self.start) - 1} of each; found {lengths}"
            )


@dataclass(frozen=True)
class Profiles:
    """One profile for each row of sums; arrays of shape (groups, slots) or (groups,)."""

    delivered_wh: Integers
    received_wh: Integers
    estimated_wh: Integers
    """Of both, the energy that is estimated, each reading counted without its sign."""
    reactive_varh: Integers
    """Delivered less received, where it is metered."""
    apparent_va: NDArray[np.float64]
    resampled_delivered_wh: Integers
    """Of `delivered_wh`, what came in another interval length."""
    resampled_received_wh: Integers
    profiled_wh: Integers
    """Energy of customers without interval meters, by standard profiles; in none of the above but `apparent_va`."""
    unmetered_wh: Integers
    """Energy of what has no meter at all, likewise."""
    meters_seen: NDArray[np.int32]
    meters_estimated: NDArray[np.int32]
    meters_expected: NDArray[np.int32]
    estimated_share: NDArray[np.float64]
    resampled_share: NDArray[np.float64]
    reactive_assumed_share: NDArray[np.float64]


@dataclass(frozen=True)
class BlockSummaries:
    """What each block says by itself; shape (blocks,), missing intervals left out."""

    energy: Integers
    peak: NDArray[np.int32]
    """Highest reading; 0 where `peak_slot` is -1."""
    peak_slot: NDArray[np.int32]
    """Its interval, the first on a tie; -1 where no interval counts."""
    by_quality: NDArray[np.int32]
    """(blocks, 8): intervals of each quality code."""


def sums_of_no_blocks(groups: int, *, profile_minutes: int) -> Integers:
    """Sums that nothing has been added to yet: (groups, len(PLANES) * slots + len(TOTALS)) zeros.

    >>> sums_of_no_blocks(2, profile_minutes=15).shape
    (2, 1061)
    """
    if profile_minutes < 1 or MINUTES_A_DAY % profile_minutes:
        raise ValueError(f"profile_minutes: found {profile_minutes}; needed a divisor of {MINUTES_A_DAY}")
    return np.zeros((groups, len(PLANES) * (MINUTES_A_DAY // profile_minutes) + len(TOTALS)), np.int64)


def add_blocks(sums: Integers, group: NDArray[np.int32], blocks: Blocks, *, profile_minutes: int) -> None:
    """Add each block to the sums of its group, in place.

    A missing interval adds nothing. A block of other intervals is brought to the profile's: sums where its length
    divides the profile's; otherwise each reading is split into equal parts on the greatest common interval, the
    remainder going one each to the earliest parts, so that energy stays exact. A meter is *seen* in an interval
    where all of it was received, *estimated* where none of it is missing and some of it is estimated.

    Parameters
    ----------
    sums : (groups, …) int64. As `sums_of_no_blocks` makes them.
    group : (blocks,) int32. Row of `sums`; -1 for a block in no group.
    profile_minutes : length of the profile's intervals.

    Raises
    ------
    ValueError : a block's group, channel, length or quality is out of range; names the first. The sums are then
        worth nothing.

    Examples
    --------
    A home of 10 Wh in each hour, in a quarter-hour profile: 10 = 3 + 3 + 2 + 2.

    >>> home = Blocks(
    ...     channel=np.int8([0]), interval_minutes=np.int32([60]), start=np.int32([0, 24]),
    ...     reading=np.full(24, 10, np.int32), quality=np.zeros(24, np.int8),
    ...     counts_as_meter=np.array([True]), reactive_metered=np.array([False]),
    ... )
    >>> sums = sums_of_no_blocks(1, profile_minutes=15)
    >>> add_blocks(sums, np.int32([0]), home, profile_minutes=15)
    >>> profiles(sums, profile_minutes=15, power_factor=0.95).delivered_wh[0, :5].tolist()
    [3, 3, 2, 2, 3]
    """
    slots = _slots(sums, profile_minutes)
    if len(group) != len(blocks.channel):
        raise ValueError(f"group: found {len(group)}; needed one for each of {len(blocks.channel)} blocks")
    bad_row = loops.add_blocks(
        group,
        blocks.channel,
        blocks.interval_minutes,
        blocks.start,
        blocks.reading,
        blocks.quality,
        blocks.counts_as_meter.view(np.uint8),
        blocks.reactive_metered.view(np.uint8),
        MINUTES_A_DAY // slots,
        sums,
    )
    if bad_row >= 0:
        first, end = blocks.start[bad_row : bad_row + 2]
        raise ValueError(
            f"block {bad_row}: found group {group[bad_row]} of {len(sums)}, channel {blocks.channel[bad_row]}, "
            f"{end - first} readings of {blocks.interval_minutes[bad_row]} minutes, quality codes "
            f"{np.unique(blocks.quality[first:end]).tolist()}; needed a group, a channel 0 to 3, a day of "
            f"{MINUTES_A_DAY} minutes and codes 0 to 7"
        )


def add_modelled(
    sums: Integers,
    group: NDArray[np.int32],
    unmetered: NDArray[np.bool_],
    interval_minutes: NDArray[np.int32],
    start: NDArray[np.int32],
    energy: NDArray[np.int32],
    *,
    profile_minutes: int,
) -> None:
    """Add blocks of energy that no interval meter measured to the sums of their groups, in place.

    They enter `profiled_wh` or `unmetered_wh` and nothing else: no count of meters, nothing delivered.

    Parameters
    ----------
    unmetered : (blocks,) bool. True where a block enters `unmetered_wh`.
    interval_minutes, start, energy : as in `Blocks`; Wh.

    Raises
    ------
    ValueError : as `add_blocks`.
    """
    none = np.zeros(len(group), np.bool_)
    apart = np.zeros_like(sums)
    series = unmetered.astype(np.int8)  # the two series in the places of two channels, of sums of their own
    blocks = Blocks(series, interval_minutes, start, energy, np.zeros(len(energy), np.int8), none, none)
    add_blocks(apart, group, blocks, profile_minutes=profile_minutes)
    slots = _slots(sums, profile_minutes)
    first = PLANES.index("profiled_wh") * slots
    sums[:, first : first + 2 * slots] += apart[:, : 2 * slots]


def profiles(sums: Integers, *, profile_minutes: int, power_factor: float) -> Profiles:
    """What the merged sums of each group say.

    ``S = sqrt(P**2 + Q**2)`` in each interval, of mean powers: P delivered less received, and what is profiled and
    unmetered; Q the metered reactive
    power plus ``|P_a| * tan(acos(power_factor))``, where P_a is the net power of usage points whose reactive energy
    is not metered. What is assumed counts as absorbed in either direction of flow.

    ``estimated_share = sum|estimated Wh| / sum|Wh|`` over readings; where that sum is 0, the share of
    meter-intervals that are estimated. ``reactive_assumed_share = sum|P_a| / sum(|P_a| + |P - P_a|)`` over
    intervals. Shares of nothing are 0.

    Raises
    ------
    ValueError : `power_factor` is not above 0 and at most 1, or `sums` is of another interval length.

    Source
    ------
    Apparent power as of balanced sinusoidal load, IEEE Std 1459-2010; a day of a channel in one record as the 300
    records of AEMO's Meter Data File Format (NEM12) have it.
    """
    if not 0 < power_factor <= 1:
        raise ValueError(f"power_factor: found {power_factor}; needed above 0 and at most 1")
    slots = _slots(sums, profile_minutes)
    by_interval = sums[:, : len(PLANES) * slots].reshape(len(sums), len(PLANES), slots)
    plane = dict(zip(PLANES, by_interval.transpose(1, 0, 2), strict=True))
    total = dict(zip(TOTALS, sums[:, len(PLANES) * slots :].T, strict=True))
    net_wh = plane["delivered_wh"] - plane["received_wh"] + plane["profiled_wh"] + plane["unmetered_wh"]
    assumed_wh = np.abs(net_wh - plane["metered_net_wh"])
    absolute_sum = (plane["delivered_wh"] + plane["received_wh"]).sum(axis=1) + 2 * total["negative_wh"]
    reactive = plane["reactive_varh"] + assumed_wh * (np.sqrt(1 - power_factor**2) / power_factor)
    seen = plane["meters_seen"] + total["meters_seen_all_day"][:, None]
    assumed_sum, metered_sum = assumed_wh.sum(axis=1), np.abs(plane["metered_net_wh"]).sum(axis=1)
    return Profiles(
        **{name: plane[name] for name in PROFILE_PLANES},
        apparent_va=np.sqrt(net_wh.astype(np.float64) ** 2 + reactive**2) * (slots / 24),
        meters_seen=seen.astype(np.int32),
        meters_estimated=plane["meters_estimated"].astype(np.int32),
        meters_expected=total["meters_expected"].astype(np.int32),
        estimated_share=np.where(
            absolute_sum > 0,
            _share(plane["estimated_wh"].sum(axis=1), absolute_sum),
            _share(plane["meters_estimated"].sum(axis=1), total["meters_expected"] * slots),
        ),
        resampled_share=_share(total["resampled_blocks"], total["blocks"]),
        reactive_assumed_share=_share(assumed_sum, assumed_sum + metered_sum),
    )


def summarise_blocks(
    start: NDArray[np.int32],
    reading: NDArray[np.int32],
    quality: NDArray[np.int8],
    *,
    mask_of_block: ArrayLike | None = None,
    masks: ArrayLike | None = None,
) -> BlockSummaries:
    """Energy, peak, first interval of the peak and qualities of each block, over the intervals its mask lets through.

    Parameters
    ----------
    start, reading, quality : as in `Blocks`.
    mask_of_block : (blocks,). Row of `masks`; without it every interval counts.
    masks : (masks, slots) bool. True where an interval counts.

    Raises
    ------
    ValueError : a block is longer than its mask, or a quality code is unknown; names the first.
    """
    _check_lists(start, reading, quality)
    blocks = len(start) - 1
    if masks is None:
        masks, mask_of_block = np.ones((1, MINUTES_A_DAY), np.bool_), np.zeros(blocks, np.int32)
    mask_rows = np.ascontiguousarray(mask_of_block, np.int32)
    if len(mask_rows) != blocks:
        raise ValueError(f"mask_of_block: found {len(mask_rows)}; needed one for each of {blocks} blocks")
    energy = np.zeros(blocks, np.int64)
    peak, peak_slot = np.zeros((2, blocks), np.int32)
    by_quality = np.zeros((blocks, 8), np.int32)
    mask_table = np.ascontiguousarray(masks, np.bool_).view(np.uint8)
    bad_row = loops.summarise_blocks(
        start, reading, quality, mask_rows, mask_table, energy, peak, peak_slot, by_quality
    )
    if bad_row >= 0:
        first, end = start[bad_row : bad_row + 2]
        raise ValueError(
            f"block {bad_row}: found {end - first} readings, mask {mask_rows[bad_row]}, quality codes "
            f"{np.unique(quality[first:end]).tolist()}; needed at most {mask_table.shape[1]} readings, a mask below "
            f"{len(mask_table)} and codes 0 to 7"
        )
    return BlockSummaries(energy, peak, peak_slot, by_quality)


def _slots(sums: Integers, profile_minutes: int) -> int:
    """Intervals of a day; refuses sums of another interval length."""
    width = sums_of_no_blocks(0, profile_minutes=profile_minutes).shape[1]
    if sums.shape[1] != width:
        raise ValueError(f"sums: found {sums.shape[1]} columns; needed {width} for {profile_minutes} minutes")
    return MINUTES_A_DAY // profile_minutes


def _check_lists(start: NDArray[np.int32], reading: NDArray[np.int32], quality: NDArray[np.int8]) -> None:
    if len(start) == 0 or start[0] < 0 or start[-1] > len(reading) or len(reading) != len(quality):
        raise ValueError(
            f"blocks: found {len(start)} offsets {start[:1]} to {start[-1:]}, {len(reading)} readings, {len(quality)} "
            "quality codes; needed offsets from >= 0 up to the number of readings, and a code for each"
        )
    if len(start) > 1 and (np.diff(start) < 0).any():
        raise ValueError(f"blocks: offsets fall at block {int(np.argmax(np.diff(start) < 0))}; needed rising ones")


def _share(part: Integers, whole: Integers) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
