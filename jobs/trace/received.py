"""Reads of a grid day as received, and what became of each: the records of bronze, judged value by value.

Which read of an interval stands is decided by the kernel that packs received blocks: each value is handed to it as a
piece of its own, so that what it counts of a piece is what became of that value.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from jobs.lake.arrow import Condition
from jobs.settings import Settings
from jobs.silver.block_packing import RULES
from jobs.trace.ids import identity
from jobs.trace.lines import lines_of
from jobs.trace.lookup import Lookup, Values, is_valid, same
from jobs.trace.structure import Read, Record
from kernels.block_pack import OUTCOMES, pack

MOST_FILES = 500  # more are not named one by one: bounds of days and meters then choose what is opened
WAITING = "waiting"
Outcome = tuple[str, str | None]  # and the rule that refused it
Piece = tuple[Values, int, Values | None]  # record, number of the value in it, stay of its meter then
Judged = tuple[Piece, Outcome]


@dataclass(frozen=True)
class Day:
    """A grid day, as instants."""

    date: date
    offset: timedelta

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(f"{self.date}T00:00:00+00:00") - self.offset

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=1)


def records_of(lookup: Lookup, settings: Settings, point: str, day: Day) -> list[Record]:
    """Every record that holds a read of the usage point's day; of its meters also reads of times they stood nowhere."""
    meters = {row["meter_id"] for row in lookup.rows("silver.meter", same(usage_point_id=point), ["meter_id"])}
    if not meters:
        return []
    stays = lookup.rows("silver.meter", [("meter_id", "in", meters)])
    rows = _bronze_rows(lookup, meters, day)
    pieces = list(_pieces(rows, stays, point, day))
    judged = _judged(lookup, pieces, point, day)
    told: dict[tuple[int, datetime | None], list[Judged]] = defaultdict(list)
    for piece, outcome in zip(pieces, judged, strict=True):
        row, _, stay = piece
        told[id(row), stay["valid_from_utc"] if stay else None].append((piece, outcome))
    line = _lines(lookup, settings, [row for row in rows if any(id(row) == one for one, _ in told)])
    made = [_record(lookup, values, line[row], day) for (row, _), values in told.items()]
    return sorted(made, key=lambda one: (one.channel, one.version, one.arrived_utc, one.delivered.first_line))


def covering_files(lookup: Lookup, day: date) -> list[Values]:
    """Files with intervals of a grid day, and failed ones: of an ingest that did not end the ledger knows no days."""
    columns = ["file_id", "source", "arrived_utc", "kept_path"]
    of_day: list[Condition] = [("first_grid_date", "<=", day), ("last_grid_date", ">=", day)]
    return lookup.rows("bronze.file", of_day, columns) + lookup.rows("bronze.file", same(status="failed"), columns)


def _bronze_rows(lookup: Lookup, meters: set[str], day: Day) -> list[Values]:
    """Records of the meters with an interval on the day; opened are the partitions and files that may hold any."""
    files = {row["file_id"]: row["arrived_utc"].date() for row in covering_files(lookup, day.date)}
    where: list[Condition] = [
        ("received_date", "in", set(files.values())),
        ("first_grid_date", "<=", day.date),
        ("last_grid_date", ">=", day.date),
        ("meter_id", "in", meters),
    ]
    if len(files) <= MOST_FILES:
        where.append(("file_id", "in", set(files)))
    rows = lookup.rows("bronze.interval_block", where)
    return [row | {"_arrived_utc": lookup.file(row["source"], row["file_id"]).get("arrived_utc")} for row in rows]


def _pieces(rows: list[Values], stays: list[Values], point: str, day: Day) -> Iterable[Piece]:
    """The values whose interval starts on the day while their meter stood at the usage point, or nowhere."""
    for row in rows:
        of_meter = [stay for stay in stays if stay["meter_id"] == row["meter_id"]]
        step = timedelta(minutes=row["interval_minutes"])
        first = max(0, -((row["start_utc"] - day.start) // step))
        for number in range(first, len(row["value"])):
            start = row["start_utc"] + number * step
            if start >= day.end:
                break
            stay = next((one for one in of_meter if is_valid(one, start)), None)
            if stay is None or stay["usage_point_id"] == point:
                yield row, number, stay


def _judged(lookup: Lookup, pieces: list[Piece], point: str, day: Day) -> list[Outcome]:
    """Outcome of each value, and the rule that refused it."""
    of_day = same(grid_date=day.date)
    built = {
        row["channel"]
        for row in lookup.rows("silver.received_block", [*of_day, *same(usage_point_id=point)], ["channel"])
    }
    refused = _refused(lookup, {row["file_id"] for row, _, _ in pieces}, of_day)
    result: list[Outcome] = []
    left: dict[str, list[int]] = defaultdict(list)
    for place, (row, number, _) in enumerate(pieces):
        recorded = refused.get((row["file_id"], row["first_line"], row["meter_id"], row["register"]))
        rule = recorded or _own_fault(row, number, day)
        empty = bool(np.isnan(row["value"][number]))
        result.append(("empty", None) if empty else ("rejected", rule) if rule else (WAITING, None))
        if rule is None and not empty and row["channel"] in built and pieces[place][2] is not None:
            left[row["channel"]].append(place)
    if left:
        order = [place for places in left.values() for place in places]
        starts = np.concatenate([[0], np.cumsum([len(places) for places in left.values()])])
        for place, outcome in zip(order, _packed([pieces[one] for one in order], starts, day), strict=True):
            result[place] = ("rejected", outcome) if outcome in RULES else (outcome, None)
    return result


def _own_fault(row: Values, number: int, day: Day) -> str | None:
    """The rule that a read breaks by itself, whatever else came and whether it was met by a build or not."""
    step = timedelta(minutes=row["interval_minutes"])
    fits = timedelta(days=1) % step == timedelta(0) and (row["start_utc"] - day.start) % step == timedelta(0)
    if not fits:
        return "interval_not_dividing_day"
    return None if _arrived(row, number) else "future"


def _refused(lookup: Lookup, files: set[str], of_day: list[Condition]) -> dict[tuple[str, int, str, str], str]:
    """Records of which a rule refused all of the day: (file, line, meter, register) -> rule."""
    by_value = set(OUTCOMES)
    rows = lookup.rows("silver.received_block_rejected", [*of_day, ("file_id", "in", files)]) if files else []
    found = {}
    for row in rows:
        if row["rule_id"] not in by_value and row["record"]:
            record = json.loads(row["record"])
            found[row["file_id"], row["first_line"], record["meter_id"], record["register"]] = row["rule_id"]
    return found


def _packed(pieces: list[Piece], key_start: Any, day: Day) -> list[str]:
    """What the kernel makes of each value, `key_start` saying where each channel's begin."""
    minutes = np.array([row["interval_minutes"] for row, _, _ in pieces], np.int32)
    start = [row["start_utc"] + number * timedelta(minutes=row["interval_minutes"]) for row, number, _ in pieces]
    estimated = [_estimated(row, number) for row, number, _ in pieces]
    each = np.arange(len(pieces) + 1, dtype=np.int64)
    packed = pack(
        value=np.array([row["value"][number] for row, number, _ in pieces]),
        offset=each,
        estimated=np.array(estimated, np.uint8),
        estimated_offset=each,
        first_minute=np.array([(one - day.start) // timedelta(minutes=1) for one in start], np.int32),
        interval_minutes=minutes,
        factor=np.array([row["unit_factor"] * stay["multiplier"] for row, _, stay in pieces if stay]),
        version=np.array([row["version"] for row, _, _ in pieces], np.int64),
        known=np.ones(len(pieces), np.int32),
        refused=np.zeros(len(pieces), np.uint8),
        key_start=np.asarray(key_start, np.int64),
        default_interval_minutes=int(minutes[0]),
    )
    return [OUTCOMES[number] for number in packed.outcome.argmax(axis=1)]


def _estimated(row: Values, number: int) -> bool:
    return bool(row["source_estimated"]) and bool(row["source_estimated"][number])


def _arrived(row: Values, number: int) -> bool:
    """Whether the interval had ended when its file came."""
    whole_seconds = row["_arrived_utc"].replace(microsecond=0)
    return bool(row["start_utc"] + (number + 1) * timedelta(minutes=row["interval_minutes"]) <= whole_seconds)


def _lines(lookup: Lookup, settings: Settings, rows: list[Values]) -> dict[int, list[int | None]]:
    """The line of each value, by record."""
    together: dict[tuple[str, str, str], list[Values]] = defaultdict(list)
    for row in rows:
        together[row["source"], row["file_id"], row["meter_id"]].append(row)
    told: dict[int, list[int | None]] = {}
    for (source, file_id, meter), records in together.items():
        written = identity(lookup, "meter_id", meter).source_id
        lines = lines_of(settings, records, lookup.file(source, file_id), written)
        told |= {id(row): one for row, one in zip(records, lines, strict=True)}
    return told


def _record(lookup: Lookup, values: list[Judged], lines: list[int | None], day: Day) -> Record:
    row, _, stay = values[0][0]
    multiplier = None if stay is None else stay["multiplier"]
    codes = {run["first_slot"] + one: run["code"] for run in row["quality"] for one in range(run["slots"])}
    reads = []
    for (_, number, at), (outcome, rule) in values:
        start = row["start_utc"] + number * timedelta(minutes=row["interval_minutes"])
        value = None if np.isnan(row["value"][number]) else row["value"][number]
        read = Read(
            slot=(start - day.start) // timedelta(minutes=row["interval_minutes"]),
            start_utc=start,
            line=lines[number],
            position=number + 1,
            value=value,
            quality=codes.get(number),
            source_estimated=_estimated(row, number),
            energy=None if value is None or at is None else value * (row["unit_factor"] * at["multiplier"]),
            outcome=outcome,
            rule_id=rule,
            reason=None if rule is None else RULES[rule].told,
        )
        reads.append(read)
    return Record(
        delivered=lookup.at(row["source"], row["file_id"], row["first_line"], row["last_line"]),
        arrived_utc=row["_arrived_utc"],
        meter=identity(lookup, "meter_id", row["meter_id"]),
        usage_point_id=None if stay is None else stay["usage_point_id"],
        register=row["register"],
        channel=row["channel"],
        version=row["version"],
        unit=row["source_unit"],
        unit_factor=row["unit_factor"],
        multiplier=multiplier,
        interval_minutes=row["interval_minutes"],
        reads=reads,
    )
