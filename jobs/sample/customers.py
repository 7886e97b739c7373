"""Who is supplied: usage points from SimBench's loads and generators, varied from network to network."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.seeds import generator
from jobs.sample.simbench import Area

_EQUIPMENT = ("Air", "Soil", "HLS", "APLS")  # heat pumps, home chargers, public chargers
_HEAT = ("Air", "Soil")
_CLASS = {"H0": "household", "L0": "farm", "L1": "farm", "L2": "farm"}  # every other profile is a business's
REACTIVE_FROM_KW = 10.0  # businesses and farms of this size and all of medium voltage have reactive meters
_LOW_VOLTAGE, _MEDIUM_VOLTAGE = "7", "5"
_PV_KEPT = (0.15, 0.6)  # share of SimBench's PV kept in a network: its scenario has more than 2016 had
_HEAT_KEPT, _HEAT_NEW = (0.6, 1.0), (0.0, 0.06)  # share of heat pumps and chargers kept, and of homes that get one
_NETWORK_SPREAD, _OWN_SPREAD = 0.15, 0.25  # log standard deviation of customer size, by network and by customer
_HOME_HEAT_PUMP_KW = 5.0  # larger heat pumps serve several dwellings and are not added to homes


def plan_usage_points(
    area: Area, home_mean: dict[str, float], charger_mean: dict[str, float], seed: int
) -> pd.DataFrame:
    """One row a usage point, with what lies behind its meter.

    A usage point is a household, business or farm load, or a generator at medium voltage. Heat pumps, chargers and PV
    belong to the usage point with the largest load at their node (ties by id), a PV-and-battery system to the one
    whose class its profile names. Sizes and shares differ by network; homes keep SimBench's annual energy in total.

    Returns
    -------
    pd.DataFrame
        ``usage_point`` (SimBench's id), ``node``, ``network`` (null at medium voltage), ``supply_level``, ``kind``,
        ``customer_class``, ``profile``, ``load_kw`` and ``load_kvar`` (of the profile's unit), ``heat_profile``,
        ``heat_kw``, ``charger_kw``, ``charger_mean_kw``, ``pv_profile``, ``pv_kw``, ``battery_kwh``, ``generation_kw``,
        ``whole_system`` (SimBench's own profile of a system with no load at its node) and ``reactive``.
    """
    load = _rows(area, "Load", "pLoad")
    behind = load["profile"].str.startswith(_EQUIPMENT)
    point = load[~behind].assign(kind="customer")
    point = point.assign(load_kvar=point["qLoad"].astype(float) * 1e3)
    equipment = _varied_equipment(area, load[behind], seed)
    point = _attached(point, equipment, charger_mean)
    system = _rows(area, "Storage", "pStor")
    alone = system[~system["node"].isin(point["node"])]
    own = pd.concat([_rows(area, "RES", "pRES"), alone.assign(whole_system=alone["profile"])])
    own = own[(own["voltLvl"] == _MEDIUM_VOLTAGE) & (own["kw"] > 0)].assign(kind="generation")  # some are rated 0
    point = pd.concat(
        [_resized(point, home_mean, seed), own.rename(columns={"kw": "generation_kw"})], ignore_index=True
    )
    medium = point["voltLvl"] == _MEDIUM_VOLTAGE
    home = point["profile"].str.startswith("H0")
    with_heat = home & ((point["heat_kw"] > 0) | (point["charger_kw"] > 0))
    of_class = point["profile"].str[:2].map(_CLASS).fillna("business").mask(with_heat, "household_heat")
    zero = dict.fromkeys(
        ("load_kw", "load_kvar", "heat_kw", "charger_kw", "charger_mean_kw", "pv_kw", "battery_kwh", "generation_kw"),
        0.0,
    )
    return pd.DataFrame(
        {
            "usage_point": point["id"],
            "node": point["node"],
            "network": point["subnet"].mask(medium, None),
            "supply_level": np.where(medium, "mv", "lv"),
            "kind": point["kind"],
            "customer_class": of_class.mask(point["kind"] == "generation", "generation"),
            "profile": point["profile"],
            "load_kw": point["kw"],
            **{name: point[name] for name in ("heat_profile", "pv_profile", "whole_system")},
            **{name: point[name] for name in zero if name != "load_kw"},
            "reactive": medium | (~home & (point["nominal_kw"] >= REACTIVE_FROM_KW)),
        }
    ).fillna(zero)


def _rows(area: Area, table: str, power: str) -> pd.DataFrame:
    rows = area.tables[table]
    kw = (rows[power].astype(float).abs() * 1e3).round(6)  # 0.01 MW is 10 kW, not 10.000000000000002
    return rows.assign(kw=kw, nominal_kw=kw)


def _varied_equipment(area: Area, heat: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Heat pumps, chargers, PV and PV with battery that stay, by network."""
    rng = generator(seed, "equipment")
    networks = sorted(area.transformer_of)
    pv_kept = pd.Series(rng.uniform(*_PV_KEPT, len(networks)), networks)
    heat_kept = pd.Series(rng.uniform(*_HEAT_KEPT, len(networks)), networks)
    kept = []
    for what, rows, share in (
        ("heat", heat, heat_kept),
        ("pv", _rows(area, "RES", "pRES").query("voltLvl == @_LOW_VOLTAGE"), pv_kept),
        ("system", _rows(area, "Storage", "pStor"), pv_kept),
    ):
        stays = rng.random(len(rows)) < rows["subnet"].map(share).fillna(1.0)
        kept.append(rows[stays].assign(what=what))
    rows = pd.concat(kept, ignore_index=True)
    return pd.concat([rows, _new_heat(area, heat, rng, networks)], ignore_index=True)


def _new_heat(area: Area, heat: pd.DataFrame, rng: np.random.Generator, networks: list[str]) -> pd.DataFrame:
    """Heat pumps and chargers that SimBench does not have, at nodes of homes."""
    share = pd.Series(rng.uniform(*_HEAT_NEW, len(networks)), networks)
    homes = area.tables["Load"].query("profile.str.startswith('H0') and voltLvl == @_LOW_VOLTAGE")
    homes = homes[~homes["node"].isin(heat["node"])].drop_duplicates("node")
    chosen = homes[rng.random(len(homes)) < homes["subnet"].map(share)]
    models = heat[heat["kw"] <= _HOME_HEAT_PUMP_KW]
    if models.empty:
        return models.assign(what="heat")
    model = models.iloc[rng.integers(0, len(models), len(chosen))]
    return model.assign(what="heat", node=chosen["node"].to_numpy(), subnet=chosen["subnet"].to_numpy())


def _attached(point: pd.DataFrame, equipment: pd.DataFrame, charger_mean: dict[str, float]) -> pd.DataFrame:
    ranked = point.sort_values(["kw", "id"], ascending=[False, True])
    largest = ranked.drop_duplicates("node").set_index("node")["id"]
    of_class = ranked.drop_duplicates(["node", "profile"]).set_index(["node", "profile"])["id"]
    equipment = equipment[equipment["node"].isin(largest.index)]
    owner = equipment["node"].map(largest)
    system = equipment["what"] == "system"
    parts = equipment["profile"].str.split("_")
    named = [of_class.get(key) for key in zip(equipment["node"], parts.str[2], strict=True)]
    equipment = equipment.assign(owner=pd.Series(named, equipment.index).where(system).fillna(owner))
    heat = equipment[(equipment["what"] == "heat") & equipment["profile"].str.startswith(_HEAT)]
    charger = equipment[(equipment["what"] == "heat") & ~equipment["profile"].str.startswith(_HEAT)]
    sun = equipment[equipment["what"] != "heat"]
    sun = sun.assign(profile=sun["profile"].mask(system, parts.str[1]).astype(str))
    battery = equipment[system].assign(kwh=lambda rows: rows["eStore"].astype(float) * 1e3)
    charger = charger.assign(mean_kw=charger["kw"] * charger["profile"].map(charger_mean))
    return point.assign(
        heat_profile=point["id"].map(_main_profile(heat)),
        heat_kw=point["id"].map(heat.groupby("owner")["kw"].sum()),
        charger_kw=point["id"].map(charger.groupby("owner")["kw"].max()),
        charger_mean_kw=point["id"].map(charger.groupby("owner")["mean_kw"].sum()),
        pv_profile=point["id"].map(_main_profile(sun)),
        pv_kw=point["id"].map(sun.groupby("owner")["kw"].sum()),
        battery_kwh=point["id"].map(battery.groupby("owner")["kwh"].sum()),
    )


def _main_profile(rows: pd.DataFrame) -> pd.Series:
    return rows.sort_values("kw", ascending=False).drop_duplicates("owner").set_index("owner")["profile"]


def _resized(point: pd.DataFrame, home_mean: dict[str, float], seed: int) -> pd.DataFrame:
    """Customers of other sizes, homes with the same energy in total."""
    rng = generator(seed, "customer size")
    networks = sorted(point["subnet"].unique())
    of_network = pd.Series(np.exp(rng.normal(0, _NETWORK_SPREAD, len(networks))), networks)
    factor: pd.Series = point["subnet"].map(of_network) * np.exp(rng.normal(0, _OWN_SPREAD, len(point)))
    energy = point["kw"] * point["profile"].map(home_mean).fillna(0.0)
    homes = energy > 0
    factor[homes] *= energy.sum() / (energy * factor).sum()
    solar = np.exp(rng.normal(0, _OWN_SPREAD, len(point)))
    return point.assign(
        kw=point["kw"] * factor,
        load_kvar=point["load_kvar"] * factor,
        pv_kw=point["pv_kw"] * solar,
        battery_kwh=point["battery_kwh"] * solar,
    )
