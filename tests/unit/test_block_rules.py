"""The validation rules: against their definition, by hand, and what must hold."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import quality as q
from kernels.block_rules import (
    DEMAND,
    FEED_IN,
    REACTIVE,
    RULES,
    THRESHOLDS,
    Baseline,
    Blocks,
    Validated,
    mean_kw,
    no_baseline,
    validate,
)
from tests.reference import block_rules as reference
from tests.reference.block_rules import Day

LIMITS = {
    "limit_kw": 30.0, "limit_margin": 1.25, "spike_ratio": 5.0, "spike_min_kw": 3.0, "catch_up_minutes": 60.0,
    "catch_up_range": 3.0, "catch_up_ratio": 2.0, "high_ratio": 2.0, "high_day_ratio": 3.0,
    "high_quiet_ratio": 2.0,
    "low_ratio": 0.5, "low_day_ratio": 0.4, "low_min_kw": 0.04,
    "level_rise_ratio": 3.0, "level_fall_ratio": 5.0, "level_deviations": 4.0, "level_min_kw": 0.2,
    "flat_minutes": 180.0, "flat_min_kw": 0.1,
    "zero_minutes": 60.0, "zero_day": 1.0, "register_share": 0.02, "drift_course": 0.4,
    "drift_correlation": 0.7, "drift_factor": 2.0,
}  # fmt: skip
BASELINE_DAYS = 3


def judged(channels: list[list[Day]], limits: dict[str, float] = LIMITS, linear_minutes: float = 120) -> Validated:
    """The kernel's answer, from read-only arrays."""
    days = [(key, day) for key, channel in enumerate(channels) for day in channel]
    slots = [len(day.reads) for _, day in days]
    offset = np.concatenate([[0], np.cumsum(slots)]).astype(np.int64)
    reads = [read for _, day in days for read in day.reads]
    received = np.array([len(day.reads) - day.reads.count(None) for _, day in days])
    quality = np.array([q.MISSING if read is None else q.VALID for read in reads], np.int8)
    for row, (_, day) in enumerate(days):
        for slot in day.estimated_by_source:
            if day.reads[slot] is not None:
                quality[offset[row] + slot] = q.ESTIMATED_BY_SOURCE
    minutes = np.array([1440 // n for n in slots], np.int32)
    totals = np.array([sum(read or 0 for read in day.reads) for _, day in days])
    bits = [[sum(on << i for i, on in enumerate(day.live[h : h + 48])) for h in (0, 48)] for _, day in days]
    blocks = Blocks(
        reading=np.array([read or 0 for read in reads], np.int32),
        reading_quality=quality,
        offset=offset,
        key=np.array([key for key, _ in days], np.int64),
        day=np.array([day.day for _, day in days], np.int32),
        interval_minutes=minutes,
        judged=np.ones(len(days), np.uint8),
        of_class=np.zeros(len(days), np.int32),
        limit_kw=np.array([day.limit_kw for _, day in days]),
        mean_kw=mean_kw(totals, received, minutes),
        nature=np.array([day.nature for _, day in days], np.int8),
        live=np.array(bits, np.int64).reshape(-1, 2),
        register=np.array([day.register for _, day in days], np.float64),
    )
    usual = [day.usual for _, day in days]
    flat = np.array([one for u in usual if u for _ in range(3) for one in u], np.int32).reshape(-1, 3)
    known = np.array([u is not None for u in usual])
    row = np.where(known[:, None], 3 * (np.cumsum(known) - 1)[:, None] + np.arange(3), -1).astype(np.int32)
    totals = [day.usual_day for _, day in days if day.usual]
    baseline = Baseline(
        row=row,
        offset=np.concatenate([[0], np.cumsum([len(u) for u in usual if u for _ in range(3)])]).astype(np.int64),
        typical=flat[:, 0].copy(),
        low=flat[:, 1].copy(),
        high=flat[:, 2].copy(),
        day_total=np.array(
            [day for low, high in totals for day in ((low + 9, high - 9), (low, high - 5), (low + 3, high))], np.int32
        ).reshape(-1, 2),
        date_index=np.zeros(len(days), np.int32),
        local=np.arange(96, dtype=np.int32)[None],
        judging_row=np.where([[day.short] for _, day in days], -1, row).astype(np.int32),
    )
    for part in (blocks, baseline):
        for one in dataclasses.fields(part):
            getattr(part, one.name).setflags(write=False)
    return validate(blocks, baseline, np.array([[limits[name] for name in THRESHOLDS]]), linear_minutes=linear_minutes)


def findings(result: Validated, block: int = 0) -> list[tuple[str, int, int]]:
    f = result.findings
    return [
        (RULES[rule], first, slots)
        for at, rule, first, slots in zip(
            f.block, f.rule.tolist(), f.first_slot.tolist(), f.slots.tolist(), strict=True
        )
        if at == block
    ]


# Hours of few distinct values, so that runs, zeros, spikes and catch-ups are common.
value = st.one_of(
    st.just(0),
    st.just(0),
    st.none(),
    st.sampled_from([100, 100, 200, 300, 400, 3000, 9000, 40000]),
    st.integers(-30, 600),
)


@st.composite
def stretch(draw: st.DrawFn, slots: int) -> list[int | None]:
    reads: list[int | None] = []
    while len(reads) < slots:
        reads += [draw(value)] * draw(st.integers(1, 8))
    return reads[:slots]


@st.composite
def channel(draw: st.DrawFn) -> list[Day]:
    slots = draw(st.sampled_from([24, 24, 48]))
    days, number, steady = [], 0, draw(st.lists(st.integers(80, 900), min_size=slots, max_size=slots))
    for _ in range(draw(st.integers(1, 10))):
        number += draw(st.sampled_from([1, 1, 1, 2]))
        kind = draw(st.sampled_from(["odd", "steady", "steady", "moved", "scaled", "lifted"]))
        reads: list[int | None] = {
            "odd": draw(stretch(slots)),
            "steady": list(steady),
            "moved": [*steady[2:], *steady[:2]],
            "scaled": [one * 7 for one in steady],
            "lifted": [one + draw(st.integers(60, 300)) for one in steady],
        }[kind]
        usual = (
            [(one, one // draw(st.sampled_from([1, 2, 2000])), one * 2) for one in steady]
            if draw(st.booleans())
            else None
        )
        register = draw(st.sampled_from([math.nan, float(sum(steady)), float(sum(read or 0 for read in reads))]))
        days.append(
            Day(
                number, reads, limit_kw=draw(st.sampled_from([math.nan, 5.0])),
                nature=draw(st.sampled_from([DEMAND, DEMAND, FEED_IN, REACTIVE])),
                live=tuple(draw(st.sampled_from([(True,) * 96, (False,) * 96, (True,) * 60 + (False,) * 36]))),
                register=register, usual=usual,
                usual_day=draw(st.sampled_from([(0, 0), (sum(steady) // 2, sum(steady))])), short=draw(st.booleans()),
                estimated_by_source=frozenset(draw(st.sets(st.integers(0, 23), max_size=2))),
            )
        )  # fmt: skip
    return days


@settings(max_examples=120, deadline=None)
@given(st.lists(channel(), min_size=1, max_size=2))
def test_kernel_is_the_reference(channels: list[list[Day]]) -> None:
    result = judged(channels)
    for one in channels:
        reference.validate(one, LIMITS, 120)
    days = [day for one in channels for day in one]
    at = 0
    for block, day in enumerate(days):
        end = at + len(day.reads)
        assert result.reading[at:end].tolist() == day.values
        assert result.reading_quality[at:end].tolist() == day.quality
        assert findings(result, block) == [one[:3] for one in day.findings]
        here = result.findings.block == block
        assert result.findings.measured[here] == pytest.approx([one[3] for one in day.findings])
        assert result.findings.threshold[here] == pytest.approx([one[4] for one in day.findings])
        assert {RULES[rule] for rule in np.flatnonzero(result.not_run[block])} == day.not_run
        at = end


def quarters(value: int = 100) -> list[Any]:
    """A day that moves a little, so that it is not flat: its mean is the value."""
    return [value + (1 if slot % 2 else -1) for slot in range(96)]


def test_an_ordinary_day_is_left_alone() -> None:
    result = judged([[Day(1, quarters())]])
    assert findings(result) == []
    assert result.reading.tolist() == quarters()
    assert result.reading_quality.tolist() == [q.VALID] * 96


def test_gap_of_two_hours_is_a_straight_line_and_a_longer_one_is_not() -> None:
    reads = quarters()
    reads[10:18] = [None] * 8
    reads[9], reads[18] = 100, 190
    reads[40:49] = [None] * 9
    result = judged([[Day(1, reads)]])
    assert result.reading[9:19].tolist() == [100, 110, 120, 130, 140, 150, 160, 170, 180, 190]
    assert set(result.reading_quality[10:18]) == {q.ESTIMATED_LINEAR}
    assert set(result.reading_quality[40:49]) == {q.MISSING}
    assert findings(result) == [("missing", 10, 8), ("missing", 40, 9)]


def test_gap_over_midnight_is_one_gap() -> None:
    first, second = quarters(), quarters()
    first[92:], second[:4] = [None] * 4, [None] * 4
    first[91], second[4] = 0, 90
    result = judged([[Day(1, first), Day(2, second)]])
    assert result.reading[92:100].tolist() == [10, 20, 30, 40, 50, 60, 70, 80]


def test_like_day_is_scaled_to_the_day_and_to_the_register_where_there_is_one() -> None:
    reads: list[Any] = [200] * 48 + [None] * 48
    usual = [(100, 50, 200)] * 96
    no_flat = LIMITS | {"flat_minutes": 1e9}
    assert judged([[Day(1, reads, usual=usual)]], no_flat).reading[48:].tolist() == [200] * 48
    by_register = judged([[Day(1, reads, usual=usual, register=200 * 48 + 30 * 48)]], no_flat)
    assert by_register.reading[48:].tolist() == [30] * 48
    assert set(by_register.reading_quality[48:]) == {q.ESTIMATED_LIKE_DAY}


def test_a_history_too_short_to_judge_by_still_estimates() -> None:
    reads: list[Any] = [100] * 40 + [450] + [100] * 31 + [None] * 24
    usual = [(100, 50, 200)] * 96
    no_flat = LIMITS | {"flat_minutes": 1e9}
    assert ("high", 40, 1) in findings(judged([[Day(1, reads, usual=usual, usual_day=(4800, 19200))]], no_flat))
    short = judged([[Day(1, reads, usual=usual, short=True)]], no_flat)
    assert findings(short) == [("missing", 72, 24)]
    assert set(short.reading_quality[72:]) == {q.ESTIMATED_LIKE_DAY}
    assert [RULES[rule] for rule in np.flatnonzero(short.not_run[0])] == [
        "high", "low", "level_change", "zero_run", "zero_day", "register_difference", "clock_drift",
    ]  # fmt: skip


def test_catch_up_reaches_into_the_day_before_and_keeps_the_sum() -> None:
    first, second = quarters(), quarters()
    first[90:], second[:10] = [0] * 6, [0] * 10
    second[10] = 1703
    result = judged([[Day(1, first), Day(2, second)]])
    assert findings(result, 1) == [("catch_up", -6, 17)]
    assert result.reading[90:107].tolist() == [101] * 3 + [100] * 14
    assert set(result.reading_quality[90:107]) == {q.ESTIMATED_SPREAD}
    assert result.reading.sum() == sum(first) + sum(second)


def test_no_catch_up_after_zeros_that_are_usual() -> None:
    pulses = ([0] * 7 + [800]) * 12
    assert findings(judged([[Day(1, list(pulses)), Day(2, list(pulses))]])) == []


def test_spike_by_the_third_highest_and_load_through_midnight_is_none() -> None:
    reads = quarters()
    reads[30] = 2000
    result = judged([[Day(1, reads)]])
    assert findings(result) == [("spike", 30, 1)]
    assert result.findings.measured.tolist() == [8.0]
    assert result.findings.threshold.tolist() == [3.0]
    assert result.reading[30] == 101  # as both its neighbours
    late, early = quarters(), quarters()
    late[94:], early[:2] = [2000, 2000], [2000, 1900]
    assert findings(judged([[Day(1, late), Day(2, early)]])) == []


def test_level_change_needs_a_week_and_marks_every_read() -> None:
    days = [Day(n, quarters()) for n in range(8)]
    days[6], days[7] = Day(6, quarters(1000)), Day(7, quarters(1000))
    result = judged([days])
    assert [RULES[rule] for rule in np.flatnonzero(result.not_run[6])].count("level_change") == 1
    assert findings(result, 7) == [("level_change", 0, 96)]
    assert set(result.reading_quality[-96:]) == {q.SUSPECT}
    assert result.findings.measured[-1] == pytest.approx(4.0)
    assert result.findings.threshold[-1] == pytest.approx(1.2)


def test_zero_day_after_a_week_of_zeros_and_only_where_the_transformer_is_live() -> None:
    def week(**last: Any) -> Validated:
        return judged([[*(Day(n, [0] * 96) for n in range(7)), Day(7, [0] * 96, **last)]])

    assert findings(week(), 7) == [("zero_day", 0, 96)]
    assert findings(week(live=(False,) * 96), 7) == []
    assert findings(week(nature=FEED_IN), 7) == []
    assert week().not_run[:, RULES.index("zero_day")].tolist() == [1] * 7 + [0]


def test_zero_run_needs_a_baseline_that_is_never_zero() -> None:
    reads = quarters()
    reads[20:30] = [0] * 10
    reads[30] = 100
    usual = [(100, 50, 200)] * 96
    assert findings(judged([[Day(1, reads, usual=usual)]])) == [("zero_run", 20, 10)]
    assert findings(judged([[Day(1, reads, usual=[(100, 0, 200)] * 96)]])) == []
    without = judged([[Day(1, reads)]])
    assert findings(without) == []
    assert without.not_run[0, RULES.index("zero_run")]


def lifted(factor: float, usual: int, usual_day: tuple[int, int]) -> Validated:
    """Quiet until eight, then up to four times as much: `factor` times that day, against it."""
    course = [usual] * 32 + [4 * usual] * 64
    reads: list[int | None] = [round(factor * one) + slot % 2 for slot, one in enumerate(course)]
    return judged([[Day(1, reads, usual=[(one, 0, 40 * usual) for one in course], usual_day=usual_day)]])


def test_a_day_whose_quiet_hours_are_raised_too_is_high_and_a_busy_one_is_not() -> None:
    """The fifth lowest of 96 reads is the quiet level; nothing here is above 2 x the highest high or 3 x the day."""
    always = (10_000, 10_000)
    assert findings(lifted(2.5, 20, always)) == [("high", 0, 96)]
    assert lifted(2.5, 20, always).findings.measured.tolist() == pytest.approx([50 * 4 / 1000])
    assert lifted(2.5, 20, always).findings.threshold.tolist() == pytest.approx([2 * 20 * 4 / 1000])
    assert findings(lifted(1.9, 20, always)) == []  # 38 and 39 Wh are not above 2 x 20
    busy = lifted(2.5, 20, always)
    reads: list[int | None] = [20 + slot % 2 if slot < 5 else read for slot, read in enumerate(busy.reading.tolist())]
    course = [20] * 32 + [80] * 64
    assert findings(judged([[Day(1, reads, usual=[(one, 0, 800) for one in course], usual_day=always)]])) == []


def test_where_neither_peak_nor_quiet_tells_a_high_it_is_not_run() -> None:
    """A day of at most 0.1 kW is no measure of peaks, and three watt-hours none of quiet."""
    high = RULES.index("high")
    assert not lifted(1, 20, (2_400, 2_400)).not_run[0, high]
    assert lifted(1, 3, (800, 2_400)).not_run[0, high]
    assert not lifted(1, 3, (800, 10_000)).not_run[0, high]


def test_register_difference_names_how_much() -> None:
    result = judged([[Day(1, quarters(), register=20000.0)]])
    assert findings(result) == [("register_difference", 0, 96)]
    assert result.findings.measured.tolist() == [9600 - 20000]


def test_findings_beyond_the_first_room_are_all_there() -> None:
    many = [[Day(1, [None if slot % 2 else 100 + slot for slot in range(96)])] for _ in range(200)]
    assert len(judged(many).findings.block) == 200 * 48


def test_what_does_not_fit_is_named() -> None:
    good = dict.fromkeys(("key",), np.zeros(1, np.int64))
    blocks = Blocks(
        np.zeros(95, np.int32), np.zeros(95, np.int8), np.array([0, 95]), good["key"], np.zeros(1, np.int32),
        np.full(1, 15, np.int32), np.ones(1, np.uint8), np.zeros(1, np.int32), np.zeros(1), np.zeros(1),
        np.zeros(1, np.uint8), np.zeros((1, 2), np.int64), np.zeros(1),
    )  # fmt: skip
    with pytest.raises(ValueError, match="1 of 1 blocks do not hold a day; first: block 0 has 95 slots of 15 min"):
        validate(blocks, no_baseline(1), np.zeros((1, len(THRESHOLDS))), linear_minutes=120)
