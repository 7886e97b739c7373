"""Rows of golden cases: CSV files, arrays as runs (``3x96`` is 96 times 3, ``(7 8)x2`` is 7 8 7 8)."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Row
from pyspark.sql import types as t

from jobs.table import Table


def runs(text: str) -> list[int]:
    """``1 (7 8)x2 3x2`` -> 1 7 8 7 8 3 3."""
    result: list[int] = []
    for inner, single, times in re.findall(r"(?:\(([^)]*)\)|(-?\d+))(?:x(\d+))?", text):
        result += [int(value) for value in (inner or single).split()] * int(times or 1)
    return result


def value(kind: t.DataType, text: str) -> Any:
    if isinstance(kind, t.ArrayType):
        return [float(one) for one in runs(text)] if isinstance(kind.elementType, t.DoubleType) else runs(text)
    if text == "":
        return None
    if isinstance(kind, t.BooleanType):
        return {"true": True, "false": False}[text]
    if isinstance(kind, t.DateType):
        return date.fromisoformat(text)
    if isinstance(kind, t.TimestampType):
        return datetime.fromisoformat(text)
    if isinstance(kind, t.DoubleType):
        return float(text)
    return int(text) if isinstance(kind, t.IntegralType) else text


def read(path: Path, table: Table) -> list[dict[str, Any]]:
    """Rows of a table; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [{name: value(table.column(name).type, text) for name, text in row.items()} for row in rows]


def check_rows(then: Path, table: Table, rows: list[Row]) -> None:
    """All rows that must come out, in the columns that the file names."""
    wanted = {tuple(row[name] for name in table.key): row for row in read(then, table)}
    found = {tuple(row[name] for name in table.key): row for row in rows}
    assert set(found) == set(wanted), then.stem
    for key, row in wanted.items():
        for name, expected in row.items():
            got = found[key][name]
            if isinstance(expected, float) and got is not None:
                assert got == pytest.approx(expected, rel=1e-12), (then.stem, key, name)
            elif isinstance(expected, datetime):
                assert got == expected.replace(tzinfo=None), (then.stem, key, name)
            else:
                assert got == expected, (then.stem, key, name)
