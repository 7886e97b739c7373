"""SimBench folders: a small one written here, and the whole scenario that the design counts."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pytest

from jobs.errors import SourceError
from jobs.network.model import BRANCH, CONNECTION, NODE
from jobs.network.trace import supply_parts, trace
from jobs.sources.simbench import read_simbench

FILES = {
    "Coordinates": "id;x;y;subnet;voltLvl\nc1;11.5;53.5;MV9;5\n",
    "ExternalNet": "id;node;subnet\nhv grid;h;MV9_HV1_eq\nmv grid;m;LV1_MV9_eq\n",
    "Line": "id;nodeA;nodeB;type;length\nF;b;m;cable;0.25\n",
    "LineType": "id;r;x\ncable;0.32;0.1\n",
    "Load": (
        "id;node;profile;pLoad;subnet\nhome;l;H0-A;0.002;LV1\nworks;m;G3-A;0.5;MV9\n"
        "twin;m;lv_rural1;0.08;MV9_LV1_eq\nother;m;lv_rural2;0.09;MV9_LV2_eq\nabove;h;mv_rural;9;HV1_MV9_eq\n"
    ),
    "Node": (
        "id;vmR;substation;coordID;subnet;voltLvl\nfar;110;NULL;c1;HV1;3\nh;110;S;c1;HV1_MV9;3\nb;20;S;c1;MV9;5\n"
        "m;20;NULL;c1;MV9_LV1;5\nl;0.4;NULL;c9;LV1;7\n"
    ),
    "RES": "id;node;profile;pRES;subnet\npv;l;PV1;0.004;LV1\npv twin;m;PV1;0.3;MV9_LV1_eq\n",
    "Storage": "id;node;profile;pStor;subnet\nbattery;l;S1;-0.003;LV1\n",
    "Switch": "id;nodeA;nodeB;type;cond\nopen;b;m;CB;0\nup;far;h;CB;1\n",
    "Transformer": "id;nodeHV;nodeLV;type;substation;voltLvl\nT;h;b;big;S;4\nt;m;l;small;NULL;6\n",
    "TransformerType": "id;sR;vmHV;vmLV;pCu;pFe\nbig;25;110;20;100;14\nsmall;0.16;20;0.4;2.35;0.46\n",
}
SCENARIO = "networks/1-complete_data-mixed-all-1-sw"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_tables_have_the_network_below_high_voltage_in_our_units(folder: Path) -> None:
    network = read_simbench(folder)
    assert (network.node.schema, network.branch.schema, network.connection.schema) == (NODE, BRANCH, CONNECTION)
    nodes = {row["node_id"]: row for row in network.node.to_pylist()}
    assert set(nodes) == {"h", "b", "m", "l"}
    assert nodes["m"] == {"node_id": "m", "nominal_kv": 20.0, "substation_id": None, "x": 11.5, "y": 53.5}
    assert nodes["l"]["x"] is None
    branches = {row["branch_id"]: row for row in network.branch.to_pylist()}
    assert {name: row["closed"] for name, row in branches.items()} == {"F": True, "open": False, "T": True, "t": True}
    assert branches["F"]["length_m"] == 250.0
    assert branches["F"]["resistance_ohm"] == pytest.approx(0.08)  # 0.32 ohm/km
    assert branches["open"]["resistance_ohm"] is None
    small = ("rating_kva", "hv_kv", "lv_kv", "no_load_loss_w", "load_loss_w")
    assert [branches["t"][name] for name in small] == [160.0, 20.0, 0.4, 460.0, 2350.0]


def test_without_types_of_lines_no_line_has_a_resistance(folder: Path) -> None:
    (folder / "LineType.csv").unlink()
    assert read_simbench(folder).branch["resistance_ohm"].null_count == 4


def test_rows_that_stand_for_a_present_network_are_left_out(folder: Path) -> None:
    connections = {row["connection_id"]: row for row in read_simbench(folder).connection.to_pylist()}
    kinds = {name: row["kind"] for name, row in connections.items()}
    assert kinds == {
        "hv grid": "supply",
        "home": "load",
        "works": "load",
        "other": "load",  # LV2 is not in the folder
        "pv": "generator",
        "battery": "storage",
    }
    assert connections["battery"]["rated_kw"] == pytest.approx(3.0)
    assert connections["home"]["profile"] == "H0-A"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("Line", None, r"Line\.csv: cannot be read as SimBench Line"),
        ("Line", "id;nodeA\nF;b\n", r"Line\.csv: cannot be read .*columns"),
        ("Node", FILES["Node"].replace("m;20;", "m;twenty;"), r"Node\.csv: cannot be read"),
        ("Load", FILES["Load"].replace("works;", "home;"), r"Load\.csv: 1 of 5 ids are repeated; first \['home'\]"),
        ("RES", FILES["RES"].replace("pv;", "home;"), r"1 connection_id are repeated across files; first \['home'\]"),
        ("TransformerType", "id;sR;vmHV;vmLV;pCu;pFe\nbig;25;110;20;1;1\n", r"1 of 2 name a type .* \['t'\]"),
    ],
)
def test_a_bad_folder_is_refused_with_file_and_first_keys(
    folder: Path, name: str, text: str | None, message: str
) -> None:
    path = folder / f"{name}.csv"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_simbench(folder)


@pytest.mark.slow
def test_whole_scenario_is_what_the_design_counts() -> None:
    found = importlib.util.find_spec("simbench")
    assert found is not None
    assert found.submodule_search_locations
    started = time.monotonic()
    network = read_simbench(Path(found.submodule_search_locations[0]) / SCENARIO)
    result = trace(network.node, network.branch, network.connection)
    seconds = time.monotonic() - started
    assert seconds < 60
    assert result.rejected.num_rows == 0

    connectivity: pd.DataFrame = result.connectivity.to_pandas()
    low = connectivity[(connectivity["supply_level"] == "lv") & (connectivity["kind"] == "load")]
    assert len(low) == low["connection_id"].nunique() == 35_633
    assert low["transformer_id"].nunique() == 412
    by_area = low.groupby("substation_id").agg(
        feeders=("feeder_id", "nunique"), transformers=("transformer_id", "nunique"), loads=("connection_id", "size")
    )
    assert by_area.loc["HV1_MV1.101_Substation"].tolist() == [8, 90, 5_770]
    assert by_area["feeders"].to_dict() == {
        "HV1_MV1.101_Substation": 8,
        "HV1_MV2.101_Substation": 9,
        "HV1_MV3.101_Substation": 10,
        "HV1_MV4.101_Substation": 9,
    }
    bank = result.bank.to_pandas()
    assert len(bank) == bank["transformer_id"].nunique() == 412
    assert bank["feeder_id"].nunique() == 36

    medium = connectivity[
        (connectivity["supply_level"] == "mv") & (connectivity["substation_id"] == "HV1_MV1.101_Substation")
    ]
    assert medium["kind"].value_counts().to_dict() == {"generator": 12, "load": 6}
    on_busbar = medium[medium["feeder_id"].isna()]
    assert on_busbar["kind"].value_counts().to_dict() == {"generator": 1, "load": 1}
    assert pc.count_distinct(supply_parts(network.node, network.branch)["part_id"]).as_py() == 28
