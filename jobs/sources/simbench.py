"""SimBench CSV folders: the distribution network from the HV/MV substations down."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.errors import SourceError, first_keys
from jobs.network.model import BRANCH, CONNECTION, NODE, Network

_HV_MV, _MEDIUM_VOLTAGE, _LOW_VOLTAGE = 4, 5, 7  # SimBench's voltLvl
_COLUMNS = {
    "Coordinates": ("id", "x", "y"),
    "ExternalNet": ("id", "node", "subnet"),
    "Line": ("id", "nodeA", "nodeB", "type", "length"),
    "LineType": ("id", "r"),
    "Load": ("id", "node", "profile", "pLoad", "subnet"),
    "Node": ("id", "vmR", "substation", "coordID", "subnet", "voltLvl"),
    "RES": ("id", "node", "profile", "pRES", "subnet"),
    "Storage": ("id", "node", "profile", "pStor", "subnet"),
    "Switch": ("id", "nodeA", "nodeB", "type", "cond"),
    "Transformer": ("id", "nodeHV", "nodeLV", "type", "substation", "voltLvl"),
    "TransformerType": ("id", "sR", "vmHV", "vmLV", "pCu", "pFe"),
}
_OPTIONAL = ("LineType",)
_NUMBERS = {
    "x", "y", "length", "pLoad", "pRES", "pStor", "vmR", "sR", "vmHV", "vmLV", "pCu", "pFe", "voltLvl", "cond", "r",
}  # fmt: skip


def read_simbench(folder: Path) -> Network:
    """Nodes, branches and connections of a SimBench folder, from the HV/MV substations down.

    The networks above are left out: of high voltage only the substations' own nodes stay, and the ``ExternalNet``
    rows that stand for the network above are the supplies. Rows whose ``subnet`` ends in ``_eq`` stand for another
    network (``MV1.101_LV1.101_eq``: LV1.101 as seen from MV1.101) and are left out where that network is present.
    SimBench is a balanced model and says nothing of phases.

    Parameters
    ----------
    folder
        Semicolon-separated files with SimBench's names; ``NULL`` is null. Without ``LineType.csv`` no line has a
        resistance.

    Raises
    ------
    SourceError
        A file or a column is missing, an id is repeated, or a type of transformer is unknown.

    Source: Meinecke et al., SimBench documentation EN 1.0.0, section 4 (data format, `_eq` elements).
    """
    file = {name: _read(folder, name) for name in _COLUMNS}
    transformer = _transformers(file["Transformer"], file["TransformerType"])
    node = _kept_nodes(file["Node"], transformer).merge(
        file["Coordinates"][["id", "x", "y"]].rename(columns={"id": "coordID"}), on="coordID", how="left"
    )
    branch = pd.concat(
        [
            _lines(file["Line"], file["LineType"]),
            file["Switch"].assign(kind="switch", closed=file["Switch"]["cond"] == 1),
            transformer.assign(kind="transformer", closed=True),
        ]
    ).rename(columns={"id": "branch_id", "nodeA": "node_a", "nodeB": "node_b"})
    connection = pd.concat(
        [
            file["Load"].assign(kind="load", rated_kw=file["Load"]["pLoad"] * 1e3),
            file["RES"].assign(kind="generator", rated_kw=file["RES"]["pRES"] * 1e3),
            file["Storage"].assign(kind="storage", rated_kw=file["Storage"]["pStor"].abs() * 1e3),
            file["ExternalNet"].assign(kind="supply", rated_kw=np.nan, profile=None),
        ]
    ).rename(columns={"id": "connection_id", "node": "node_id"})
    connection = connection[~_stands_for_present(connection["subnet"], file["Node"])]
    node = node.rename(columns={"id": "node_id", "vmR": "nominal_kv", "substation": "substation_id"})
    kept = node["node_id"]
    below = kept[node["voltLvl"] >= _MEDIUM_VOLTAGE]
    at_kept = connection["node_id"].isin(below) | (connection["kind"] == "supply") & connection["node_id"].isin(kept)
    return Network(
        node=_table(folder, node, NODE),
        branch=_table(folder, branch[branch["node_a"].isin(kept) & branch["node_b"].isin(kept)], BRANCH),
        connection=_table(folder, connection[at_kept], CONNECTION),
    )


def _read(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv"
    columns = list(_COLUMNS[name])
    if name in _OPTIONAL and not path.exists():
        return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
    kinds: dict[Hashable, str] = {column: "float64" if column in _NUMBERS else "object" for column in columns}
    try:
        rows = pd.read_csv(
            path, sep=";", usecols=columns, dtype=kinds, na_values=["NULL"], keep_default_na=False, encoding="utf-8"
        )
    except (OSError, ValueError) as error:  # pandas raises ValueError for a missing column or a bad number
        raise SourceError(f"{path}: cannot be read as SimBench {name} with columns {columns}: {error}") from error
    repeated = rows.loc[rows["id"].duplicated(), "id"].tolist()
    if repeated:
        raise SourceError(f"{path}: {len(repeated):,} of {len(rows):,} ids are repeated; first {first_keys(repeated)}")
    return rows


def _lines(line: pd.DataFrame, types: pd.DataFrame) -> pd.DataFrame:
    """Lines with their resistance: ohm per km of their type times km; null where the type is not delivered."""
    ohm_per_km = line["type"].map(types.set_index("id")["r"]).astype("float64")
    return line.assign(
        kind="line", closed=True, length_m=line["length"] * 1e3, resistance_ohm=ohm_per_km * line["length"]
    )


def _transformers(transformer: pd.DataFrame, types: pd.DataFrame) -> pd.DataFrame:
    unknown = transformer.loc[~transformer["type"].isin(types["id"]), "id"].tolist()
    if unknown:
        raise SourceError(
            f"Transformer.csv: {len(unknown):,} of {len(transformer):,} name a type that TransformerType.csv does not "
            f"have; first {first_keys(unknown)}"
        )
    rating = pd.DataFrame(
        {
            "type": types["id"],
            "rating_kva": types["sR"] * 1e3,
            "hv_kv": types["vmHV"],
            "lv_kv": types["vmLV"],
            "no_load_loss_w": types["pFe"] * 1e3,
            "load_loss_w": types["pCu"] * 1e3,
        }
    )
    return transformer.rename(columns={"nodeHV": "nodeA", "nodeLV": "nodeB"}).merge(rating, on="type", how="left")


def _kept_nodes(node: pd.DataFrame, transformer: pd.DataFrame) -> pd.DataFrame:
    """Medium and low voltage, and the high-voltage nodes of the HV/MV substations."""
    feeding = transformer[transformer["voltLvl"] == _HV_MV]
    of_substation = node["substation"].isin(feeding["substation"].dropna()) | node["id"].isin(feeding["nodeA"])
    return node[(node["voltLvl"] >= _MEDIUM_VOLTAGE) | of_substation]


def _stands_for_present(subnet: pd.Series, node: pd.DataFrame) -> pd.Series:
    """Whether a row's subnet is ``<own>_<other>_eq`` and the other network is there, joined to this one."""
    medium = set(node.loc[node["voltLvl"] == _MEDIUM_VOLTAGE, "subnet"])
    low = set(node.loc[node["voltLvl"] == _LOW_VOLTAGE, "subnet"])

    def stands(name: str) -> bool:
        stem, _, mark = name.rpartition("_")
        other = stem.rpartition("_")[2]
        return mark == "eq" and (other in medium - low or (other in low and stem in medium))

    return subnet.map({name: stands(name) for name in subnet.unique()}).astype(bool)


def _table(folder: Path, rows: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    key = schema.names[0]
    repeated = rows.loc[rows[key].duplicated(), key].tolist()
    if repeated:
        raise SourceError(f"{folder}: {len(repeated):,} {key} are repeated across files; first {first_keys(repeated)}")
    return pa.Table.from_pandas(rows.reindex(columns=schema.names), schema=schema, preserve_index=False)
