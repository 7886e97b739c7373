"""Reads as received, resolved and packed into one block for each usage point, channel and grid day.

A *piece* is a run of equal intervals of one record that lies within one grid day; a *key* is one block to make:
a channel of a usage point on a grid day. The pieces of a key stand next to each other.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kernels import _block_pack as loops

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.uint8]

OUTCOMES: Final = ("accepted", "duplicate", "superseded", "conflict", "overflow", "refused")
"""What becomes of a read, in the order of the columns of `Packed.outcome`."""


@dataclass(frozen=True)
class Packed:
    """Blocks of all keys, one after the other: block k is ``reading[offset[k]:offset[k + 1]]``."""

    offset: Longs
    interval_minutes: Ints
    reading: Ints
    """Whole units; 0 where missing."""
    reading_quality: NDArray[np.int8]
    """`kernels.quality`: valid, missing, or estimated by the source."""
    rounding: Floats
    """Sum of what rounding to whole units moved, per key."""
    version: Longs
    """Highest version among the reads that won, per key; -1 where none did."""
    received_intervals: Ints
    """Intervals of the block for which a read won, per key."""
    active: Longs
    """(keys, 2): bit i set where a read in quarter-hour i of the day's first or second half is not zero."""
    outcome: Ints
    """(pieces, outcomes): how many reads of a piece had which of `OUTCOMES`; values that are NaN are no reads."""


def pack(
    *,
    value: Floats,
    offset: Longs,
    estimated: Flags,
    estimated_offset: Longs,
    first_minute: Ints,
    interval_minutes: Ints,
    factor: Floats,
    version: Longs,
    refused: Flags,
    key_start: Longs,
    default_interval_minutes: int,
) -> Packed:
    """Blocks of whole units in which the highest version of each interval stands, whatever the order of pieces.

    Of the reads of one interval the highest version wins and lower ones are superseded; a second read of that
    version is a duplicate where value and length are the same, else all of that version are in conflict and the
    interval is missing. A value x becomes ``rint(x * factor)``, half to even. A block's interval is the greatest
    common divisor of its pieces' intervals; a longer read is cut into equal parts that sum to it exactly, the
    remainder going to the earliest parts, one unit each.

    Parameters
    ----------
    value : (values,), in the source's unit; NaN where no read came.
    offset : (pieces + 1,). Piece p holds ``value[offset[p]:offset[p + 1]]``; a key may have a piece with no
        values, which makes its block without filling it.
    estimated : 1 for values the source marks as estimated.
    estimated_offset : (pieces + 1,). As `offset`; a piece with no marks holds none that is estimated.
    first_minute : (pieces,). Minute of the grid day at which the piece starts, a multiple of its interval.
    interval_minutes : (pieces,). Divides 1440; ignored where the piece is refused or has no values.
    factor : (pieces,). Whole units (Wh, varh) per unit of the source, multiplier included.
    version : (pieces,), >= 0.
    refused : (pieces,). 1 where a rule has refused the whole piece: its reads are only counted.
    key_start : (keys + 1,). Key k has the pieces ``key_start[k]`` up to ``key_start[k + 1]``.
    default_interval_minutes : interval of a block with no reads.

    Raises
    ------
    ValueError : lengths do not agree, or a piece does not lie within its grid day; names the first.

    Source
    ------
    That a later version replaces an earlier one, as UpdateDateTime does in AEMO's Meter Data File Format (NEM12); half
    to even is roundTiesToEven of IEEE Std 754-2019. Parts that sum to the whole: the largest remainders are equal here,
    so the earliest parts get them.

    Examples
    --------
    An hour of 1.003 kWh that a quarter-hour of a later version corrects in part:

    >>> packed = pack(
    ...     value=np.array([1.003, 0.4]), offset=np.array([0, 1, 2]), estimated=np.zeros(0, np.uint8),
    ...     estimated_offset=np.zeros(3, np.int64), first_minute=np.array([0, 15], np.int32),
    ...     interval_minutes=np.array([60, 15], np.int32), factor=np.full(2, 1000.0), version=np.array([1, 2]),
    ...     refused=np.zeros(2, np.uint8), key_start=np.array([0, 2]),
    ...     default_interval_minutes=15,
    ... )
    >>> packed.reading[:5].tolist(), packed.reading_quality[:5].tolist(), packed.interval_minutes.tolist()
    ([251, 400, 251, 250, 0], [0, 0, 0, 0, 3], [15])
    """
    pieces, keys = len(offset) - 1, len(key_start) - 1
    lengths = {
        "estimated_offset": len(estimated_offset) - 1,
        "first_minute": len(first_minute),
        "interval_minutes": len(interval_minutes),
        "factor": len(factor),
        "version": len(version),
        "refused": len(refused),
    }
    wrong = {name: length for name, length in lengths.items() if length != pieces}
    if wrong or (keys and (key_start[0] != 0 or key_start[-1] != pieces)):
        raise ValueError(f"pack: {pieces:,} pieces by offset and {keys:,} keys, but found lengths {wrong or key_start}")
    counts = (np.diff(offset) > 0) & (refused == 0)
    interval = np.where(counts, interval_minutes, 0).astype(np.int32)
    key_interval = _common_interval(interval, key_start, default_interval_minutes)
    slots = np.zeros(keys + 1, np.int64)
    np.cumsum(1440 // key_interval, out=slots[1:])
    packed = Packed(
        offset=slots,
        interval_minutes=key_interval,
        reading=np.empty(slots[-1], np.int32),
        reading_quality=np.empty(slots[-1], np.int8),
        rounding=np.empty(keys),
        version=np.empty(keys, np.int64),
        received_intervals=np.empty(keys, np.int32),
        active=np.empty((keys, 2), np.int64),
        outcome=np.zeros((pieces, len(OUTCOMES)), np.int32),
    )
    arrays: tuple[NDArray[Any], ...] = (
        value, offset, estimated, estimated_offset, first_minute, interval, factor, version, refused,
        key_start, key_interval, slots, packed.reading, packed.reading_quality, packed.rounding, packed.version,
        packed.received_intervals, packed.active, packed.outcome,
    )  # fmt: skip
    bad = loops.pack(*arrays)
    if bad >= 0:
        raise ValueError(
            f"pack: piece {bad:,} of {pieces:,} starts at minute {first_minute[bad]} with "
            f"{offset[bad + 1] - offset[bad]} intervals of {interval_minutes[bad]} min; "
            "needed are whole intervals within one day"
        )
    return packed


def _common_interval(interval: Ints, key_start: Longs, default: int) -> Ints:
    """Greatest common divisor of the intervals of each key's pieces; `default` where it has none."""
    common = np.zeros(len(key_start) - 1, np.int32)
    filled = np.diff(key_start) > 0
    if filled.any():
        common[filled] = np.gcd.reduceat(interval, key_start[:-1][filled])
    common[common == 0] = default
    return common
