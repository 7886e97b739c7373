"""Who is a usage point and what lies behind it, by the rules of DESIGN section 10, counted on SimBench itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from jobs.sample.customers import plan_usage_points
from jobs.sample.shapes import Shapes, read_year
from jobs.sample.simbench import AREAS, Area, read_area
from jobs.sample.sun import dispatched


def planned(name: str, seed: int = 1) -> tuple[Area, Shapes, pd.DataFrame]:
    area = read_area(name)
    load, res, storage = (area.tables[table] for table in ("Load", "RES", "Storage"))
    alone = set(storage.loc[~storage["node"].isin(load["node"]), "profile"])
    shapes = read_year(set(load["profile"]), set(res["profile"]), alone)
    return area, shapes, plan_usage_points(area, shapes.home_mean, shapes.charger_mean, seed)


@pytest.fixture(scope="module")
def default() -> tuple[Area, Shapes, pd.DataFrame]:
    return planned("MV1.101")


def test_the_default_area_has_the_usage_points_of_the_design(default: tuple[Area, Shapes, pd.DataFrame]) -> None:
    _, _, plan = default
    medium = plan[plan["supply_level"] == "mv"]
    assert (plan["supply_level"] == "lv").sum() == 5_367
    assert medium["kind"].value_counts().to_dict() == {"generation": 12, "customer": 6}
    assert medium["node"].str.contains("busbar1").groupby(medium["kind"]).sum().to_dict() == {
        "customer": 1,
        "generation": 1,
    }
    assert plan["usage_point"].is_unique
    assert not plan["profile"].str.startswith(("Air", "Soil", "HLS", "APLS", "lv_")).any()


@pytest.mark.slow
def test_the_four_areas_together_have_the_low_voltage_usage_points_of_the_design() -> None:
    assert sum((planned(name)[2]["supply_level"] == "lv").sum() for name in AREAS) == 32_511


def test_homes_of_the_area_keep_their_energy_in_total(default: tuple[Area, Shapes, pd.DataFrame]) -> None:
    area, shapes, plan = default
    load = area.tables["Load"]
    home = load[load["profile"].str.startswith("H0")]
    simbench = (home["pLoad"].astype(float) * 1e3 * home["profile"].map(shapes.home_mean)).sum()
    varied = plan[plan["profile"].str.startswith("H0")]
    assert (varied["load_kw"] * varied["profile"].map(shapes.home_mean)).sum() == pytest.approx(simbench)
    for year in shapes.home.values():
        assert year.mean() == pytest.approx(1, rel=1e-4)


def test_equipment_belongs_to_the_largest_load_at_its_node(default: tuple[Area, Shapes, pd.DataFrame]) -> None:
    area, _, plan = default
    load = area.tables["Load"].assign(kw=lambda rows: rows["pLoad"].astype(float))
    load = load[load["id"].isin(plan["usage_point"])]
    crowded = load[load.duplicated("node", keep=False)]
    largest = {
        node: min(rows.itertuples(), key=lambda row: (-row.kw, row.id)).id for node, rows in crowded.groupby("node")
    }
    equipped = plan[plan["node"].isin(largest) & (plan["heat_kw"] + plan["charger_kw"] > 0)]
    assert len(equipped) > 0
    assert (equipped["usage_point"] == equipped["node"].map(largest)).all()


def test_a_battery_stands_behind_the_class_that_its_profile_names(default: tuple[Area, Shapes, pd.DataFrame]) -> None:
    area, _, plan = default
    named: dict[str, set[str]] = {}
    for row in area.tables["Storage"].itertuples():
        named.setdefault(str(row.node), set()).add(str(row.profile).split("_")[2])
    with_battery = plan[plan["battery_kwh"] > 0]
    assert len(with_battery) > 20
    assert all(row.profile in named[row.node] for row in with_battery.itertuples())


def test_networks_of_one_kind_differ(default: tuple[Area, Shapes, pd.DataFrame]) -> None:
    _, _, plan = default
    of_network = plan[plan["network"].fillna("").str.startswith("LV1.")].groupby("network")
    assert of_network["load_kw"].sum().round(3).is_unique
    assert of_network["pv_kw"].sum().nunique() > 30


def test_another_seed_draws_another_utility(default: tuple[Area, Shapes, pd.DataFrame]) -> None:
    assert not np.allclose(planned("MV1.101", seed=2)[2]["load_kw"], default[2]["load_kw"])


def test_battery_takes_surplus_serves_load_and_loses_energy() -> None:
    """4 kW of surplus into a battery of 2 kW for half an hour: 1 kWh in, 0.95 stored, 0.9025 out of 1 kWh asked."""
    net = np.array([[-4.0, -4.0, 2.0, 2.0]], np.float32)
    rest, stored = dispatched(net, np.array([4.0], np.float32), np.zeros(1, np.float32))
    assert rest[0].tolist() == pytest.approx([-2.0, -2.0, 0.0, 0.39], abs=1e-3)  # 0.0975 kWh short in the last
    assert stored[0] == pytest.approx(0, abs=1e-6)


def test_battery_neither_overfills_nor_charges_from_the_grid() -> None:
    net = np.full((1, 96), -8.0, np.float32)
    rest, stored = dispatched(net, np.array([2.0], np.float32), np.zeros(1, np.float32))
    assert stored[0] <= 2.0
    assert rest[0, -1] == pytest.approx(-8.0, abs=0.01)
    rest, stored = dispatched(-net, np.array([2.0], np.float32), np.zeros(1, np.float32))
    assert (rest == 8.0).all()
