"""What stands in a lake, read without Spark: the files that each table's log names, row by row; and how two differ."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as pq

Row = dict[str, Any]
Contents = dict[str, list[Row]]

OF_ARRIVAL = {"arrived_utc", "read_at_utc", "received_date", "version", "reason"}
"""Columns that say when or in which run a file came, or follow from it."""


def standing(table: Path) -> list[Row]:
    """Rows of one table's newest version, in no order; partition values as the log writes them."""
    return [
        row | file["partitionValues"]
        for path, file in standing_files(table).items()
        for row in pq.ParquetFile(table / unquote(path)).read().to_pylist()
    ]


def standing_files(table: Path) -> dict[str, Row]:
    """By path: what the log says of each file of one table's newest version."""
    added: dict[str, Row] = {}
    for commit in sorted((table / "_delta_log").glob("*.json")):
        for action in map(json.loads, commit.read_text().splitlines()):
            if "add" in action:
                assert not action["add"].get("deletionVector"), commit
                added[action["add"]["path"]] = action["add"]
            elif "remove" in action:
                added.pop(action["remove"]["path"], None)
    return added


def day_files(table: Path) -> dict[str, set[str]]:
    """By grid day: the files that hold it in a day table's newest version."""
    by_day: dict[str, set[str]] = {}
    for path, file in standing_files(table).items():
        by_day.setdefault(file["partitionValues"]["grid_date"], set()).add(path)
    return by_day


def contents(lake: Path) -> Contents:
    """Every table but those of ``ops``, which tell of runs."""
    tables = {f"{log.parent.parent.name}.{log.parent.name}": log.parent for log in lake.glob("*/*/_delta_log")}
    return {name: standing(folder) for name, folder in sorted(tables.items()) if not name.startswith("ops.")}


def apart_from_arrival(lake: Contents) -> Contents:
    """The same without what depends on when the files came, and in which run."""
    return {name: [_timeless(row) for row in rows] for name, rows in lake.items()}


def _timeless(row: Row) -> Row:
    kept = {name: value for name, value in row.items() if name not in OF_ARRIVAL}
    if row.get("known_from_basis") == "arrival":
        kept.pop("known_from_utc")
    if str(row.get("record")).startswith("{"):
        kept["record"] = _timeless(json.loads(row["record"]))
    return kept


def differences(one: Contents, other: Contents) -> list[str]:
    """The first difference of each table; floats are equal to the bit, as every sum of them has a fixed order."""
    found = [f"{name} stands in one lake only" for name in sorted(one.keys() ^ other.keys())]
    for name in sorted(one.keys() & other.keys()):
        if len(one[name]) != len(other[name]):
            found.append(f"{name}: {len(one[name]):,} rows, {len(other[name]):,} rows")
            continue
        for mine, theirs in zip(*(sorted(lake[name], key=_exactly) for lake in (one, other)), strict=True):
            unlike = [key for key in mine.keys() | theirs.keys() if not _same(mine.get(key), theirs.get(key))]
            if unlike:
                found.append(f"{name}: {[(key, mine.get(key), theirs.get(key)) for key in sorted(unlike)]} in {mine}")
                break
    return found


def _exactly(row: Row) -> str:
    """The row without its floats, as a text to sort by."""
    return json.dumps({name: value for name, value in row.items() if not _inexact(value)}, default=str, sort_keys=True)


def _inexact(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_inexact, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return struct.pack("d", one) == struct.pack("d", other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)
