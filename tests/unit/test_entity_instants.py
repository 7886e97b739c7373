"""Instants of entities that a source writes as a day and an hour, or by the end of an interval."""

from __future__ import annotations

from pathlib import Path

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
