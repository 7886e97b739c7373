"""The delivered network model, and where a trace of it says that everything hangs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from jobs.network.trace import trace
from jobs.sample import assets, entities
from jobs.sample import metering as m
from jobs.sample.fleet import fleet
from jobs.sample.fleet_positions import fleet_positions
from jobs.sample.simbench import Area, write_area
from jobs.sources.simbench import read_simbench


def write_grid(
    grid: Area, plan: pd.DataFrame, folder: Path, seed: int, first: date, transformers: int
) -> tuple[entities.Places, assets.Fleet]:
    """Write the network model and read it back: feeders and places are what a trace of the delivered model finds.

    ``transformers`` is how many the fleet has in all, those of the model among them.
    """
    tables = dict(grid.tables)
    transformer = tables["Transformer"]
    service = transformer[transformer["id"].isin(set(grid.transformer_of.values()))]
    kv = tables["TransformerType"].set_index("id")[["vmHV", "vmLV"]].astype(float)
    coordinates = (
        tables["Node"]
        .merge(tables["Coordinates"], left_on="coordID", right_on="id", suffixes=("", "_c"))
        .set_index("id")
    )
    at = coordinates.loc[service["nodeLV"], ["x", "y"]].astype(float).to_numpy()
    position = pd.DataFrame(
        {
            "network": service["subnet"].to_numpy(),
            "transformer": service["id"].to_numpy(),
            "x": at[:, 0],
            "y": at[:, 1],
            "high_kv": kv.loc[service["type"], "vmHV"].to_numpy(),
            "low_kv": kv.loc[service["type"], "vmLV"].to_numpy(),
            **_load(plan).loc[service["subnet"]].to_dict("list"),
        }
    )
    units = fleet(fleet_positions(position, transformers, seed), seed)
    tier = units.standing(m.midnight_utc(first))["tier"].to_dict()
    kind = [
        f"{row['rating_kva'] / 1000:g} MVA {row['high_kv']:g}/{row['low_kv']:g} kV {tier[row['transformer']]}"
        for row in position.to_dict("records")
    ]
    tables["Transformer"] = transformer.assign(
        type=transformer["id"].map(dict(zip(position["transformer"], kind, strict=True))).fillna(transformer["type"])
    )
    tables["TransformerType"] = _types(tables["TransformerType"], position, kind)
    mine = set(plan["usage_point"])  # heat pumps, chargers and small PV lie behind a meter: the model has usage points
    for name in ("Load", "RES", "Storage"):
        tables[name] = tables[name][tables[name]["id"].isin(mine)]
    exported = folder / "network" / f"model_{first - timedelta(days=2):%Y%m%d}"  # known when the first day begins
    write_area(tables, exported)
    model = read_simbench(exported)
    traced = trace(model.node, model.branch, model.connection)
    link = traced.connectivity.to_pandas().set_index("connection_id").reindex(plan["usage_point"])
    bank = traced.bank.to_pandas().set_index("transformer_id")
    position["feeder"] = position["transformer"].map(bank["feeder_id"])
    position["substation"] = position["transformer"].map(bank["substation_id"])
    position["area"] = entities.areas_of(position)
    point = coordinates.loc[plan["node"], ["x", "y"]].astype(float).reset_index(drop=True)
    point = point.assign(
        area=plan["network"].map(position.set_index("network")["area"]),
        transformer=link["transformer_id"].to_numpy(),
        feeder=link["feeder_id"].to_numpy(),
        substation=link["substation_id"].to_numpy(),
    )
    feeder = traced.feeder.to_pandas()
    used = feeder[feeder["feeder_id"].isin(set(point["feeder"]))].reset_index(drop=True)
    used = used.rename(
        columns={
            "feeder_id": "feeder",
            "substation_id": "substation",
            "head_branch_id": "head_branch",
            "head_node_id": "head_node",
        }
    )
    return entities.Places(position, point, used, model, traced.place.to_pandas()), _placed(units, position)


def _placed(units: assets.Fleet, position: pd.DataFrame) -> assets.Fleet:
    """The fleet with feeder, substation and area of the positions that the trace found."""
    found = position.set_index("transformer")[["feeder", "substation", "area"]]
    everywhere = units.position.set_index("transformer")
    area = found["area"].reindex(everywhere.index).fillna(everywhere["area"])
    placed = everywhere.assign(feeder=found["feeder"], substation=found["substation"], area=area)
    return replace(units, position=placed.reset_index())


def _load(plan: pd.DataFrame) -> pd.DataFrame:
    """Rating, peak load by rating and number of customers of each low-voltage network."""
    low = plan[plan["supply_level"] == "lv"].groupby("network")
    load = low.agg(rating_kva=("rating_kva", "first"), peak=("network_peak_kva", "first"), customers=("kind", "size"))
    return load.assign(utilisation=(load["peak"] / load["rating_kva"]).round(3)).drop(columns="peak")


def _types(types: pd.DataFrame, position: pd.DataFrame, kind: list[str]) -> pd.DataFrame:
    """SimBench's transformer types and those of the units that stand in the area."""
    like = types[types["id"].str.startswith("0.4 MVA 20/0.4")].iloc[0]
    rows = []
    for name, place in zip(kind, position.to_dict("records"), strict=True):
        no_load, load = assets.LOSSES_W[name.rpartition(" ")[2]][place["rating_kva"]]
        own = {
            "id": name,
            "sR": f"{place['rating_kva'] / 1000:g}",
            "vmHV": f"{place['high_kv']:g}",
            "vmLV": f"{place['low_kv']:g}",
        }
        rows.append(like.to_dict() | own | {"pCu": f"{load / 1000:g}", "pFe": f"{no_load / 1000:g}"})
    return pd.concat([types, pd.DataFrame(rows).drop_duplicates("id")], ignore_index=True)
