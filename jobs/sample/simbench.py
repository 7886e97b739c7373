"""SimBench's data as the installed package brings them: one medium-voltage area, and load and generation shapes."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv as pcsv
from numpy.typing import NDArray

from jobs.errors import SourceError

SCENARIO = "1-complete_data-mixed-all-1-sw"
AREAS = ("MV1.101", "MV2.101", "MV3.101", "MV4.101")
YEAR_FIRST, YEAR_END = date(2016, 1, 1), date(2017, 1, 1)  # SimBench's year: 366 days at wall time, from 00:00 CET
DAYS, SLOTS = 366, 96
_NODES_OF = {
    "Line": ("nodeA", "nodeB"),
    "Switch": ("nodeA", "nodeB"),
    "Transformer": ("nodeHV", "nodeLV"),
    "Load": ("node",),
    "RES": ("node",),
    "Storage": ("node",),
    "ExternalNet": ("node",),
}
_SERVICE = "6"  # voltLvl of a transformer from medium to low voltage


def simbench_folder() -> Path:
    """The scenario's folder in the installed package, found without importing it.

    Raises
    ------
    SourceError
        SimBench is not installed.
    """
    found = importlib.util.find_spec("simbench")
    if found is None or not found.submodule_search_locations:
        raise SourceError(
            "the sample utility is made from SimBench, which is not installed: pip install 'gridlake[sample]'"
        )
    return Path(found.submodule_search_locations[0]) / "networks" / SCENARIO


@dataclass(frozen=True)
class Area:
    """One medium-voltage area with its low-voltage networks: SimBench's tables, every value as text."""

    name: str
    tables: dict[str, pd.DataFrame]
    transformer_of: dict[str, str]  # low-voltage network -> its service transformer


def read_area(name: str, low_voltage_networks: int | None = None) -> Area:
    """The area's part of the scenario, without what lies above its HV/MV substation.

    Rows that stand for a low-voltage network (``subnet`` ends in ``_eq``) are left out: that network is present, or
    the caller did not want it. ``low_voltage_networks`` keeps the largest few, so that even one shows something.
    """
    if name not in AREAS:
        raise SourceError(f"area '{name}': SimBench's complete data has {', '.join(AREAS)}")
    folder = simbench_folder()
    names = ("Coordinates", "LineType", "Node", "Substation", "TransformerType", *_NODES_OF)
    tables = {
        table: pd.read_csv(folder / f"{table}.csv", sep=";", dtype=str, keep_default_na=False, encoding="utf-8")
        for table in names
    }
    service = tables["Transformer"].query("voltLvl == @_SERVICE and id.str.startswith(@name + '-')")
    transformer_of = dict(zip(service["subnet"], service["id"], strict=True))
    if low_voltage_networks is not None:
        size = tables["Load"]["subnet"].value_counts()
        largest = sorted(transformer_of, key=lambda network: (-size[network], network))
        transformer_of = {network: transformer_of[network] for network in sorted(largest[:low_voltage_networks])}
    return Area(name, _within(tables, name, set(transformer_of)), transformer_of)


def _within(tables: dict[str, pd.DataFrame], area: str, networks: set[str]) -> dict[str, pd.DataFrame]:
    def inside(subnet: str) -> bool:
        parts = subnet.split("_")
        if parts[-1] == "eq":
            return False
        own = subnet == area or subnet.startswith(f"{area}_Feeder") or parts[-1] == area
        return own or subnet in networks or parts[0] == area  # the last: where a low-voltage network joins

    node = tables["Node"]
    node = node[node["subnet"].map({subnet: inside(subnet) for subnet in node["subnet"].unique()})]
    kept = set(node["id"])
    stations = set(node["substation"])
    result = {"LineType": tables["LineType"], "TransformerType": tables["TransformerType"], "Node": node}
    for name, ends in _NODES_OF.items():
        rows = tables[name]
        for end in ends:
            rows = rows[rows[end].isin(kept)]
        if name in ("Load", "RES", "Storage"):
            rows = rows[~rows["subnet"].str.endswith("_eq")]
        elif name == "ExternalNet":  # the supply from above; the others stand for the networks below
            rows = rows[rows["subnet"].str.startswith(f"{area}_HV")]
        result[name] = rows
    result["Substation"] = tables["Substation"][tables["Substation"]["id"].isin(stations)]
    result["Coordinates"] = tables["Coordinates"][tables["Coordinates"]["id"].isin(set(node["coordID"]))]
    return result


def write_area(tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write tables as a SimBench folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        rows.to_csv(folder / f"{name}.csv", sep=";", index=False)


def read_shapes(file: str, names: list[str]) -> dict[str, NDArray[np.float32]]:
    """Year shapes by name, each days × 96 from 2016-01-01 00:00 at +01:00.

    SimBench counts wall time without a gap or a repeat in its rows, so its rows are grid slots.
    """
    table = pcsv.read_csv(
        simbench_folder() / f"{file}.csv",
        parse_options=pcsv.ParseOptions(delimiter=";"),
        convert_options=pcsv.ConvertOptions(include_columns=names),
    )
    return {name: table[name].to_numpy().astype(np.float32).reshape(DAYS, SLOTS) for name in names}
