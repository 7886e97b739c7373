"""Reads of a grid day as received, record by record, each value with its line and what became of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from jobs.settings import Settings
from jobs.silver.block_packing import RULES
from jobs.trace.ids import identity
from jobs.trace.judged import Outcome, judged
from jobs.trace.lines import lines_of
from jobs.trace.lookup import Lookup, Values
from jobs.trace.pieces import Day, Piece, pieces_of
from jobs.trace.structure import Read, Record

Judged = tuple[Piece, Outcome]


def records_of(lookup: Lookup, settings: Settings, point: str, day: Day) -> list[Record]:
    """Every record that holds a read of the usage point's day; of its meters also reads of times they stood nowhere."""
    pieces = list(pieces_of(lookup, point, day))
    together: dict[tuple[int, datetime | None], list[Judged]] = defaultdict(list)
    for piece, outcome in zip(pieces, judged(lookup, pieces, point, day), strict=True):
        since = piece.stay["valid_from_utc"] if piece.stay else None
        together[id(piece.record), since].append((piece, outcome))
    lines = _lines(lookup, settings, {id(piece.record): piece.record for piece in pieces})
    made = [_record(lookup, values, lines[row], day) for (row, _), values in together.items()]
    return sorted(made, key=lambda one: (one.channel, one.version, one.arrived_utc, one.delivered.first_line))


def _lines(lookup: Lookup, settings: Settings, rows: dict[int, Values]) -> dict[int, list[int | None]]:
    """The line of each value of the records."""
    together: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for number, row in rows.items():
        together[row["source"], row["file_id"], row["meter_id"]].append(number)
    told: dict[int, list[int | None]] = {}
    for (source, file_id, meter), numbers in together.items():
        written = identity(lookup, "meter_id", meter).source_id
        records = [rows[number] for number in numbers]
        told |= zip(numbers, lines_of(settings, records, lookup.file(source, file_id), written), strict=True)
    return told


def _record(lookup: Lookup, values: list[Judged], lines: list[int | None], day: Day) -> Record:
    """The record's values of one stay of its meter."""
    first = values[0][0]
    row, stay = first.record, first.stay
    codes = {run["first_slot"] + one: run["code"] for run in row["quality"] for one in range(run["slots"])}
    return Record(
        delivered=lookup.at(row["source"], row["file_id"], row["first_line"], row["last_line"]),
        arrived_utc=first.arrived,
        meter=identity(lookup, "meter_id", row["meter_id"]),
        usage_point_id=stay["usage_point_id"] if stay else None,
        register=row["register"],
        channel=row["channel"],
        version=row["version"],
        unit=row["source_unit"],
        unit_factor=row["unit_factor"],
        multiplier=stay["multiplier"] if stay else None,
        interval_minutes=row["interval_minutes"],
        reads=[_read(piece, outcome, lines[piece.number], codes.get(piece.number), day) for piece, outcome in values],
    )


def _read(piece: Piece, outcome: Outcome, line: int | None, quality: str | None, day: Day) -> Read:
    became, rule = outcome
    value, factor = piece.value, piece.factor
    return Read(
        slot=(piece.start - day.start) // piece.step,
        start_utc=piece.start,
        line=line,
        position=piece.number + 1,
        value=value,
        quality=quality,
        source_estimated=piece.estimated,
        energy=None if value is None or factor is None else value * factor,
        outcome=became,
        rule_id=rule,
        reason=None if rule is None else RULES[rule].told,
    )
