"""The register of Cauca (Colombia) as a utility would deliver it: its own columns, a number a unit, and what burned.

The published file names no unit, for its publishers left the numbers out; the place of a row in it stands in for one.
It has no year of manufacture or installation, and no day of failure: units stand from the month before the year, and
all that burned did so at its middle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

PUBLISHED = Path("cauca_transformers", "Dataset_Year_2019.csv.gz")
BURNED = "Burned transformers 2019"
LENGTH = "km of network LT:"
OWN = {"describes": "Transformers of Cauca.", "format": "entity", "files": "*.csv", "synthetic": False, "lag": "P0D"}
UNIT = {"column": "UNIT"}


def flag(column: str) -> dict[str, Any]:
    return {"column": column, "minimum": 0, "maximum": 1}


SOURCES: list[dict[str, Any]] = [
    OWN
    | {
        "name": "cauca_register",
        "target": "asset",
        "namespaces": {"asset_id": "cauca"},
        "columns": {
            "asset_id": UNIT,
            "asset_class": {"constant": "distribution_transformer"},
            "rating_kva": {"column": "POWER"},
        },
        "attributes": {
            "urban": flag("LOCATION"),
            "self_protected": flag("SELF-PROTECTION"),
            "mean_flashes_per_km2_year": {
                "column": "Average earth discharge density DDT [Rays/km^2-año]", "minimum": 0
            },
            "highest_flashes_per_km2_year": {
                "column": "Maximum ground discharge density DDT [Rays/km^2-año]", "minimum": 0
            },
            "burnt_per_year": {"column": "Burning rate  [Failures/year]", "minimum": 0},
            "critical_by_ceraunic_level": flag("Criticality according to previous study for ceramics level"),
            "removable_connectors": flag("Removable connectors"),
            "client_type": {"column": "Type of clients", "kind": "text"},
            "users": {"column": "Number of users", "minimum": 0},
            "installation_type": {"column": "Type of installation", "kind": "text"},
            "overhead_network": flag("Air network"),
            "end_of_circuit": flag("Circuit Queue"),
            "low_voltage_network_km": {"column": LENGTH, "minimum": 0, "whole_digits": 1},
        },
    },
    OWN
    | {
        "name": "cauca_places",
        "target": "asset_deployment",
        "namespaces": {"asset_id": "cauca", "transformer_id": "cauca"},
        "columns": {"asset_id": UNIT, "transformer_id": UNIT, "valid_from_utc": {"column": "SINCE"}},
    },
    OWN
    | {
        "name": "cauca_burned",
        "target": "asset_event",
        "namespaces": {"asset_id": "cauca", "event_id": "cauca_2019"},
        "columns": {
            "event_id": UNIT,
            "asset_id": UNIT,
            "kind": {"constant": "failure"},
            "occurred_at_utc": {"constant": "2019-07-01"},
        },
    },
]  # fmt: skip
LEAKS = "self_protected"
SIGNS = {
    "rating_kva": 0, "urban": 0, "mean_flashes_per_km2_year": 0, "highest_flashes_per_km2_year": 0,
    "burnt_per_year": 1, "critical_by_ceraunic_level": 0, "removable_connectors": 0, "users": 0, "overhead_network": 0,
    "end_of_circuit": 0, "low_voltage_network_km": 1,
}  # fmt: skip
MODEL: dict[str, Any] = {
    "columns": SIGNS,
    "categories": ["client_type", "installation_type"],
    "members": 2,
    "boosting": {"num_boost_round": 150},
    "bootstrap_draws": 100,
}
"""conf/models/failure.yaml for this register. Energy not supplied is left out: it is what a failure costs, made of the
rating."""


def published(real_data: Path) -> pd.DataFrame:
    """The file as it stands, texts as written, with the number of each row."""
    rows = pd.read_csv(real_data / PUBLISHED, dtype=str, encoding="utf-8-sig")
    return rows.assign(UNIT=[str(number) for number in range(1, len(rows) + 1)])


def write_drop(folder: Path, rows: pd.DataFrame, *, year: int, events: bool) -> Path:
    """A register's file of a year, where its units stand, and, where they are to be known, which of them burned."""
    frames = {
        "cauca_register": rows.drop(columns=BURNED),
        "cauca_places": rows[["UNIT"]].assign(SINCE=f"{year - 1}-12-01"),
    }
    if events:
        frames["cauca_burned"] = rows.loc[rows[BURNED] == "1", ["UNIT"]]
    for name, part in frames.items():
        (folder / name).mkdir(parents=True)
        part.to_csv(folder / name / f"{name}_{year}.csv", index=False)
    return folder
