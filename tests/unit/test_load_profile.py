"""The load profile kernel against its reference, against hand-worked days, and against what must hold."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.load_profile import CHANNELS, Blocks, Integers, add_blocks, profiles, summarise_blocks, sums_of_no_blocks
from tests.reference import load_profile as reference

POWER_FACTOR = 0.9
INTERVALS = [5, 10, 15, 30, 60]


@st.composite
def blocks_of(draw: st.DrawFn, minutes: list[int] = INTERVALS) -> reference.Block:
    interval = draw(st.sampled_from(minutes))
    n = 1440 // interval
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)  # a day of readings drawn by Hypothesis one by one takes too long
    quality = rng.choice(draw(st.sampled_from([[0], [0, 1, 2], [0, 3, 4, 5, 6, 7], [3], [4, 7]])), n)
    low = draw(st.sampled_from([0, 0, -50, -(2**31)]))
    high = draw(st.sampled_from([0, 9, 5000, 2**31 - 1]))
    reading = np.where(quality == 3, 0, rng.integers(low, high, n, endpoint=True))
    return reference.Block(
        draw(st.sampled_from(CHANNELS)), interval, reading.tolist(), quality.tolist(),
        draw(st.booleans()), draw(st.booleans()),
    )  # fmt: skip


def packed(blocks: list[reference.Block]) -> Blocks:
    """Blocks for the kernel, every buffer read-only as Arrow's are."""
    arrays = Blocks(
        channel=np.array([CHANNELS.index(one.channel) for one in blocks], np.int8),
        interval_minutes=np.array([one.interval_minutes for one in blocks], np.int32),
        start=np.cumsum([0, *(len(one.reading) for one in blocks)]).astype(np.int32),
        reading=np.array([value for one in blocks for value in one.reading], np.int32),
        quality=np.array([code for one in blocks for code in one.quality], np.int8),
        counts_as_meter=np.array([one.counts_as_meter for one in blocks], np.bool_),
        reactive_metered=np.array([one.reactive_metered for one in blocks], np.bool_),
    )
    for array in vars(arrays).values():
        array.flags.writeable = False
    return arrays


def sums(blocks: list[reference.Block], group: list[int], groups: int, minutes: int) -> Integers:
    result = sums_of_no_blocks(groups, profile_minutes=minutes)
    numbers = np.array(group, np.int32)
    numbers.flags.writeable = False
    add_blocks(result, numbers, packed(blocks), profile_minutes=minutes)
    return result


def meter(channel: str = "delivered", minutes: int = 15, reading: int = 0, quality: int = 0) -> reference.Block:
    n = 1440 // minutes
    return reference.Block(channel, minutes, [reading] * n, [quality] * n, channel == "delivered", False)


@given(st.lists(st.tuples(blocks_of(), st.integers(-1, 2)), max_size=8), st.sampled_from(INTERVALS))
def test_profiles_are_those_of_the_definition(placed: list[tuple[reference.Block, int]], minutes: int) -> None:
    blocks, group = [block for block, _ in placed], [number for _, number in placed]
    found = profiles(sums(blocks, group, 3, minutes), profile_minutes=minutes, power_factor=POWER_FACTOR)
    for number in range(3):
        mine = [block for block, at in placed if at == number]
        wanted = dataclasses.asdict(reference.profile(mine, minutes, POWER_FACTOR))
        for name, value in wanted.items():
            if isinstance(value, float) or name == "apparent_va":
                assert getattr(found, name)[number] == pytest.approx(value, rel=1e-12, abs=1e-9), name
            else:
                assert getattr(found, name)[number].tolist() == value, name


@given(st.lists(blocks_of(), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_sums_made_apart_in_any_order_are_the_same(blocks: list[reference.Block], random: object) -> None:
    shuffled = list(blocks)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    half = len(blocks) // 2
    apart = sums(shuffled[:half], [0] * half, 1, 15) + sums(shuffled[half:], [0] * (len(blocks) - half), 1, 15)
    assert np.array_equal(apart, sums(blocks, [0] * len(blocks), 1, 15))


@given(blocks_of(), st.sampled_from(INTERVALS))
def test_energy_in_is_energy_out(block: reference.Block, minutes: int) -> None:
    found = profiles(sums([block], [0], 1, minutes), profile_minutes=minutes, power_factor=POWER_FACTOR)
    there = sum(value for value, code in zip(block.reading, block.quality, strict=True) if code != 3)
    signed = {"delivered": there, "received": -there, "reactive_delivered": there, "reactive_received": -there}
    total = int((found.delivered_wh - found.received_wh + found.reactive_varh).sum())
    assert total == signed[block.channel]


def test_ten_minutes_in_a_quarter_hour_profile() -> None:
    """7, 8, 9 Wh in ten minutes each: 4+3, 4+4, 5+4 in five minutes each, so 4+3+4 = 11 and 4+5+4 = 13."""
    block = dataclasses.replace(meter(minutes=10), reading=[7, 8, 9] + [0] * 141)
    found = profiles(sums([block], [0], 1, 15), profile_minutes=15, power_factor=1.0)
    assert found.delivered_wh[0, :3].tolist() == [11, 13, 0]
    assert found.resampled_delivered_wh[0, :3].tolist() == [11, 13, 0]
    assert found.resampled_share.tolist() == [1.0]


def test_a_negative_hour_is_split_by_largest_remainder() -> None:
    """-6 Wh in four parts: -1.5 each, -2 below, and 2 Wh left for the two earliest."""
    block = dataclasses.replace(meter(minutes=60), reading=[-6] + [0] * 23)
    found = profiles(sums([block], [0], 1, 15), profile_minutes=15, power_factor=1.0)
    assert found.delivered_wh[0, :5].tolist() == [-1, -1, -2, -2, 0]


def test_a_missing_ten_minutes_leaves_two_quarter_hours_unseen() -> None:
    """The second ten minutes reach into both; the energy of the others stays."""
    block = dataclasses.replace(meter(minutes=10, reading=6), quality=[0, 3] + [0] * 142)
    found = profiles(sums([block], [0], 1, 15), profile_minutes=15, power_factor=1.0)
    assert found.meters_seen[0, :3].tolist() == [0, 0, 1]
    assert found.delivered_wh[0, :3].tolist() == [6, 6, 9]


def test_apparent_power_of_metered_and_assumed_reactive_load() -> None:
    """300 Wh with 100 varh metered, 100 Wh at tan = 0.75 (power factor 0.8): P 400, Q 175 in 15 minutes."""
    blocks = [
        dataclasses.replace(meter(reading=300), reactive_metered=True),
        dataclasses.replace(meter("reactive_delivered", reading=100), reactive_metered=True),
        meter(reading=100),
    ]
    found = profiles(sums(blocks, [0] * 3, 1, 15), profile_minutes=15, power_factor=0.8)
    assert found.apparent_va[0] == pytest.approx(np.full(96, 4 * np.sqrt(400**2 + 175**2)), rel=1e-12)
    assert found.reactive_assumed_share[0] == 0.25


def test_estimated_share_is_of_energy_and_of_meter_intervals_where_there_is_none() -> None:
    half = [0] * 48 + [4] * 48
    load = dataclasses.replace(meter(reading=10), quality=half)
    idle = dataclasses.replace(meter(reading=0), quality=half)
    both = [load, meter("received", reading=10)]
    found = profiles(sums([*both, idle], [0, 0, 1], 2, 15), profile_minutes=15, power_factor=1.0)
    assert found.estimated_share.tolist() == [480 / 1920, 0.5]
    assert found.estimated_wh[0].tolist() == [0] * 48 + [10] * 48


def test_no_read_is_not_zero_load() -> None:
    silent = dataclasses.replace(meter(), quality=[3] * 96)
    found = profiles(sums([silent, meter()], [0, 1], 2, 15), profile_minutes=15, power_factor=1.0)
    assert found.meters_expected.tolist() == [1, 1]
    assert found.meters_seen.sum(axis=1).tolist() == [0, 96]


def test_a_missing_value_means_nothing() -> None:
    block = dataclasses.replace(meter(reading=77), quality=[3] * 96)
    assert profiles(sums([block], [0], 1, 15), profile_minutes=15, power_factor=1.0).delivered_wh.sum() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"reading": [1] * 95, "quality": [0] * 95},
        {"interval_minutes": 30},
        {"quality": [8] * 96},
        {"quality": [-1] * 96},
    ],
    ids=["short day", "other interval", "code above", "code below"],
)
def test_a_bad_block_is_named(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"block 1: found group 0 of 1, channel 0, .* needed a group"):
        sums([meter(), dataclasses.replace(meter(), **change)], [0, 0], 1, 15)


def test_a_group_out_of_range_is_named() -> None:
    with pytest.raises(ValueError, match="block 0: found group 3 of 3"):
        sums([meter()], [3], 3, 15)


def test_sums_of_another_interval_are_refused() -> None:
    with pytest.raises(ValueError, match="found 1061 columns; needed 533 for 30 minutes"):
        profiles(sums_of_no_blocks(1, profile_minutes=15), profile_minutes=30, power_factor=1.0)


@given(st.lists(blocks_of(), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_summaries_are_those_of_the_definition(blocks: list[reference.Block], seed: int) -> None:
    rng = np.random.default_rng(seed)
    masks = rng.random((3, 288)) < rng.choice([0.0, 0.3, 1.0])
    mask_of_block = rng.integers(0, 3, len(blocks))
    arrays = packed(blocks)
    found = summarise_blocks(arrays.start, arrays.reading, arrays.quality, mask_of_block=mask_of_block, masks=masks)
    for number, block in enumerate(blocks):
        let_through = [i for i in range(len(block.reading)) if masks[mask_of_block[number], i]]
        there = [i for i in let_through if block.quality[i] != 3]
        assert found.energy[number] == sum(block.reading[i] for i in there)
        best = max((block.reading[i] for i in there), default=0)
        assert found.peak[number] == best
        assert found.peak_slot[number] == min((i for i in there if block.reading[i] == best), default=-1)
        assert found.by_quality[number].tolist() == [
            sum(block.quality[i] == code for i in let_through) for code in range(8)
        ]


def test_a_block_longer_than_its_mask_is_named() -> None:
    arrays = packed([meter(minutes=5)])
    with pytest.raises(ValueError, match="block 0: found 288 readings, mask 0"):
        summarise_blocks(arrays.start, arrays.reading, arrays.quality, mask_of_block=[0], masks=np.ones((1, 96)))
