"""What became of each value received.

Which read of an interval stands is decided by the kernel that packs received blocks: each value is handed to it as a
piece of its own, so that what it counts of a piece is what became of that value.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import Any

import numpy as np

from jobs.silver.block_packing import RULES
from jobs.trace.lookup import Lookup, same
from jobs.trace.pieces import Day, Piece
from kernels.block_pack import OUTCOMES, pack

EMPTY, WAITING, REJECTED = "empty", "waiting", "rejected"
NOWHERE = "unknown_meter"
Outcome = tuple[str, str | None]  # and the rule that refused it


def judged(lookup: Lookup, pieces: list[Piece], point: str, day: Day) -> list[Outcome]:
    """Outcome of each value, and the rule that refused it."""
    of_day = same(grid_date=day.date)
    blocks = lookup.rows("silver.received_block", [*of_day, *same(usage_point_id=point)], ["channel"])
    built = {row["channel"] for row in blocks}
    refused = _refused(lookup, {piece.record["file_id"] for piece in pieces}, day)
    result: list[Outcome] = []
    left: dict[str, list[int]] = defaultdict(list)
    for place, piece in enumerate(pieces):
        row = piece.record
        whose = (row["file_id"], row["first_line"], row["meter_id"], row["register"])
        rule = refused.get((*whose, piece.stay is None)) or _own_fault(piece, day)
        result.append((EMPTY, None) if piece.value is None else (REJECTED, rule) if rule else (WAITING, None))
        if result[-1][0] == WAITING and piece.met and piece.stay is not None and row["channel"] in built:
            left[row["channel"]].append(place)
    if left:
        order = [place for places in left.values() for place in places]
        key_start = np.cumsum([0, *map(len, left.values())])
        for place, outcome in zip(order, _packed([pieces[one] for one in order], key_start, day), strict=True):
            result[place] = (REJECTED, outcome) if outcome in RULES else (outcome, None)
    return result


def _own_fault(piece: Piece, day: Day) -> str | None:
    """The rule that a read breaks by itself, whatever else came and whether it was met by a build or not."""
    whole = timedelta(0)
    misfit = timedelta(days=1) % piece.step != whole or (piece.start - day.start) % piece.step != whole
    return "interval_not_dividing_day" if misfit else None


def _refused(lookup: Lookup, files: set[str], day: Day) -> dict[tuple[str, int, str, str, bool], str]:
    """Rules that refused all of a record's reads of the day, of those at the usage point or of those at none.

    By file, line, meter, register, and whether the meter stood nowhere.
    """
    where = [*same(grid_date=day.date), ("file_id", "in", files)]
    found = {}
    for row in lookup.rows("silver.received_block_rejected", where) if files else []:
        if row["rule_id"] not in OUTCOMES and row["record"]:
            record = json.loads(row["record"])
            place = (row["file_id"], row["first_line"], record["meter_id"], record["register"])
            found[*place, row["rule_id"] == NOWHERE] = row["rule_id"]
    return found


def _packed(pieces: list[Piece], key_start: Any, day: Day) -> list[str]:
    """What the kernel makes of each value, ``key_start`` saying where each channel's begin."""
    minutes = np.array([piece.record["interval_minutes"] for piece in pieces], np.int32)
    each = np.arange(len(pieces) + 1, dtype=np.int64)
    packed = pack(
        value=np.array([piece.value for piece in pieces], np.float64),
        offset=each,
        estimated=np.array([piece.estimated for piece in pieces], np.uint8),
        estimated_offset=each,
        first_minute=np.array([(piece.start - day.start) // timedelta(minutes=1) for piece in pieces], np.int32),
        interval_minutes=minutes,
        factor=np.array([piece.factor for piece in pieces], np.float64),
        version=np.array([piece.record["version"] for piece in pieces], np.int64),
        refused=np.zeros(len(pieces), np.uint8),
        key_start=key_start.astype(np.int64),
        default_interval_minutes=int(minutes[0]),
    )
    return [OUTCOMES[number] for number in packed.outcome.argmax(axis=1)]
