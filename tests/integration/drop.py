"""A small drop folder: two head-ends, a NEM12 agent, customer and asset files, and the sources that declare them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from jobs.settings import Settings

COMMON: dict[str, Any] = {"describes": "Test source.", "synthetic": True}
SOURCES: dict[str, dict[str, Any]] = {
    "head_end_wide": {
        "format": "wide",
        "target": "interval_block",
        "namespaces": {"meter_id": "he"},
        "time": {"zone": "+01:00"},
        "readings": {
            "meter": "meter",
            "registers": {"": {"channel": "delivered", "unit": "kWh"}},
            "interval_minutes": 15,
            "time": "day",
            "values": ["v1", "v96"],
        },
    },
    "head_end_long": {
        "format": "long",
        "target": "interval_block",
        "namespaces": {"meter_id": "he"},
        "readings": {
            "meter": "meter",
            "registers": {"": {"channel": "delivered", "unit": "kWh"}},
            "interval_minutes": 60,
            "time": "time",
            "value": "kwh",
        },
    },
    "agent": {
        "format": "nem12",
        "target": "interval_block",
        "namespaces": {"meter_id": "agent"},
        "time": {"zone": "+10:00"},
        "version": {"by": "update_time"},
        "readings": {"registers": {"E1": {"channel": "delivered"}, "B1": {"channel": "received"}}},
    },
    "customers": {
        "format": "entity",
        "target": "customer_agreement",
        "namespaces": {"usage_point_id": "cis", "customer_id": "cis"},
        "personal": ["name", "phone"],
        "lag": "P2D",
        "time": {"zone": "Europe/Berlin"},
        "columns": {
            "usage_point_id": {"column": "point"},
            "customer_id": {"column": "customer"},
            "valid_from_utc": {"column": "from"},
            "valid_to_utc": {"column": "to"},
            "customer_class": {"column": "class", "codes": {"H": "household", "B": "business"}},
        },
    },
    "asset_prices": {
        "format": "entity",
        "target": "asset_cost",
        "notice": "Prices of the Makers’ Guild, CC BY 4.0.",
        "known_from": "recorded",
        "columns": {
            "asset_class": {"constant": "distribution_transformer"},
            "rating_kva": {"column": "rating", "unit": "MVA"},
            "loss_class": {"constant": "any"},
            "cost_kind": {"constant": "investment"},
            "booked_on": {"column": "booked", "format": "%d.%m.%Y"},
            "amount": {"column": "amount"},
            "currency": {"constant": "EUR"},
        },
    },
}


def write_sources(settings: Settings, folder: Path, **changed: dict[str, Any]) -> Settings:
    """Settings whose sources are declared in ``folder``."""
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    for name, values in (SOURCES | changed).items():
        (folder / "sources" / f"{name}.yaml").write_text(yaml.safe_dump({"name": name, **COMMON, **values}))
    lake = settings.lake.model_copy(update={"root": str(folder / "lake"), "key_file": str(folder / "key")})
    return settings.model_copy(update={"conf_folder": folder, "lake": lake})


def write(path: Path, lines: Iterable[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def wide_lines(meters: Iterable[str], days: Iterable[date], value: float = 0.25) -> list[str]:
    header = ",".join(["meter", "day", *(f"v{number}" for number in range(1, 97))])
    return [header, *(f"{meter},{day},{','.join([str(value)] * 96)}" for day in days for meter in meters)]


def write_drop(folder: Path) -> Path:
    """5 files of 5 sources: 384 + 48 + 96 reads, 3 agreements of which one is bad, 2 prices."""
    days = [date(2016, 1, 1) + timedelta(days=number) for number in range(2)]
    write(folder / "head_end_wide" / "jan.csv", wide_lines(["m1", "m2"], days))
    hours = [f"m3,2016-01-{day:02}T{hour:02}:00:00Z,1.5" for day in (1, 2) for hour in range(24)]
    write(folder / "head_end_long" / "jan.csv", ["meter,time,kwh", *hours])
    values = ",".join(["0.5"] * 48)
    stream = "200,NMI1,E1B1,1,{},N1,S1,kWh,30,"
    day = f"300,20160101,{values},A,,,20160102120000,"
    write(
        folder / "agent" / "jan.csv",
        ["100,NEM12,201601020000,A,B", stream.format("E1"), day, stream.format("B1"), day, "900"],
    )
    write(
        folder / "customers" / "all.csv",
        [
            "point,customer,from,to,class,name,phone",
            "p1,c1,2016-01-01,,H,Ada Example,0123",
            "p2,c2,2016-01-01,2016-07-01,B,Bert Example,",
            "p3,c3,2016-01-01,,X,Carl Example,0456",
        ],
    )
    write(
        folder / "asset_prices" / "all.csv",
        [
            "rating,booked,amount,recorded",
            "0.4,31.12.2015,9000.50,2016-01-05T00:00Z",
            "0.63,31.12.2015,12000,2016-01-05T00:00Z",
        ],
    )
    return folder
