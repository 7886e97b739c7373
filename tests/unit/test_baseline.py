"""The usual day: against its definition, on clock-change days too, and window by window."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.settings import GridTime
from jobs.silver.local_clock import local_quarters
from kernels.baseline import Baselines, baselines
from tests.reference.baseline import usual_day

TIME = GridTime(utc_offset="+01:00", zone="Europe/Berlin", holidays=(date(2016, 3, 25),))
FIRST = date(2016, 3, 19)  # the clocks change on the 27th
CLOCK = local_quarters([FIRST + timedelta(n) for n in range(16)], TIME)


def found(
    reads: np.ndarray, usable: np.ndarray, windows: list[tuple[int, int]], quantile: float = 0.05, **other: np.ndarray
) -> Baselines:
    days, slots = reads.shape
    arrays = {
        "reading": reads.reshape(-1).astype(np.int32), "usable": usable.reshape(-1).astype(np.uint8),
        "offset": np.arange(days + 1, dtype=np.int64) * slots, "day": np.arange(days, dtype=np.int32),
        "interval_minutes": np.full(days, 1440 // slots, np.int32), "date_index": np.arange(days, dtype=np.int32),
        "key_start": np.array([0, days], np.int64), "local": CLOCK, **other,
    }  # fmt: skip
    for array in arrays.values():
        array.setflags(write=False)
    return baselines(**arrays, windows=windows, quantile=quantile)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from([24, 48, 96, 144, 288]), st.sampled_from([0.05, 0.25]), st.floats(0, 0.5)
)
def test_kernel_is_the_reference(seed: int, slots: int, quantile: float, missing: float) -> None:
    random = np.random.default_rng(seed)
    reads, usable = random.integers(-5, 900, (16, slots)), random.random((16, slots)) >= missing
    windows = [(0, 16), (4, 11)]
    result = found(reads, usable, windows, quantile)
    row = 0
    for number, (first, end) in enumerate(windows):
        days = [(reads[n].tolist(), usable[n].tolist(), CLOCK[n].tolist()) for n in range(first, end)]
        for kind, (count, typical, low, high) in usual_day(days, slots, quantile).items():
            span = slice(result.offset[row], result.offset[row + 1])
            assert (result.window[row], result.day_type[row], result.days[row]) == (number, kind, count)
            assert result.typical[span].tolist() == typical
            assert result.low[span].tolist() == low
            assert result.high[span].tolist() == high
            row += 1
    assert row == len(result.key)


def test_day_types_are_local_and_holidays_are_sundays() -> None:
    quarters = CLOCK // 96
    assert [int(day[48]) for day in quarters] == [1, 2, 0, 0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, 1, 2]
    change = CLOCK[8]  # 27 March: 02:00 becomes 03:00, so the day ends an hour early
    assert [int(one) % 96 for one in change[[7, 8, 91]]] == [7, 12, 95]
    assert [divmod(int(one), 96) for one in change[[92, 95]]] == [(0, 0), (0, 3)]


def test_total_of_a_day_with_a_gap_bounds_nothing() -> None:
    reads = np.full((16, 24), 10)
    reads[2] = 1
    usable = np.ones((16, 24), bool)
    usable[2, 5] = False
    workday = int(np.flatnonzero(found(reads, usable, [(0, 16)]).day_type == 0)[0])
    assert found(reads, usable, [(0, 16)]).day_low[workday] == 240


def test_window_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match=r"windows \[\(0, 129\)\] are longer than 128 days"):
        found(np.ones((16, 24)), np.ones((16, 24)), [(0, 129)])


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            {"interval_minutes": np.where(np.arange(16) == 5, 15, 60)},
            r"block 5 holds reads 120 to 144 of 384, of 15 min",
        ),
        ({"interval_minutes": np.where(np.arange(16) == 5, 120, 60)}, r"block 5 .* of 120 min"),
        ({"interval_minutes": np.where(np.arange(16) == 5, 0, 60)}, r"block 5 .* of 0 min"),
        ({"offset": np.where(np.arange(17) == 16, 400, 24 * np.arange(17))}, r"block 15 holds reads 360 to 400 of 384"),
        ({"offset": np.where(np.arange(17) == 4, 10, 24 * np.arange(17))}, r"block 3 holds reads 72 to 10"),
        ({"date_index": np.arange(16) + (np.arange(16) == 7) * 9}, r"block 7 .* on day 16 of 16 by `date_index`"),
        ({"date_index": np.arange(16) - (np.arange(16) == 0)}, r"block 0 .* on day -1 of 16"),
        ({"local": CLOCK + 96}, r"from \d+ to 3\d\d; needed 96 a day, from 0 to 287"),
        ({"key_start": np.array([0, 17, 16])}, "rows of keys do not begin at 0 or fall"),
    ],
)
def test_rows_that_would_lead_outside_are_named(other: dict[str, np.ndarray], message: str) -> None:
    """The loop keeps its reads in memory of its own, which no bounds check guards."""
    kinds = {"offset": np.int64, "key_start": np.int64}
    arrays = {name: array.astype(kinds.get(name, np.int32)) for name, array in other.items()}
    with pytest.raises(ValueError, match=message):
        found(np.ones((16, 24)), np.ones((16, 24)), [(0, 16)], **arrays)


def test_quantile_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"quantile 2; needed from 0 to 0\.5"):
        found(np.ones((16, 24)), np.ones((16, 24)), [(0, 16)], 2)
