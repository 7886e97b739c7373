"""Packing reads into day blocks: against its definition, by hand, and what must hold whatever the order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.block_pack import OUTCOMES, Packed, pack
from kernels.quality import ESTIMATED_BY_SOURCE, MISSING, VALID
from tests.reference.block_pack import Piece, equal_parts, pack_key

# Values on a coarse lattice, so that ties, duplicates and conflicts are common.
values = st.one_of(st.none(), st.sampled_from([0.0, 0.5, 1.5, 2.5, -1.5, 7.0, 1e7, 3e9]), st.integers(-4, 4).map(float))


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    interval = draw(st.sampled_from([5, 10, 15, 30, 60]))
    count = draw(st.integers(0, 6))
    start = draw(st.integers(0, 6)) * interval
    return Piece(
        start,
        interval,
        tuple(draw(st.lists(values, min_size=count, max_size=count))),
        version=draw(st.integers(1, 3)),
        factor=draw(st.sampled_from([1.0, 1000.0, 0.5])),
        estimated=tuple(draw(st.lists(st.booleans(), min_size=count, max_size=count))) if draw(st.booleans()) else (),
        refused=draw(st.sampled_from([False, False, False, True])),
    )


def arrays(keys: Sequence[Sequence[Piece]]) -> dict[str, Any]:
    flat = [piece for key in keys for piece in key]

    def starts(lengths: Sequence[int]) -> Any:
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    made = {
        "value": np.array([np.nan if v is None else v for piece in flat for v in piece.values], np.float64),
        "offset": starts([len(piece.values) for piece in flat]),
        "estimated": np.array([one for piece in flat for one in piece.estimated], np.uint8),
        "estimated_offset": starts([len(piece.estimated) for piece in flat]),
        "first_minute": np.array([piece.first_minute for piece in flat], np.int32),
        "interval_minutes": np.array([piece.interval for piece in flat], np.int32),
        "factor": np.array([piece.factor for piece in flat], np.float64),
        "version": np.array([piece.version for piece in flat], np.int64),
        "refused": np.array([piece.refused for piece in flat], np.uint8),
        "key_start": starts([len(key) for key in keys]),
    }
    for array in made.values():
        array.setflags(write=False)
    return made


def packed(*keys: Sequence[Piece]) -> Packed:
    return pack(**arrays(keys), default_interval_minutes=15)


def block(result: Packed, key: int = 0) -> tuple[list[int], list[int]]:
    span = slice(result.offset[key], result.offset[key + 1])
    return result.reading[span].tolist(), result.reading_quality[span].tolist()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(pieces(), max_size=5), min_size=1, max_size=4))
def test_kernel_is_the_reference(keys: list[list[Piece]]) -> None:
    result = packed(*keys)
    piece = 0
    for number, key in enumerate(keys):
        interval, reading, quality, outcome = pack_key(key, 15)
        assert result.interval_minutes[number] == interval
        assert block(result, number) == (reading, quality)
        assert result.received_intervals[number] == sum(code != MISSING for code in quality)
        for wanted in outcome:
            assert dict(zip(OUTCOMES, result.outcome[piece].tolist(), strict=True)) == wanted
            piece += 1


@settings(max_examples=200, deadline=None)
@given(st.lists(pieces(), max_size=5), st.randoms())
def test_order_of_pieces_changes_no_block_and_loses_no_read(key: list[Piece], random: Any) -> None:
    shuffled = list(key)
    random.shuffle(shuffled)
    one, other = packed(key), packed(shuffled)
    assert block(one) == block(other)
    assert one.outcome.sum(axis=0).tolist() == other.outcome.sum(axis=0).tolist()
    assert one.outcome.sum() == sum(value is not None for piece in key for value in piece.values)


def test_ties_round_to_even_and_what_rounding_moved_is_kept() -> None:
    result = packed([Piece(0, 15, (0.5, 1.5, 2.5, 2.25, -0.5))])
    assert block(result)[0][:5] == [0, 2, 2, 2, 0]
    assert result.rounding.tolist() == [-0.5 + 0.5 - 0.5 - 0.25 + 0.5]


def test_hour_beside_ten_minutes_meets_on_ten_minutes_with_its_sum() -> None:
    result = packed([Piece(0, 60, (100.0,)), Piece(60, 10, (7.0,) * 6)])
    reading, quality = block(result)
    assert result.interval_minutes.tolist() == [10]
    assert reading[:13] == [17, 17, 17, 17, 16, 16, 7, 7, 7, 7, 7, 7, 0]
    assert quality[:13] == [VALID] * 12 + [MISSING]


def test_negative_total_is_parted_by_the_same_rule() -> None:
    assert equal_parts(-5, 4) == [-1, -1, -1, -2]
    assert block(packed([Piece(0, 60, (-5.0,)), Piece(60, 15, (0.0,))]))[0][:4] == [-1, -1, -1, -2]


def test_conflict_rejects_all_reads_of_that_version_and_leaves_the_interval_missing() -> None:
    result = packed(
        [Piece(0, 15, (1.0, 5.0), version=2), Piece(0, 15, (1.0, 6.0), version=2), Piece(0, 15, (9.0, 9.0))]
    )
    assert block(result)[0][:2] == [1, 0]
    assert block(result)[1][:2] == [VALID, MISSING]
    totals = dict(zip(OUTCOMES, result.outcome.sum(axis=0).tolist(), strict=True))
    assert totals["accepted"] == 1
    assert totals["duplicate"] == 1
    assert totals["conflict"] == 2
    assert totals["superseded"] == 2


def test_estimate_of_the_source_keeps_its_mark_unless_a_measured_twin_came() -> None:
    estimated = Piece(0, 15, (4.0, 4.0), estimated=(True, True))
    assert block(packed([estimated, Piece(0, 15, (4.0,))]))[1][:2] == [VALID, ESTIMATED_BY_SOURCE]


def test_block_without_pieces_is_missing_throughout() -> None:
    result = packed([], [Piece(0, 15, (1.0,))])
    assert block(result, 0) == ([0] * 96, [MISSING] * 96)
    assert result.version.tolist() == [-1, 1]
    assert result.active.tolist() == [[0, 0], [1, 0]]


def test_active_quarters_of_hours_and_five_minutes() -> None:
    hours = packed([Piece(13 * 60, 60, (3.0,))])
    assert hours.active.tolist() == [[0, 0b1111 << 4]]
    five = packed([Piece(5, 5, (0.0, 0.0, 2.0))])
    assert five.active.tolist() == [[0b10, 0]]


def test_piece_beyond_its_day_is_named() -> None:
    with pytest.raises(ValueError, match="piece 1 of 2 starts at minute 1425 with 2 intervals of 15 min"):
        packed([Piece(0, 15, (1.0,)), Piece(1425, 15, (1.0, 2.0))])
