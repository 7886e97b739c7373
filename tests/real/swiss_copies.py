"""A drop folder of copies of the sound Swiss homes, faults and all.

Each copy stands at a circuit of its own, in which meters share transformers as tests/real/swiss_drop.py has it; a link
file says so. Reads are as published but for the faults; what is missing has no row. Registers are read at midnight.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.real.swiss import DAYS, FIRST_DAY, SLOTS, Homes
from tests.real.swiss_drop import ENTITY, PREMISES, SINCE, places, transformer_of, write_master_data, write_rows
from tests.real.swiss_drop import SOURCES as OF_HOMES
from tests.real.swiss_faults import Planted

SOURCES: list[dict[str, Any]] = [
    *(source for source in OF_HOMES if source["name"] != "circuit"),
    {
        "name": "links",
        "target": "connectivity",
        "namespaces": PREMISES,
        "columns": {
            "usage_point_id": {"column": "load"},
            "valid_from_utc": {"constant": SINCE},
            "supply_level": {"constant": "lv"},
            "transformer_id": {"column": "transformer"},
            "feeder_id": {"column": "circuit"},
            "substation_id": {"column": "circuit"},
        },
        **ENTITY,
    },
    {
        "name": "registers",
        "target": "register_read",
        "namespaces": {"meter_id": "swiss", **PREMISES},
        "time": {"zone": "Europe/Zurich"},
        "columns": {
            "usage_point_id": {"column": "load"},
            "channel": {"constant": "delivered"},
            "meter_id": {"column": "meter"},
            "read_at_utc": {"column": "day"},
            "register_wh": {"column": "wh"},
        },
        **ENTITY,
    },
]


def write_copies(real_data: Path, folder: Path, copies: list[Planted]) -> int:
    """Return how many reads were written."""
    (folder / "swiss_reads").mkdir(parents=True)
    load_of, links, registers, reads = dict[str, str](), list[tuple[str, ...]](), list[tuple[str, ...]](), 0
    for number, planted in enumerate(copies, 1):
        meters = planted.homes.meter
        loads = [f"{number}/{load}" for load in places(real_data)[: len(meters)]]
        load_of |= dict(zip(meters, loads, strict=True))
        links += [(load, transformer_of(load), f"circuit-{number}") for load in loads]
        registers += _register_rows(planted, loads)
        reads += _write_reads(planted.homes, folder / "swiss_reads" / f"copy_{number}.parquet")
    write_master_data(folder, load_of, load_of.values())
    write_rows(folder / "links", "load,transformer,circuit", links)
    write_rows(folder / "registers", "load,meter,day,wh", registers)
    return reads


def _write_reads(homes: Homes, file: Path) -> int:
    kwh = homes.kwh.reshape(-1)
    time = FIRST_DAY + np.arange(DAYS * SLOTS) * np.timedelta64(15, "m")
    reads = pa.table(
        {
            "meter_id": pa.array(np.repeat(homes.meter, DAYS * SLOTS)),
            "interval_start_local": pa.array(np.tile(time.astype("datetime64[us]"), len(homes.meter))),
            "kwh": pa.array(kwh),
        }
    ).filter(pa.array(~np.isnan(kwh)))
    pq.write_table(reads, file)
    return reads.num_rows


def _register_rows(planted: Planted, loads: list[str]) -> Iterable[tuple[str, ...]]:
    """Registers at each midnight from the first day's to that after the last, of homes that have them."""
    for home in np.flatnonzero(~np.isnan(planted.register).any(axis=1)):
        counted = np.cumsum(np.append(0, planted.register[home])).astype(int)
        for day, wh in enumerate(counted):
            yield loads[home], str(planted.homes.meter[home]), str(FIRST_DAY + day), str(wh)
