"""Instants of entities that a source writes as a day and an hour, or by the end of an interval."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobs.sources.declaration import Source
from jobs.sources.delivery import Identities, Rejects
from jobs.sources.entity import read_entity_file
from tests.unit.delivered import KEY, delivery

WEATHER = {
    "name": "weather",
    "describes": "Test.",
    "format": "entity",
    "target": "weather_hour",
    "synthetic": True,
    "time": {"zone": "America/New_York", "format": "%d/%m/%Y"},
    "columns": {
        "place_id": {"constant": "here"},
        "hour_utc": {"column": "day", "hour": "hour", "shift": "-PT1H"},
        "temperature_degc": {"column": "degc"},
    },
}


def test_hours_named_by_their_end_on_the_day_the_clock_goes_forward(tmp_path: Path) -> None:
    path = tmp_path / "weather.csv"
    lines = ["11/03/2017,24,1", "12/03/2017,1,2", "12/03/2017,2,3", "12/03/2017,3,4", "12/03/2017,x,5", ",1,6"]
    path.write_text("\n".join(["day,hour,degc", *lines, ""]))
    rejects = Rejects()
    of = delivery(Source.model_validate(WEATHER), path)
    rows = read_entity_file(of, Identities(KEY), rejects).rows.to_pylist()
    assert [(f"{row['hour_utc']:%d %H:%M}", row["temperature_degc"]) for row in rows] == [
        ("12 04:00", 1.0),  # 23:00 of the 11th, in winter
        ("12 05:00", 2.0),
        ("12 06:00", 4.0),  # ends at 03:00, an hour after 01:00
    ]
    refused = {row["line"]: (row["rule_id"], row["reason"]) for row in rejects.table().to_pylist()}
    shown = "'hour_utc' is not a time that the clock of America/New_York shows"
    assert refused == {4: ("B22", shown), 6: ("B22", shown), 7: ("B21", "'hour_utc' is empty; a value is needed")}


def _rows(
    tmp_path: Path, source: dict[str, Any], lines: list[str], *, header: str
) -> tuple[list[dict[str, Any]], Rejects]:
    path = tmp_path / "file.csv"
    path.write_text("\n".join([header, *lines, ""]))
    rejects = Rejects()
    rows = read_entity_file(delivery(Source.model_validate(source), path), Identities(KEY), rejects).rows
    return rows.to_pylist(), rejects


# New York, 5 November 2017: at 2:00 in summer (06:00 UTC) the clock goes back to 1:00 in winter.
HOURLY = WEATHER | {
    "time": {"zone": "America/New_York"},
    "columns": {
        "place_id": {"column": "place"},
        "hour_utc": {"column": "time"},
        "temperature_degc": {"column": "degc"},
    },
}


def test_hours_of_both_passes_are_told_by_their_order_place_by_place(tmp_path: Path) -> None:
    times = ["2017-11-05 00:00", "2017-11-05 01:00", "2017-11-05 01:00", "2017-11-05 02:00"]
    lines = [f"{place},{time},{degc}" for degc, time in enumerate(times) for place in ("north", "south")]
    rows, rejects = _rows(tmp_path, HOURLY, lines, header="place,time,degc")
    for place in ("north", "south"):
        assert [(f"{row['hour_utc']:%H:%M}", row["temperature_degc"]) for row in rows if row["place_id"] == place] == [
            ("04:00", 0.0),
            ("05:00", 1.0),
            ("06:00", 2.0),
            ("07:00", 3.0),
        ]
    assert (rejects.taken_as_first, rejects.table().num_rows) == (0, 0)


def test_hours_named_by_their_end_at_which_the_clock_shows_one_for_the_second_time(tmp_path: Path) -> None:
    lines = ["05/11/2017,1,1", "05/11/2017,1,2", "05/11/2017,2,3"]
    rows, _ = _rows(tmp_path, WEATHER, lines, header="day,hour,degc")
    assert [f"{row['hour_utc']:%H:%M}" for row in rows] == ["04:00", "05:00", "06:00"]


def test_an_hour_that_stands_alone_is_of_the_first_pass_and_counted(tmp_path: Path) -> None:
    lines = ["here,2017-11-05 01:00,1", "there,2017-11-05 01:00,2", "there,2017-11-05 01:00,3"]
    rows, rejects = _rows(tmp_path, HOURLY, lines, header="place,time,degc")
    assert [f"{row['hour_utc']:%H:%M}" for row in rows] == ["05:00", "05:00", "06:00"]
    assert rejects.taken_as_first == 1


def test_a_column_tells_the_passes_in_any_order_and_must_say_one(tmp_path: Path) -> None:
    time = {"zone": "America/New_York", "repeated_hour": "column", "summer_time_column": "dst"}
    lines = ["here,2017-11-05 01:00,1,N", "here,2017-11-05 01:00,2,Y", "here,2017-11-05 01:00,3,"]
    rows, rejects = _rows(tmp_path, HOURLY | {"time": time}, lines, header="place,time,degc,dst")
    assert [(f"{row['hour_utc']:%H:%M}", row["temperature_degc"]) for row in rows] == [("06:00", 1.0), ("05:00", 2.0)]
    assert [(row["rule_id"], row["line"]) for row in rejects.table().to_pylist()] == [("B22", 4)]


def test_an_event_in_the_repeated_hour_is_of_the_first_pass_and_counted_and_known_in_the_second(tmp_path: Path) -> None:
    meters = {
        "name": "meters",
        "describes": "Test.",
        "format": "entity",
        "target": "meter",
        "synthetic": True,
        "namespaces": {"meter_id": "he", "usage_point_id": "premises"},
        "known_from": "recorded",
        "time": {"zone": "America/New_York"},
        "columns": {
            "meter_id": {"column": "meter"},
            "usage_point_id": {"column": "point"},
            "valid_from_utc": {"column": "from"},
        },
    }
    line = "m1,p1,2017-11-05 01:30,2017-11-05 01:40"
    (row,), rejects = _rows(tmp_path, meters, [line], header="meter,point,from,recorded")
    assert f"{row['valid_from_utc']:%H:%M} {row['known_from_utc']:%H:%M}" == "05:30 06:40"
    assert rejects.taken_as_first == 1


def test_each_record_may_name_its_own_clock(tmp_path: Path) -> None:
    """Noon in Chicago and in New York in summer; a place of which no clock is declared is refused."""
    clocks = {"IL": "America/Chicago", "NY": "America/New_York"}
    outages = {
        **{key: WEATHER[key] for key in ("describes", "format", "synthetic")},
        "name": "outages",
        "target": "outage",
        "time": {"format": "%d/%m/%Y %H:%M", "zone_column": "state", "zones": clocks},
        "columns": {
            "outage_id": {"text": "{state}-{number}"},
            "area_id": {"column": "state"},
            "valid_from_utc": {"text": "{day} {time}"},
        },
    }
    lines = ["IL,1,04/07/2017,12:00", "NY,2,04/07/2017,12:00", "TX,3,04/07/2017,12:00", "IL,4,04/07/2017,"]
    rows, rejects = _rows(tmp_path, outages, lines, header="state,number,day,time")
    assert [(row["outage_id"], f"{row['valid_from_utc']:%d %H:%M}") for row in rows] == [
        ("IL-1", "04 17:00"),
        ("NY-2", "04 16:00"),
    ]
    assert [(row["line"], row["rule_id"], row["reason"]) for row in rejects.table().to_pylist()] == [
        (4, "B22", "'valid_from_utc' is not a time that the clock of the record's 'state' shows"),
        (5, "B21", "'valid_from_utc' is empty; a value is needed"),
    ]
