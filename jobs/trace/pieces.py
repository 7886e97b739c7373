"""The values of a usage point's grid day, one by one: records of bronze, cut where the day and a meter's stay end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from jobs.lake.arrow import Condition
from jobs.trace.lookup import AsOf, Lookup, Values, is_valid, same

MOST_FILES = 500  # more are not named one by one: bounds of days and meters then choose what is opened


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


@dataclass(frozen=True)
class Piece:
    """One value of a record.

    Parameters
    ----------
    record
        Row of bronze.interval_block.
    number
        Number of the value in it, from 0.
    stay
        Row of silver.meter that holds at the interval's start; None where the meter stood nowhere.
    arrived
        First arrival of the file.
    met
        Whether the build that made the day read the file.
    """

    record: Values
    number: int
    stay: Values | None
    arrived: datetime
    met: bool

    @property
    def step(self) -> timedelta:
        return timedelta(minutes=self.record["interval_minutes"])

    @property
    def start(self) -> datetime:
        start: datetime = self.record["start_utc"]
        return start + self.number * self.step

    @property
    def value(self) -> float | None:
        """As received; None where none came."""
        value: float = self.record["value"][self.number]
        return None if np.isnan(value) else value

    @property
    def factor(self) -> float | None:
        """Whole units a source unit; None where the meter stood nowhere."""
        return None if self.stay is None else self.record["unit_factor"] * self.stay["multiplier"]

    @property
    def estimated(self) -> bool:
        """Whether the source marks it as estimated."""
        return bool(self.record["source_estimated"]) and bool(self.record["source_estimated"][self.number])


def meters_at(lookup: Lookup, point: str, day: Day) -> tuple[AsOf, AsOf]:
    """Rows of silver.meter that hold at a usage point at some time of the day: as its build knew them, and as they are.

    Multipliers may have been corrected and exchanges registered since: what the day was made of are the former.
    """

    def holding(found: AsOf) -> AsOf:
        on_day = [
            row
            for row in sorted(found.rows, key=lambda row: str(row["valid_from_utc"]))
            if row["valid_from_utc"] < day.end and (row["valid_to_utc"] is None or row["valid_to_utc"] > day.start)
        ]
        return AsOf(on_day, found.version)

    here = same(usage_point_id=point)
    now = AsOf(lookup.rows("silver.meter", here), lookup.version("silver.meter"))
    return holding(lookup.rows_as_built("silver.meter", here, day.date)), holding(now)


def pieces_of(lookup: Lookup, point: str, day: Day) -> Iterator[Piece]:
    """Values of intervals that start on the day while their meter stood there; reads also while it stood nowhere."""
    built, now = meters_at(lookup, point, day)
    meters = {row["meter_id"] for row in [*built.rows, *now.rows]}
    if not meters:
        return
    stays = lookup.rows_as_built("silver.meter", [("meter_id", "in", meters)], day.date).rows
    where = _of_day(lookup, meters, day.date)
    met = _met(lookup, where, day.date)
    for row in lookup.rows("bronze.interval_block", where):
        arrived = lookup.file(row["source"], row["file_id"]).get("arrived_utc")
        if arrived is None:  # not in the ledger: left by an ingest that did not end
            continue
        of_meter = [stay for stay in stays if stay["meter_id"] == row["meter_id"]]
        step = timedelta(minutes=row["interval_minutes"])
        for number in range(max(0, -((row["start_utc"] - day.start) // step)), len(row["value"])):
            start = row["start_utc"] + number * step
            if start >= day.end:
                break
            stay = next((one for one in of_meter if is_valid(one, start)), None)
            piece = Piece(row, number, stay, arrived, met is None or row["file_id"] in met)
            if (stay is None and piece.value is not None) or (stay is not None and stay["usage_point_id"] == point):
                yield piece


def covering_files(lookup: Lookup, day: date) -> list[Values]:
    """Files with intervals of a grid day, and failed ones: of an ingest that did not end the ledger knows no days."""
    columns = ["file_id", "arrived_utc"]
    of_day: list[Condition] = [("first_grid_date", "<=", day), ("last_grid_date", ">=", day)]
    return lookup.rows("bronze.file", of_day, columns) + lookup.rows("bronze.file", same(status="failed"), columns)


def _of_day(lookup: Lookup, meters: set[str], day: date) -> list[Condition]:
    """Which records of bronze have an interval of the meters on the day; also which partitions and files may."""
    files = {row["file_id"]: row["arrived_utc"].date() for row in covering_files(lookup, day)}
    where: list[Condition] = [
        ("received_date", "in", set(files.values())),
        ("first_grid_date", "<=", day),
        ("last_grid_date", ">=", day),
        ("meter_id", "in", meters),
    ]
    return [*where, ("file_id", "in", set(files))] if len(files) <= MOST_FILES else where


def _met(lookup: Lookup, where: list[Condition], day: date) -> set[str] | None:
    """Files that stood in the version of bronze that the day was built from; None where that is the version read."""
    version = lookup.built_from("bronze.interval_block", day)
    if version in (None, lookup.version("bronze.interval_block")):
        return None
    return {row["file_id"] for row in lookup.rows("bronze.interval_block", where, ["file_id"], version=version)}
