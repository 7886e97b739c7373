"""A small table kept by day and one that is not, for tests of the lake and the gate."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pyspark.sql.types import ArrayType, DoubleType, LongType, StringType

from jobs import columns as c
from jobs.table import Column, Table

COLUMNS = (
    c.FEEDER_ID,
    c.GRID_DATE,
    Column("delivered_wh", ArrayType(LongType(), False), "Wh", "Energy delivered in each interval", minimum=0),
    Column("share", DoubleType(), "1", "Share", minimum=0, maximum=1),
    Column("kind", StringType(), None, "Kind", nullable=True, codes={"a": "first", "b": "second"}),
)
KEY = ("feeder_id", "grid_date")
BY_DAY = Table("gold.by_day", "One feeder, one grid day.", KEY, COLUMNS, "day", ("grid_date",))
WHOLE = Table("gold.whole", "One feeder, one grid day.", KEY, COLUMNS)

MONDAY, TUESDAY, WEDNESDAY = (date(2016, 3, number) for number in (28, 29, 30))


def row(feeder: str, day: date, **values: Any) -> dict[str, Any]:
    return {"feeder_id": feeder, "grid_date": day, "delivered_wh": [1, 2], "share": 0.5, "kind": "a", **values}


def files(folder: str, day: date) -> set[str]:
    return {path.name for path in (Path(folder) / f"grid_date={day}").glob("*.parquet")}
