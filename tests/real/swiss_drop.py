"""A drop folder of real parts: the 537 Swiss meters attached to loads of EPRI's circuit 5.

The assignment is artificial, for nobody published meters and network of one place: in the order of their numbers the
meters stand at the residential loads in the order of their names, which is transformer by transformer, at transformers
with two or more of them. (Of a meter alone at its transformer that reads zero, nothing says that the transformer was
live.) The reads come as they are published, the circuit as its scripts. Who is metered counts as a household.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from shutil import copytree
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

READS = Path("swiss_residential_15min") / "elcons_15min_long.parquet"
CIRCUIT = Path("opendss") / "EPRITestCircuits" / "ckt5"
LOADS = "Loads_ckt5.dss"
SINCE = "2018-01-01"

ENTITY: dict[str, Any] = {"describes": "Test source.", "format": "entity", "synthetic": True, "lag": "P1D"}
PREMISES = {"usage_point_id": "premises"}
SOURCES: list[dict[str, Any]] = [
    {
        "name": "swiss_reads",
        "describes": "Swiss homes, a read a row in kWh at the time of their clocks.",
        "format": "long",
        "container": "parquet",
        "files": "*.parquet",
        "target": "interval_block",
        "namespaces": {"meter_id": "swiss"},
        "synthetic": False,
        "time": {"zone": "Europe/Zurich"},
        "readings": {
            "meter": "meter_id",
            "registers": {"": {"channel": "delivered", "unit": "kWh"}},
            "interval_minutes": 15,
            "time": "interval_start_local",
            "value": "kwh",
        },
    },
    {
        "name": "circuit",
        "describes": "EPRI's circuit 5, the network model of a real feeder.",
        "format": "opendss",
        "files": "*/Master_ckt5.dss",
        "target": "network",
        "namespaces": PREMISES,
        "synthetic": False,
    },
    {
        "name": "premises",
        "target": "usage_point",
        "namespaces": PREMISES,
        "columns": {
            "usage_point_id": {"column": "load"},
            "valid_from_utc": {"constant": SINCE},
            "kind": {"column": "meter", "codes": {"interval": "customer", "none": "unmetered"}},
            "metering": {"column": "meter"},
            "channels": {"constant": "delivered"},
            "supply_level": {"constant": "lv"},
        },
    },
    {
        "name": "meters",
        "target": "meter",
        "namespaces": {"meter_id": "swiss", **PREMISES},
        "columns": {
            "meter_id": {"column": "meter"},
            "valid_from_utc": {"constant": SINCE},
            "usage_point_id": {"column": "load"},
            "multiplier": {"constant": 1},
        },
    },
    {
        "name": "agreements",
        "target": "customer_agreement",
        "namespaces": {"customer_id": "customers", **PREMISES},
        "columns": {
            "usage_point_id": {"column": "load"},
            "customer_id": {"column": "load"},
            "valid_from_utc": {"constant": SINCE},
            "customer_class": {"constant": "household"},
        },
    },
]
for _source in SOURCES[2:]:
    _source |= ENTITY


def loads_of(script: Path) -> list[tuple[str, bool]]:
    """Loads as OpenDSS names them, in the order of the script, and which are residential."""
    found = re.findall(r"(?im)^\s*new\s+(load\.\S+)(.*)$", script.read_text(encoding="latin-1"))
    return [(name.lower(), "yearly=residential" in rest.lower()) for name, rest in found]


def transformer_of(load: str) -> str:
    """A load's name is its transformer's and a digit."""
    return load[:-1]


def places(real_data: Path) -> list[str]:
    """The loads that meters are given, as said above, in their order."""
    homes = sorted(name for name, residential in loads_of(real_data / CIRCUIT / LOADS) if residential)
    at = Counter(map(transformer_of, homes))
    return [name for name in homes if at[transformer_of(name)] > 1]


def assignment(real_data: Path) -> dict[str, str]:
    """Meter -> load."""
    meters = sorted(pc.unique(pq.read_table(real_data / READS, columns=["meter_id"])["meter_id"]).to_pylist())
    return dict(zip(meters, places(real_data), strict=False))


def write_drop(real_data: Path, folder: Path) -> Path:
    """A link to the published reads, a copy of the scripts, and the master data that join them."""
    load_of = assignment(real_data)
    (folder / "swiss_reads").mkdir(parents=True)
    (folder / "swiss_reads" / READS.name).symlink_to((real_data / READS).resolve())
    copytree(real_data / CIRCUIT, folder / "circuit" / CIRCUIT.name)
    write_master_data(folder, load_of, [name for name, _ in loads_of(real_data / CIRCUIT / LOADS)])
    return folder


def write_master_data(folder: Path, load_of: dict[str, str], loads: Iterable[str]) -> None:
    """Every load, and who is metered there."""
    metered = set(load_of.values())
    write_rows(folder / "premises", "load,meter", ((name, "interval" if name in metered else "none") for name in loads))
    write_rows(folder / "meters", "meter,load", load_of.items())
    write_rows(folder / "agreements", "load", ((name,) for name in load_of.values()))


def write_rows(folder: Path, header: str, rows: Iterable[tuple[str, ...]]) -> None:
    folder.mkdir()
    (folder / "all.csv").write_text("".join(f"{line}\n" for line in [header, *map(",".join, rows)]))
