"""BDEW's standard load profiles of 1999 by the command line: eleven customers of 1,000 kWh a year, one of each shape.

What their days must be is worked out here from the published table alone, by the clock of Berlin and the calendar.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tests.command_line import CommandLine
from tests.real.swiss_drop import ENTITY, PREMISES

FILE = Path("bdew_slp") / "slp.csv"
FIRST, END = date(2015, 1, 1), date(2016, 1, 1)
HOLIDAYS = [  # all of Germany's
    date(2015, *day) for day in ((1, 1), (4, 3), (4, 6), (5, 1), (5, 14), (5, 25), (10, 3), (12, 25), (12, 26))
]
ANNUAL_WH = 1_000_000
CUSTOMERS: dict[str, Any] = {
    "name": "customers",
    "target": "usage_point",
    "namespaces": PREMISES,
    "columns": {
        "usage_point_id": {"column": "profile"},
        "valid_from_utc": {"constant": "2010-01-01"},
        "kind": {"constant": "customer"},
        "metering": {"constant": "register"},
        "channels": {"constant": "delivered"},
        "supply_level": {"constant": "lv"},
        "profile_id": {"column": "profile"},
        "annual_energy_wh": {"constant": ANNUAL_WH},
    },
}
LINKS: dict[str, Any] = {
    "name": "links",
    "target": "connectivity",
    "namespaces": PREMISES,
    "columns": {
        "usage_point_id": {"column": "profile"},
        "valid_from_utc": {"constant": "2010-01-01"},
        "transformer_id": {"constant": "T"},
        "feeder_id": {"constant": "F"},
        "substation_id": {"constant": "S"},
        "supply_level": {"constant": "lv"},
    },
}


@pytest.fixture(scope="module")
def table(real_data: Path) -> dict[tuple[str, str, str], list[float]]:
    """Watts of the 96 quarter-hours by profile, season and day type, as published."""
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    with (real_data / FILE).open(newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["profile_id"], row["period"], row["day"]].append(float(row["watts"]))
    return found


@pytest.fixture(scope="module")
def days(
    spark: SparkSession,
    real_data: Path,
    table: dict[tuple[str, str, str], list[float]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[tuple[str, date], list[int]]:
    """Wh of each quarter-hour by profile and grid day, as the lake has them."""
    folder = tmp_path_factory.mktemp("bdew")
    time = {"holidays": [str(day) for day in HOLIDAYS]}
    gridlake = CommandLine(folder / "conf", [ENTITY | CUSTOMERS, ENTITY | LINKS], plain={"grid_time": time})
    drop, profiles = folder / "drop", sorted({key[0] for key in table})
    for name in ("customers", "links"):
        (drop / name).mkdir(parents=True)
        (drop / name / "all.csv").write_text("\n".join(["profile", *profiles, ""]))
    bdew = Path(__file__).parents[2] / "conf" / "sources" / "bdew_profiles.yaml"
    assert "9,504 rows" in gridlake.run("ingest", (real_data / FILE).resolve(), "--source", bdew, settings="plain")
    gridlake.run("ingest", drop, settings="plain")
    gridlake.run("build", "silver.profiled_block", "--from", FIRST, "--to", END, settings="plain")
    query = """select i.source_id, b.grid_date, b.reading from silver.profiled_block b
               join protected.identifier i on i.id = b.usage_point_id"""
    rows = gridlake.rows(query, settings="plain")
    return {(row["source_id"], date.fromisoformat(row["grid_date"])): row["reading"] for row in rows}


def test_each_of_the_eleven_profiles_has_every_day(days: dict[tuple[str, date], list[int]]) -> None:
    assert len(days) == 11 * 365
    assert {profile for profile, _ in days} == {"H0", *(f"G{n}" for n in range(7)), *(f"L{n}" for n in range(3))}


def test_a_year_of_each_is_about_its_thousand_kilowatt_hours(days: dict[tuple[str, date], list[int]]) -> None:
    """The profiles are normed to a mean year; the number of workdays moves those of shops and offices most."""
    year: dict[str, int] = defaultdict(int)
    for (profile, _), reading in days.items():
        year[profile] += sum(reading)
    assert {profile: wh / ANNUAL_WH for profile, wh in year.items()} == pytest.approx(
        dict.fromkeys(year, 1.0), abs=0.025
    )


@pytest.mark.parametrize(
    ("day", "season", "day_type", "local_hours"),
    [
        (date(2015, 1, 14), "winter", "workday", 0),  # a Wednesday
        (date(2015, 3, 20), "winter", "workday", 0),  # the last of winter
        (date(2015, 3, 21), "transition", "saturday", 0),  # the day after
        (date(2015, 5, 1), "transition", "sunday", 1),  # a holiday, by summer time
        (date(2015, 12, 25), "winter", "sunday", 0),
    ],
)
def test_a_day_is_the_published_one(
    days: dict[tuple[str, date], list[int]],
    table: dict[tuple[str, str, str], list[float]],
    day: date,
    season: str,
    day_type: str,
    local_hours: int,
) -> None:
    """G0: watts at 1,000 kWh a year for a quarter of an hour, within the watt-hour that rounding may move.

    In summer time a grid day's first hour is the second by the clock on the wall, its last the first of the day after.
    """
    watts = table["G0", season, day_type]
    shown = len(watts) - 4 * local_hours
    assert days["G0", day][:shown] == pytest.approx([one / 4 for one in watts[4 * local_hours :]], abs=1)


def test_homes_follow_the_day_of_the_year(
    days: dict[tuple[str, date], list[int]], table: dict[tuple[str, str, str], list[float]]
) -> None:
    """H0 on day 100, Friday 10 April: 1.0288 times the table (worked by hand in test_standard_profile)."""
    day = FIRST + timedelta(days=99)
    watts = table["H0", "transition", "workday"]
    assert sum(days["H0", day][:92]) == pytest.approx(1.0288 * sum(watts[4:]) / 4, abs=2)
