"""Sources of a small utility with a head-end that names its versions: what its systems say of meters, and the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tests.integration.drop import SOURCES, write

SLOTS = 96
SINCE = "2015-01-01T00:00:00+01:00"
HEADER = ["meter", "day", *(f"v{number}" for number in range(1, SLOTS + 1))]
POINT = {"usage_point_id": {"column": "point"}}
FROM_TO = {"valid_from_utc": {"column": "from"}, "valid_to_utc": {"column": "to"}}
VERSION = {"version": {"by": "file_name", "pattern": r"_(\d{14})\.csv$"}}


def _entity(target: str, columns: dict[str, Any], **numbered_by: str) -> dict[str, Any]:
    namespaces = {f"{name}_id": who for name, who in numbered_by.items()}
    return {"format": "entity", "target": target, "namespaces": namespaces, "columns": columns} | VERSION


METERED: dict[str, dict[str, Any]] = {
    "wide": SOURCES["head_end_wide"] | VERSION,
    "meters": _entity(
        "meter",
        POINT | FROM_TO | {"meter_id": {"column": "meter"}, "multiplier": {"column": "multiplier"}},
        meter="he",
        usage_point="premises",
    ),
    "registers": _entity(
        "register_read",
        {
            "channel": {"constant": "delivered"},
            "meter_id": {"column": "meter"},
            "read_at_utc": {"column": "read_at"},
            "register_wh": {"column": "kwh", "unit": "kWh"},
        },
        meter="he",
    ),
    "points": _entity(
        "usage_point",
        POINT
        | {
            "valid_from_utc": {"constant": SINCE},
            "kind": {"constant": "customer"},
            "metering": {"constant": "interval"},
            "channels": {"constant": "delivered"},
            "supply_level": {"column": "level"},
            "area_id": {"constant": "A1"},
        },
        usage_point="premises",
    ),
    "links": _entity(
        "connectivity",
        POINT
        | FROM_TO
        | {
            "transformer_id": {"column": "transformer"},
            "feeder_id": {"constant": "F1"},
            "substation_id": {"constant": "S1"},
        },
        usage_point="premises",
    ),
    "agreements": _entity(
        "customer_agreement",
        POINT
        | {
            "valid_from_utc": {"constant": SINCE},
            "customer_id": {"column": "customer"},
            "customer_class": {"column": "class"},
        },
        usage_point="premises",
        customer="crm",
    ),
}


@dataclass
class Wide:
    """Rows of one file of the head-end; a value is text as the file has it."""

    rows: list[list[str]] = field(default_factory=list)

    def day(self, meter: str, day: date, value: Callable[[int], str]) -> Wide:
        self.rows.append([meter, str(day), *map(value, range(SLOTS))])
        return self

    def write(self, drop: Path, name: str) -> None:
        write(drop / "wide" / name, [",".join(row) for row in [HEADER, *self.rows]])


@dataclass(frozen=True)
class Connected:
    """A usage point as the systems know it."""

    transformer: str
    customer_class: str = "household"
    level: str = "lv"


def write_points(drop: Path, points: dict[str, Connected], links: Iterable[str] = ()) -> None:
    """Usage points, their agreements and their links, in place of which ``links`` may stand."""
    name = "all_20160101000000.csv"
    write(drop / "points" / name, ["point,level", *(f"{point},{one.level}" for point, one in points.items())])
    classes = [f"{point},c{point.removeprefix('p')},{one.customer_class}" for point, one in points.items()]
    write(drop / "agreements" / name, ["point,customer,class", *classes])
    stands = list(links) or [f"{point},{one.transformer},{SINCE}," for point, one in points.items()]
    write(drop / "links" / name, ["point,transformer,from,to", *stands])


def write_meters(drop: Path, name: str, meters: Iterable[str]) -> None:
    """Lines of the meter register: meter, usage point, from, to, multiplier."""
    write(drop / "meters" / name, ["meter,point,from,to,multiplier", *meters])
