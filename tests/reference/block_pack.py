"""What packing reads into blocks means, one read at a time."""

import math
from dataclasses import dataclass
from fractions import Fraction

from kernels.quality import ESTIMATED_BY_SOURCE, MISSING, VALID

LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Piece:
    """A run of equal intervals of one record within one day; ``None`` where no read came."""

    first_minute: int
    interval: int
    values: tuple[float | None, ...]
    version: int = 1
    factor: float = 1.0
    estimated: tuple[bool, ...] = ()
    refused: bool = False


@dataclass(frozen=True)
class Read:
    piece: int
    start: int
    minutes: int
    value: float
    version: int
    estimated: bool


def pack_key(pieces: list[Piece], default: int) -> tuple[int, list[int], list[int], list[dict[str, int]]]:
    """Interval, readings, qualities and the outcome of each piece's reads, for one block."""
    outcome = [
        dict.fromkeys(("accepted", "duplicate", "superseded", "conflict", "overflow", "refused"), 0) for _ in pieces
    ]
    reads: list[Read] = []
    for number, piece in enumerate(pieces):
        for i, value in enumerate(piece.values):
            if value is None:
                continue
            scaled = value * piece.factor
            if piece.refused:
                outcome[number]["refused"] += 1
            elif abs(round(scaled)) > LARGEST:
                outcome[number]["overflow"] += 1
            else:
                estimated = bool(piece.estimated) and piece.estimated[i]
                start = piece.first_minute + i * piece.interval
                reads.append(Read(number, start, piece.interval, scaled, piece.version, estimated))
    interval = math.gcd(*(piece.interval for piece in pieces if piece.values and not piece.refused)) or default

    def best_at(minute: int) -> list[Read]:
        there = [read for read in reads if read.start <= minute < read.start + read.minutes]
        return [read for read in there if read.version == max(one.version for one in there)]

    reading, quality = [0] * (1440 // interval), [MISSING] * (1440 // interval)
    for read in reads:
        minutes = range(read.start, read.start + read.minutes, interval)
        bests = [best_at(minute) for minute in minutes]
        leads = [best for best in bests if read in best]
        if any(one.value != read.value or one.minutes != read.minutes for best in leads for one in best):
            outcome[read.piece]["conflict"] += 1
            continue
        if not leads:
            outcome[read.piece]["superseded"] += 1
            continue
        if not any(best[0] is read for best in leads):
            outcome[read.piece]["duplicate"] += 1
            continue
        outcome[read.piece]["accepted"] += 1
        parts = equal_parts(round(read.value), len(minutes))
        for minute, best, part in zip(minutes, bests, parts, strict=True):
            if best[0] is read:
                reading[minute // interval] = part
                marked = all(one.estimated for one in best)
                quality[minute // interval] = ESTIMATED_BY_SOURCE if marked else VALID
    return interval, reading, quality, outcome


def equal_parts(total: int, parts: int) -> list[int]:
    """Whole parts that sum to the total: each its floor, one more for the earliest until the sum is met."""
    floor = math.floor(Fraction(total, parts))
    return [floor + (part < total - floor * parts) for part in range(parts)]
