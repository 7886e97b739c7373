"""From delivered reads to blocks: cases worked by hand, each in a folder with a README."""

import csv
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.bronze.file import BRONZE_FILE
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.outcome import COUNTS
from jobs.silver.connectivity import CONNECTIVITY
from jobs.silver.customer_agreement import CUSTOMER_AGREEMENT
from jobs.silver.meter import METER
from jobs.silver.received_block import received_blocks
from jobs.silver.usage_point import USAGE_POINT
from jobs.span import Span
from tests.builders import frame

HERE = Path(__file__).parent
IN_EVERY_ORDER = ("received_corrected",)
"""Cases whose files may come in any order: the rows of ``when/reads.csv``, one a file."""
CASES = [
    pytest.param(folder.name, order, id="-".join([folder.name, *map(str, order)]))
    for folder in sorted(HERE.glob("received_*"))
    for order in (permutations(range(3)) if folder.name in IN_EVERY_ORDER else [()])
]
EARLY = datetime(2015, 1, 1, tzinfo=UTC)
M1 = {
    "meter": "M1",
    "usage_point": "U1",
    "valid_from_utc": EARLY.isoformat()[:19],
    "valid_to_utc": "",
    "multiplier": "1",
}


def rows(case: str, name: str) -> list[dict[str, str]]:
    file = HERE / case / name
    return list(csv.DictReader(file.open(newline=""))) if file.exists() else []


def numbers(text: str) -> list[float]:
    """``1..4`` counts, ``7 x 3`` repeats, all else is a list."""
    if ".." in text:
        first, last = map(int, text.split(".."))
        return [float(one) for one in range(first, last + 1)]
    if " x " in text:
        value, times = text.split(" x ")
        return [float(value)] * int(times)
    return [float(one) for one in text.split()]


def instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def delivered(case: str, order: tuple[int, ...]) -> list[dict[str, str]]:
    """The reads, their files named anew in the order in which they come."""
    reads = rows(case, "when/reads.csv")
    return [reads[at] | {"file": f"f{place}"} for place, at in enumerate(order)] or reads


@pytest.mark.parametrize(("case", "order"), CASES)
def test_case(spark: SparkSession, case: str, order: tuple[int, ...]) -> None:
    bronze, files = [], set()
    for line, row in enumerate(delivered(case, order), start=1):
        values, minutes, start = numbers(row["values"]), int(row["interval_minutes"]), instant(row["start_utc"])
        assert start is not None
        end = start + timedelta(minutes=minutes * len(values) - 1)
        files.add(row["file"])
        bronze.append(
            {
                "file_id": row["file"], "source": "head", "first_line": line, "meter_id": row["meter"],
                "start_utc": start,
                "channel": "delivered", "interval_minutes": minutes, "value": values, "version": int(row["version"]),
                "unit_factor": float(row["unit_factor"]), "first_grid_date": (start + timedelta(hours=1)).date(),
                "last_grid_date": (end + timedelta(hours=1)).date(),
            }
        )  # fmt: skip
    meters = [
        {
            "meter_id": row["meter"], "usage_point_id": row["usage_point"], "multiplier": float(row["multiplier"]),
            "valid_from_utc": instant(row["valid_from_utc"]), "valid_to_utc": instant(row["valid_to_utc"]),
        }
        for row in rows(case, "when/meters.csv") or [M1]
    ]  # fmt: skip
    wanted = rows(case, "then/blocks.csv")
    days = sorted({date.fromisoformat(row["date"]) for row in wanted})
    known = {"usage_point_id": "U1", "valid_from_utc": EARLY}
    found = received_blocks(
        frame(spark, BRONZE_INTERVAL_BLOCK, *bronze),
        frame(spark, BRONZE_FILE, *[{"file_id": one, "source": "head"} for one in sorted(files)]),
        frame(spark, METER, *meters),
        frame(spark, USAGE_POINT, known | {"kind": "customer", "metering": "interval", "channels": ["delivered"]}),
        frame(spark, CONNECTIVITY, known),
        frame(spark, CUSTOMER_AGREEMENT, known | {"customer_class": "household"}),
        span=Span(days[0], days[-1] + timedelta(1)),
        offset_seconds=3600,
        interval_minutes=15,
        tasks=1,
    ).collect()  # fmt: skip
    blocks = {(row["usage_point_id"], str(row["grid_date"])): row for row in found if row["_outcome"] == "accepted"}
    for row in wanted:
        block, values = blocks[row["usage_point"], row["date"]], numbers(row["values"])
        first = int(row["first_slot"])
        assert block["interval_minutes"] == int(row["interval_minutes"])
        assert block["reading"][first : first + len(values)] == values
        assert set(block["reading_quality"][first : first + len(values)]) == {int(row["quality"])}
    (counts,) = rows(case, "then/counts.csv")
    assert {name[1:]: sum(row[name] for row in found) for name in COUNTS} == {
        name: int(count) for name, count in counts.items()
    }
    assert sum(block["received_intervals"] for block in blocks.values()) == sum(
        len(numbers(row["values"])) for row in wanted if row["quality"] == "0"
    )
