"""A drop folder for traces: few meters, two days, and one of each thing that may happen to a read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from jobs.settings import Settings
from tests.integration.drop import write, write_sources

FIRST, SECOND = date(2016, 1, 5), date(2016, 1, 6)
SLOTS = 96
SINCE = "2015-01-01T00:00:00+01:00"
MOVED = "2016-01-06T00:00:00+01:00"
EXCHANGED = "2016-01-05T10:07:00+01:00"
EXCHANGED_SLOT = 41  # the first that starts after the exchange
METER_OF = {"p1": "m1", "p2": "m2", "p3": "m3", "p4": "m4", "p5": "m5", "p6": "m6"}
NEW_METER = "m2b"
HEADER = ["meter", "day", *(f"v{number}" for number in range(1, SLOTS + 1))]

POINT = {"usage_point_id": {"column": "point"}}
FROM_TO = {"valid_from_utc": {"column": "from"}, "valid_to_utc": {"column": "to"}}
SOURCES: dict[str, dict[str, Any]] = {
    "wide": {
        "format": "wide",
        "target": "interval_block",
        "namespaces": {"meter_id": "he"},
        "version": {"by": "file_name", "pattern": r"_(\d{14})\.csv$"},
        "time": {"zone": "+01:00"},
        "readings": {
            "meter": "meter",
            "registers": {"": {"channel": "delivered", "unit": "kWh"}},
            "interval_minutes": 15,
            "time": "day",
            "values": ["v1", "v96"],
        },
    },
    "long": {
        "format": "long",
        "target": "interval_block",
        "namespaces": {"meter_id": "he"},
        "readings": {
            "meter": "meter",
            "registers": {"": {"channel": "delivered", "unit": "Wh"}},
            "interval_minutes": 60,
            "time": "time",
            "value": "wh",
        },
    },
    "meters": {
        "namespaces": {"meter_id": "he", "usage_point_id": "premises"},
        "target": "meter",
        "columns": POINT | FROM_TO | {"meter_id": {"column": "meter"}, "multiplier": {"column": "multiplier"}},
    },
    "points": {
        "namespaces": {"usage_point_id": "premises"},
        "target": "usage_point",
        "columns": POINT
        | {
            "valid_from_utc": {"constant": SINCE},
            "kind": {"constant": "customer"},
            "metering": {"constant": "interval"},
            "channels": {"constant": "delivered"},
            "supply_level": {"constant": "lv"},
            "area_id": {"constant": "A1"},
        },
    },
    "links": {
        "namespaces": {"usage_point_id": "premises"},
        "target": "connectivity",
        "columns": POINT
        | FROM_TO
        | {
            "transformer_id": {"column": "transformer"},
            "feeder_id": {"constant": "F1"},
            "substation_id": {"constant": "S1"},
        },
    },
    "agreements": {
        "namespaces": {"usage_point_id": "premises", "customer_id": "crm"},
        "target": "customer_agreement",
        "columns": POINT
        | {
            "valid_from_utc": {"constant": SINCE},
            "customer_id": {"column": "customer"},
            "customer_class": {"constant": "household"},
        },
    },
}


@dataclass
class Wide:
    """Rows of one wide file; a value is text as the file has it."""

    rows: list[list[str]] = field(default_factory=list)

    def day(self, meter: str, day: date, value: Callable[[int], str]) -> Wide:
        self.rows.append([meter, str(day), *map(value, range(SLOTS))])
        return self

    def write(self, folder: Path, name: str) -> None:
        write(folder / "wide" / name, [",".join(row) for row in [HEADER, *self.rows]])


def usual(slot: int) -> str:
    """kWh: between 0.200 and 0.295, so no two slots of a day are alike."""
    return f"{(200 + slot) / 1000}"


def ours(settings: Settings, folder: Path) -> Settings:
    """Settings with these sources, which commit days however few reads came."""
    declared = {
        name: {"format": "entity", **words} if "format" not in words else words for name, words in SOURCES.items()
    }
    changed = write_sources(settings, folder, **declared)
    audit = changed.audit.model_copy(update={"rejected_share": 1.0, "received_share": 0.0})
    return changed.model_copy(update={"audit": audit})


def write_entities(drop: Path) -> None:
    """p1 to p6 on T1, p3 moved to T2 on the second day; p2's meter exchanged on the first, within it."""
    meters = [f"{meter},{point},{SINCE},,1" for point, meter in METER_OF.items() if point != "p2"]
    meters += [f"m2,p2,{SINCE},{EXCHANGED},1", f"{NEW_METER},p2,{EXCHANGED},,2"]
    write(drop / "meters" / "all.csv", ["meter,point,from,to,multiplier", *meters])
    write(drop / "points" / "all.csv", ["point", *METER_OF])
    links = [f"{point},T1,{SINCE},{MOVED if point == 'p3' else ''}" for point in METER_OF]
    write(drop / "links" / "all.csv", ["point,transformer,from,to", *links, f"p3,T2,{MOVED},"])
    write(drop / "agreements" / "all.csv", ["point,customer", *(f"{point},c{point[1]}" for point in METER_OF)])


def write_reads(drop: Path) -> None:
    """Reads of both days, as `tests/integration/test_trace_usage_point.py` says what becomes of them."""
    first = Wide().day("m1", FIRST, usual).day("m3", FIRST, usual).day("m4", FIRST, usual)
    first.day("m5", FIRST, lambda slot: "" if 20 <= slot < 23 else "-0.5" if slot == 60 else usual(slot))
    first.day("m2", FIRST, lambda slot: usual(slot) if slot < EXCHANGED_SLOT else "")
    first.day(NEW_METER, FIRST, lambda slot: usual(slot) if slot >= EXCHANGED_SLOT else "")
    first.day("m1", SECOND, lambda slot: "n/a" if slot == 7 else usual(slot))
    for meter in ("m3", "m4", "m5", NEW_METER):
        first.day(meter, SECOND, usual)
    first.write(drop, "a_20160107000000.csv")
    # m1 is corrected in four slots; m3 is delivered again as it was; m4 twice with one version, and otherwise
    second = Wide().day("m1", FIRST, lambda slot: f"0.9{slot}" if 40 <= slot < 44 else usual(slot))
    second.write(drop, "corrected_20160108000000.csv")
    again = Wide().day("m3", FIRST, usual).day("m4", FIRST, lambda slot: "0.777" if slot == 50 else usual(slot))
    again.write(drop, "again_20160107000000.csv")
    hours = [hour for day in (FIRST, SECOND) for hour in _hours(day)]
    lines = [
        f"{meter},{hour.isoformat()},{1000 + number}" for number, hour in enumerate(hours) for meter in ("m6", "m9")
    ]
    write(drop / "long" / "hours.csv", ["meter,time,wh", *_shuffled(lines)])


def _hours(day: date) -> Iterable[datetime]:
    start = datetime.fromisoformat(f"{day}T00:00:00+01:00")
    return [start + number * timedelta(hours=1) for number in range(24)]


def _shuffled(lines: list[str]) -> list[str]:
    """The lines in an order of no meaning: a run's lines lie apart."""
    return sorted(lines, key=lambda line: line[::-1])
