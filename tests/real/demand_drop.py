"""A drop folder of published demand: each series is a feeder that one customer at medium voltage hangs on.

So any demand by area enters a lake: as interval readings of a usage point, with the feeder it stands for. What is
published in MW is declared as kW: a block holds whole watt-hours in 32 bits, and a region's half-hour has more. Every
score is relative to the range of its series, so nothing else changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

SINCE = "2010-01-01"
PREMISES = {"usage_point_id": "areas"}
ENTITY: dict[str, Any] = {"describes": "Test source.", "format": "entity", "synthetic": False, "lag": "P1D"}
WHICH = {"constant": SINCE}


def sources(*, zone: str, interval_minutes: int) -> list[dict[str, Any]]:
    """What the folders of `write_drop` hold."""
    found: list[dict[str, Any]] = [
        {
            "name": "area_demand",
            "describes": "Demand by area, a read a row; MW declared as kW.",
            "format": "long",
            "files": "*.csv",
            "target": "interval_block",
            "namespaces": {"meter_id": "areas"},
            "synthetic": False,
            "time": {"zone": zone},
            "readings": {
                "meter": "area",
                "register_column": "way",
                "registers": {
                    "to": {"channel": "delivered", "unit": "kW"},
                    "from": {"channel": "received", "unit": "kW"},
                },
                "interval_minutes": interval_minutes,
                "time": "start",
                "value": "mean_power",
            },
        },
        {
            "name": "area_points",
            "target": "usage_point",
            "namespaces": PREMISES,
            "columns": {
                "usage_point_id": {"column": "area"},
                "valid_from_utc": WHICH,
                "kind": {"constant": "customer"},
                "metering": {"constant": "interval"},
                "channels": {"column": "channels", "separator": "|"},
                "supply_level": {"constant": "mv"},
            },
        },
        {
            "name": "area_meters",
            "target": "meter",
            "namespaces": {"meter_id": "areas", **PREMISES},
            "columns": {
                "meter_id": {"column": "area"},
                "valid_from_utc": WHICH,
                "usage_point_id": {"column": "area"},
                "multiplier": {"constant": 1},
            },
        },
        {
            "name": "area_agreements",
            "target": "customer_agreement",
            "namespaces": {"customer_id": "areas", **PREMISES},
            "columns": {
                "usage_point_id": {"column": "area"},
                "customer_id": {"column": "area"},
                "valid_from_utc": WHICH,
                "customer_class": {"constant": "generation"},  # judged by no rule of usual days
            },
        },
        {
            "name": "area_links",
            "target": "connectivity",
            "namespaces": PREMISES,
            "columns": {
                "usage_point_id": {"column": "area"},
                "valid_from_utc": WHICH,
                "feeder_id": {"column": "area"},
                "substation_id": {"column": "area"},
            },
        },
        {
            "name": "area_feeders",
            "target": "feeder",
            "columns": {
                "feeder_id": {"column": "area"},
                "valid_from_utc": WHICH,
                "substation_id": {"column": "area"},
            },
        },
        {
            "name": "area_weather",
            "target": "weather_hour",
            "time": {"zone": zone},
            "columns": {
                "place_id": {"column": "area"},
                "hour_utc": {"column": "start"},
                "temperature_degc": {"column": "temperature_degc"},
            },
        },
    ]
    return [ENTITY | one for one in found]


def write_drop(folder: Path, reads: pd.DataFrame, weather: pd.DataFrame | None = None) -> Path:
    """Write ``area, start, mean_power`` (and weather ``area, start, temperature_degc``); power below 0 is received."""
    ways = [
        reads.assign(way="to", mean_power=reads["mean_power"].clip(lower=0)),
        reads.assign(way="from", mean_power=(-reads["mean_power"]).clip(lower=0)),
    ]
    below = set(reads.loc[reads["mean_power"] < 0, "area"])
    ways[1] = ways[1][ways[1]["area"].isin(below)]
    areas = pd.DataFrame({"area": sorted(reads["area"].unique())})
    areas["channels"] = ["delivered|received" if area in below else "delivered" for area in areas["area"]]
    frames = {"area_demand": pd.concat(ways)}
    frames |= {f"area_{one}": areas for one in ("points", "meters", "agreements", "links", "feeders")}
    if weather is not None:
        frames["area_weather"] = weather
    for name, rows in frames.items():
        (folder / name).mkdir(parents=True)
        rows.to_csv(folder / name / "all.csv", index=False)
    return folder
