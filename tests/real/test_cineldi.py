"""The CINELDI reference network by the command line: 124 nodes at 22 kV, its load points, failures and costs.

What the lake must hold is worked out here from the published files alone, by pandas and networkx. A later version, made
here, has one branch open: the load points behind it then hang on nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from tests.command_line import CommandLine

PUBLISHED = "CINELDI_MV_reference_system_v_2023-03-06"
LATER = "CINELDI_MV_reference_system_v_2024-01-01"
BRANCHES = "CINELDI_MV_reference_grid_base_branch.csv"
CUT = (28, 29)
MODEL_FILES = (
    BRANCHES,
    "CINELDI_MV_reference_grid_base_branch_extra.csv",
    "CINELDI_MV_reference_grid_base_bus.csv",
    "CINELDI_MV_reference_system_load_point.csv",
)
FILE_OF = {
    "cineldi_load_points": "CINELDI_MV_reference_system_load_point.csv",
    "cineldi_customers": "CINELDI_MV_reference_system_load_point.csv",
    "cineldi_branch_reliability": "CINELDI_MV_reference_system_reldata.csv",
    "cineldi_lines": "CINELDI_MV_reference_system_reldata.csv",
    "cineldi_class_reliability": "reldata_for_component_types.csv",
    "cineldi_substation_costs": "standard_substation_types.csv",
    "cineldi_overhead_line_costs": "standard_overhead_line_types.csv",
}
SUBSTATIONS = "cineldi_substation_costs"
TABLES = ("connectivity", "customer_agreement", "component_reliability", "asset_cost", "asset")
MODEL = "valid_from_utc = '2023-03-06' and source = 'cineldi_network'"
LOAD = "join protected.identifier as load on load.id = {id} and load.id_kind = 'usage_point_id'"
QUERIES = {
    "node": f"select * from bronze.network_node where {MODEL}",
    "branch": f"select * from bronze.network_branch where {MODEL}",
    "connection": f"select c.*, load.source_id from bronze.network_connection c {LOAD.format(id='connection_id')} "
    f"where {MODEL}",
    "place": f"select p.*, load.source_id from silver.connectivity p {LOAD.format(id='usage_point_id')}",
    "cut": "select rule_id, reason from silver.connectivity_rejected",
    "customer": f"select a.*, load.source_id from silver.customer_agreement a {LOAD.format(id='usage_point_id')}",
    "reliability": "select * from silver.component_reliability",
    "cost": "select * from silver.asset_cost",
    "unit": "select asset_id, asset_class, high_voltage_kv, length_m, permanent_failures_per_year, repair_hours "
    f"from silver.asset join (select * from bronze.network_branch where {MODEL}) "
    "on asset_id = concat('cineldi:', branch_id) "
    "join silver.component_reliability on component_id = asset_id",
}

Read = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="module")
def read(real_data: Path) -> Read:
    """A published file as it stands."""
    return lambda name: pd.read_csv(real_data / "cineldi_mv" / name, sep=";", encoding="utf-8-sig")


@pytest.fixture(scope="module")
def tree(read: Read) -> nx.DiGraph[int]:
    """The published network, away from the reference bus."""
    bus, branch = read(MODEL_FILES[2]), read(BRANCHES)
    graph = nx.Graph(zip(branch["f_bus"], branch["t_bus"], strict=True))
    assert nx.is_tree(graph)
    (root,) = bus["bus_i"][bus["bus_type"] == 3]
    found: nx.DiGraph[int] = nx.bfs_tree(graph, root)
    return found


@pytest.fixture(scope="module")
def found(spark: SparkSession, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    folder, published = tmp_path_factory.mktemp("cineldi"), real_data / "cineldi_mv"
    drop = folder / "drop"
    for version in (PUBLISHED, LATER):
        (drop / "cineldi_network" / version).mkdir(parents=True)
        for name in MODEL_FILES:
            shutil.copyfile(published / name, drop / "cineldi_network" / version / name)
    branches = drop / "cineldi_network" / LATER / BRANCHES
    lines = branches.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("{};{};".format(*CUT)))
    lines[at] = lines[at].removesuffix("1") + "0"  # br_status
    branches.write_text("\n".join([*lines, ""]))
    for source, name in FILE_OF.items():
        (drop / source).mkdir()
        shutil.copyfile(published / name, drop / source / name)
    (drop / "price_index").mkdir()
    (drop / "price_index" / "one.csv").write_text("index;year;level\nequipment;2022;100\n".replace(";", ","))
    gridlake = CommandLine(folder / "conf", [], plain={"money": {"currency": "NOK", "price_year": 2022}})
    printed = gridlake.run("ingest", drop, settings="plain")
    assert "cineldi_network: 2 files ok, 0 unchanged, 0 failed" in printed
    days = ("--from", "2024-06-01", "--to", "2024-06-02")
    gridlake.run("build", *(f"silver.{name}" for name in TABLES), *days, settings="plain")
    return {name: pd.DataFrame(gridlake.rows(query, settings="plain")) for name, query in QUERIES.items()}


def test_the_network_is_as_large_as_its_files(found: dict[str, pd.DataFrame], read: Read) -> None:
    branch, extra, bus = read(BRANCHES), read(MODEL_FILES[1]), read(MODEL_FILES[2])
    ours = found["branch"].set_index("branch_id").loc[branch["f_bus"].astype(str) + "-" + branch["t_bus"].astype(str)]
    assert (len(found["node"]), len(found["branch"])) == (124, 123) == (len(bus), len(branch))
    assert set(found["node"]["nominal_kv"]) == {22.0}
    assert ours["length_m"].sum() / 1e3 == pytest.approx(extra["length_km"].sum())
    assert ours["length_m"].sum() / 1e3 == pytest.approx(28.73, abs=0.005)
    kilometres = ours.groupby("type")["length_m"].sum() / 1e3
    assert kilometres.to_dict() == pytest.approx(extra.groupby("type")["length_km"].sum().to_dict())
    assert ours["closed"].all()
    assert set(ours["kind"]) == {"line"}


def test_lines_are_rated_by_the_current_of_their_type(found: dict[str, pd.DataFrame], read: Read) -> None:
    """The branch file gives MVA, the file of types amperes: of three phases at 22 kV they are one thing."""
    ampere = read("distribution_line_types_in_reference_grid.csv").set_index("type")["Imax_A"]
    expected = found["branch"]["type"].map(ampere) * 22 * 3**0.5
    assert found["branch"]["rating_kva"].tolist() == pytest.approx(expected.tolist())


def test_lines_are_as_old_as_their_file_says(found: dict[str, pd.DataFrame], read: Read) -> None:
    extra = read(MODEL_FILES[1])
    ours = found["branch"].groupby("installed_year")["length_m"].agg(["size", "sum"])
    file = extra.groupby("installation_year")["length_km"].agg(["size", "sum"])
    assert ours["size"].to_dict() == file["size"].to_dict()
    assert (ours["sum"] / 1e3).to_dict() == pytest.approx(file["sum"].to_dict())
    assert ours["size"].sum() == 123
    assert (ours.index.min(), ours.index.max(), ours["size"].idxmax()) == (1949, 2017, 2005)


def test_a_kilometre_of_overhead_line_costs_what_the_file_says(found: dict[str, pd.DataFrame], read: Read) -> None:
    types = read("standard_overhead_line_types.csv").sort_values("Imax_A")
    cost = found["cost"][found["cost"]["asset_class"] == "overhead_line_km"].sort_values("rating_kva")
    assert cost["unit_cost"].tolist() == types["cost_NOK_per_km"].tolist() == [605_173, 697_375, 759_408]
    assert cost["rating_kva"].tolist() == pytest.approx((types["Imax_A"] * 22 * 3**0.5).tolist())


def test_resistance_is_that_of_each_line_by_its_type_and_length(found: dict[str, pd.DataFrame], read: Read) -> None:
    """The branch file gives it per unit, the file of types ohm per km."""
    ohm_per_km = read("distribution_line_types_in_reference_grid.csv").set_index("type")["R_ohm_per_km"]
    expected = found["branch"]["type"].map(ohm_per_km) * found["branch"]["length_m"] / 1e3
    assert found["branch"]["resistance_ohm"].tolist() == pytest.approx(expected.tolist(), rel=1e-5)


def test_demand_is_that_of_the_bus_file(found: dict[str, pd.DataFrame], read: Read) -> None:
    bus, load = read(MODEL_FILES[2]).set_index("bus_i"), found["connection"][found["connection"]["kind"] == "load"]
    assert len(load) == 54 == (bus["Pd"] > 0).sum()
    ours = load.set_index(load["source_id"].astype(int))["rated_kw"]
    assert ours.to_dict() == pytest.approx((bus["Pd"][bus["Pd"] > 0] * 1e3).to_dict())
    assert ours.sum() == pytest.approx(6407.18, abs=0.005)
    assert found["connection"]["kind"].value_counts().to_dict() == {"load": 54, "supply": 1}


def test_every_load_point_hangs_on_the_feeder_that_its_path_leaves_the_substation_by(
    found: dict[str, pd.DataFrame], read: Read, tree: nx.DiGraph[int]
) -> None:
    (root,) = (node for node, degree in tree.in_degree() if degree == 0)
    loads = read(MODEL_FILES[3])["bus_i"]
    heads = {load: nx.shortest_path(tree, root, load)[1] for load in loads}
    expected = {load: ("mv", None, f"cineldi:{root}/{root}-{head}", f"cineldi:{root}") for load, head in heads.items()}
    before = found["place"][found["place"]["valid_from_utc"] < "2024"]
    assert places(before) == expected
    behind = {CUT[1], *nx.descendants(tree, CUT[1])} & set(loads)
    assert len(behind) == 2
    after = found["place"][found["place"]["valid_from_utc"] >= "2024"]
    assert places(after) == {load: place for load, place in expected.items() if load not in behind}
    assert set(before["valid_to_utc"]) == {"2024-01-01T00:00:00.000Z"}
    assert found["cut"]["reason"].str.contains("no closed branch joins to a supply").tolist() == [True, True]


def places(rows: pd.DataFrame) -> dict[int, tuple[Any, ...]]:
    names = ["supply_level", "transformer_id", "feeder_id", "substation_id"]
    assert rows["source_id"].is_unique
    values = rows[names].astype(object).where(rows[names].notna(), None).itertuples(index=False, name=None)
    return dict(zip(rows["source_id"].astype(int), values, strict=True))


def test_customers_are_of_the_published_kinds(found: dict[str, pd.DataFrame], read: Read) -> None:
    kinds = read(MODEL_FILES[3])["customer_type"].value_counts()
    business = sum(kinds[kind] for kind in ("public", "commercial", "industry"))
    assert found["customer"]["customer_class"].value_counts().to_dict() == {
        "household": kinds["residential"],
        "farm": kinds["agriculture"],
        "business": business,
    }
    assert (kinds["residential"], kinds["agriculture"], business) == (41, 4, 9)


def test_failures_of_branches_are_those_published_and_follow_from_those_of_their_classes(
    found: dict[str, pd.DataFrame], read: Read
) -> None:
    file = read("CINELDI_MV_reference_system_reldata.csv")
    rates = found["reliability"].set_index("component_id")
    ids = "cineldi:" + file["f_bus"].astype(str) + "-" + file["t_bus"].astype(str)
    ours = rates.loc[ids]
    assert len(rates) == 123 + 5
    assert ours["permanent_failures_per_year"].sum() == pytest.approx(file["lambda_perm"].sum())
    assert ours["temporary_failures_per_year"].sum() == pytest.approx(file["lambda_temp"].sum())
    hours = (ours["permanent_failures_per_year"] * ours["repair_hours"]).sum()
    assert hours == pytest.approx((file["lambda_perm"] * file["r_perm"]).sum())
    assert set(ours["sectioning_hours"]) == {0.5}
    main = read("distribution_line_types_in_reference_grid.csv").set_index("type")["main_type"]
    kind = found["branch"].set_index("branch_id")["type"].map(main).str.split().str[0]
    km = found["branch"].set_index("branch_id")["length_m"] / 1e3
    of_class = {"Overhead": rates.loc["overhead_line"], "Underground": rates.loc["underground_cable"]}
    assert {row["scope"] for row in of_class.values()} == {"km"}
    expected = {one: of_class[kind[one]]["permanent_failures_per_year"] * km[one] for one in km.index}
    assert ours["permanent_failures_per_year"].to_dict() == pytest.approx(
        {f"cineldi:{one}": rate for one, rate in expected.items()}, rel=1e-6
    )


def test_every_line_is_a_unit_of_the_register_with_its_length_and_failures(
    found: dict[str, pd.DataFrame], read: Read
) -> None:
    unit, file = found["unit"], read("CINELDI_MV_reference_system_reldata.csv")
    assert unit["asset_id"].is_unique
    assert set(unit["asset_id"]) == set("cineldi:" + file["f_bus"].astype(str) + "-" + file["t_bus"].astype(str))
    assert len(unit) == 123
    assert set(unit["asset_class"]) == {"medium_voltage_line"}
    assert set(unit["high_voltage_kv"]) == {22.0}
    assert unit["length_m"].sum() / 1e3 == pytest.approx(read(MODEL_FILES[1])["length_km"].sum())
    assert unit["permanent_failures_per_year"].sum() == pytest.approx(file["lambda_perm"].sum())


def test_failures_of_classes_read_off_the_file(found: dict[str, pd.DataFrame]) -> None:
    """Of 100 km or 100 components in the file, of one here."""
    rates = found["reliability"].set_index("component_id")
    columns = ["scope", "permanent_failures_per_year", "temporary_failures_per_year", "repair_hours"]
    transformer, line = (rates.loc[name, columns].tolist() for name in ("distribution_transformer", "overhead_line"))
    assert transformer == ["component", pytest.approx(0.0054), pytest.approx(0.0016), 4]
    assert line == ["km", pytest.approx(0.0397), pytest.approx(0.0434), 3]
    assert rates.loc[["circuit_breaker", "disconnector"], "repair_hours"].isna().all()


def test_substations_cost_what_the_file_says(found: dict[str, pd.DataFrame], read: Read) -> None:
    types, cost = read("standard_substation_types.csv"), found["cost"][found["cost"]["source"] == SUBSTATIONS]
    assert len(cost) == len(types) == 8
    assert cost["unit_cost"].sum() == types["cost_NOK"].sum() == 2_962_425
    assert cost["rating_kva"].sum() / 1e3 == types["S_N_KVA"].sum() / 1e3 == pytest.approx(5.465)
    assert cost["no_load_loss_w"].sum() == types["P0_W"].sum()
    assert cost["load_loss_w"].sum() == types["Pk_W"].sum()
    indoor = cost.set_index("asset_class").loc["indoor_substation_400v"]
    assert (indoor["rating_kva"], indoor["unit_cost"], indoor["currency"]) == (800, 568_103, "NOK")
