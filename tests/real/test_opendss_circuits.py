"""The published OpenDSS circuits: counts by their text, zones by OpenDSS's own energy meters, loads traced by hand.

All of them go through the command line to silver.connectivity, in one lake and of one source: their folder as it was
published, of which each master script is named. Buses, lines and loads of several circuits have the same names.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import opendssdirect as dss
import pytest
from pyspark.sql import SparkSession

from jobs.network.trace import TraceResult, trace
from jobs.sources.opendss import OpenDssCircuit, read_opendss
from tests.command_line import CommandLine

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "opendss"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the published OpenDSS circuits in {DATA}")

IEEE = "IEEETestCases"
Places = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Case:
    """A circuit, every script its master reaches, and where its one feeder leaves the substation."""

    folder: str
    master: str
    scripts: tuple[str, ...]
    busbar: str
    head: str
    metered: str  # the element at the feeder's head, for OpenDSS's meter
    lines: int
    transformers: int
    loads: int
    banks: int
    without_coordinates: int


CKT5_SCRIPTS = ("Lines", "Transformers", "Loads", "XFR_Loads", "Capacitors", "Regulators", "Generators")
CASES = {
    "ieee13nodeckt": Case(
        IEEE, "13Bus/IEEE13Nodeckt.dss", ("13Bus/IEEE13Nodeckt.dss",),
        "650", "transformer.reg1", "transformer.sub", 12, 5, 15, 1, 0,
    ),
    "ieee34-1": Case(
        IEEE, "34Bus/ieee34Mod1.dss", ("34Bus/ieee34Mod1.dss",),
        "800", "line.l1", "line.l1", 32, 8, 68, 0, 37,
    ),
    "ieee34-2": Case(
        IEEE, "34Bus/ieee34Mod2.dss", ("34Bus/ieee34Mod2.dss",),
        "800", "line.l1", "line.l1", 51, 8, 38, 0, 56,
    ),
    "ieee37": Case(
        IEEE, "37Bus/ieee37.dss", ("37Bus/ieee37.dss",),
        "799", "line.jumper", "transformer.subxf", 36, 4, 30, 1, 0,
    ),
    "ieee123": Case(
        IEEE, "123Bus/IEEE123Master.dss",
        ("123Bus/IEEE123Master.dss", "123Bus/IEEE123Regulators.DSS", "123Bus/IEEE123Loads.DSS"),
        "150", "transformer.reg1a", "transformer.reg1a", 126, 8, 91, 1, 132,
    ),
    "lvtest": Case(
        f"{IEEE}/LVTestCase", "Master.dss", ("Master.dss", "Lines.txt", "Transformers.txt", "Loads.txt"),
        "sourcebus", "transformer.tr1", "transformer.tr1", 905, 1, 55, 1, 1,
    ),
    "ckt5": Case(
        "EPRITestCircuits/ckt5", "Master_ckt5.dss", ("Master_ckt5.dss", *(f"{name}_ckt5.dss" for name in CKT5_SCRIPTS)),
        "_mdv_sub_1_lsb", "line.mdv201_connector", "line.mdv201_connector", 2429, 592, 1379, 584, 2041,
    ),
}  # fmt: skip
by_case = pytest.mark.parametrize("name", CASES)


@cache
def circuit(name: str) -> OpenDssCircuit:
    case = CASES[name]
    return read_opendss(DATA / case.folder / case.master, folder=DATA)


@cache
def traced(name: str) -> TraceResult:
    network = circuit(name).network
    return trace(network.node, network.branch, network.connection)


def declared(name: str) -> Counter[str]:
    """Elements by class as the scripts' text declares them, comments apart."""
    case = CASES[name]
    found: Counter[str] = Counter()
    for script in case.scripts:
        text = (DATA / case.folder / script).read_text(encoding="latin-1")
        found.update(kind.lower() for kind in re.findall(r"(?im)^\s*new\s+(?:object\s*=\s*)?(\w+)\.", text))
    return found


@by_case
def test_elements_are_those_that_the_text_declares(name: str) -> None:
    case, text, count = CASES[name], declared(name), circuit(name).element_count
    for kind in ("line", "transformer", "load", "capacitor", "regcontrol", "generator", "reactor"):
        assert count[kind] == text[kind], kind
    assert (count["line"], count["transformer"], count["load"]) == (case.lines, case.transformers, case.loads)
    assert circuit(name).network.connection.num_rows == case.loads + 1  # and the source


@by_case
def test_every_load_hangs_on_the_one_feeder(name: str) -> None:
    case, result = CASES[name], traced(name)
    assert result.rejected.num_rows == 0
    assert [(row["head_node_id"], row["head_branch_id"]) for row in result.feeder.to_pylist()] == [
        (case.busbar, case.head)
    ]
    assert set(result.connectivity["feeder_id"].to_pylist()) == {f"{case.busbar}/{case.head}"}
    assert result.connectivity.num_rows == case.loads
    assert len(set(result.bank["transformer_id"].to_pylist())) == case.banks


@by_case
def test_places_that_nobody_delivered_are_counted(name: str) -> None:
    x = circuit(name).network.node["x"]
    assert x.null_count == circuit(name).nodes_without_coordinates == CASES[name].without_coordinates


PUBLISHED = {
    "name": "published",
    "describes": "The published circuits.",
    "format": "opendss",
    "files": [f"{case.folder}/{case.master}" for case in CASES.values()],
    "target": "network",
    "namespaces": {"usage_point_id": "{network}"},
    "synthetic": False,
}
PLACES = """
select load.namespace as network, load.source_id as load, place.supply_level, place.phases,
  place.transformer_id, place.feeder_id, place.substation_id
from silver.connectivity as place join protected.identifier as load
on load.id = place.usage_point_id and load.id_kind = 'usage_point_id'
"""
ELEMENTS = """
select network, split(branch_id, '[.]')[0] as kind, count(distinct split(branch_id, ':')[0]) as n
from bronze.network_branch group by 1, 2
union all select network, kind, count(*) from bronze.network_connection group by 1, 2
union all select network, 'without place', count(*) from bronze.network_node where x is null group by 1, 2
"""


def premises_source(name: str) -> dict[str, Any]:
    constant = {"valid_from_utc": "2000-01-01", "kind": "customer", "metering": "none", "channels": "delivered"}
    return {
        "name": f"premises_{name.replace('-', '_')}",
        "describes": "The circuit's loads.",
        "format": "entity",
        "target": "usage_point",
        "namespaces": {"usage_point_id": name},
        "synthetic": True,
        "columns": {
            "usage_point_id": {"column": "load"},
            "supply_level": {"constant": "lv"},
            **{column: {"constant": value} for column, value in constant.items()},
        },
    }


@pytest.fixture(scope="module")
def gridlake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A lake into which the command line took all circuits, built to silver.connectivity."""
    folder = tmp_path_factory.mktemp("circuits")
    premises = {name: premises_source(name) for name in CASES}
    gridlake = CommandLine(folder / "conf", [PUBLISHED, *premises.values()], plain={})
    for name, case in CASES.items():
        scripts = [(DATA / case.folder / script).read_text(encoding="latin-1") for script in case.scripts]
        loads = [load.lower() for text in scripts for load in re.findall(r"(?im)^\s*new\s+(load\.\S+)", text)]
        (folder / "drop" / premises[name]["name"]).mkdir(parents=True)
        (folder / "drop" / premises[name]["name"] / "all.csv").write_text("\n".join(["load", *loads, ""]))
    printed = gridlake.run("ingest", DATA, "--source", "published", settings="plain")
    assert f"published: {len(CASES)} files ok, 0 unchanged, 0 failed" in printed
    gridlake.run("ingest", folder / "drop", settings="plain")
    gridlake.run("build", "silver.connectivity", "--from", "2020-01-01", "--to", "2020-01-02", settings="plain")
    return gridlake


@pytest.fixture(scope="module")
def places(gridlake: CommandLine) -> Places:
    """Place of each load in the network, circuit by circuit."""
    found: Places = {name: {} for name in CASES}
    for row in gridlake.rows(PLACES, settings="plain"):
        assert row["load"] not in found[row["network"]]
        found[row["network"]][row["load"]] = row
    return found


def test_the_lake_has_the_elements_that_the_text_declares_and_places_that_were_delivered(gridlake: CommandLine) -> None:
    rows = {(row["network"], row["kind"]): row["n"] for row in gridlake.rows(ELEMENTS, settings="plain")}
    for name, case in CASES.items():
        text = declared(name)
        kinds = ("line", "transformer", "load", "supply", "without place")
        expected = (text["line"], text["transformer"], text["load"], 1, case.without_coordinates)
        assert tuple(rows.get((name, kind), 0) for kind in kinds) == expected, name


def test_the_same_circuits_again_change_nothing(gridlake: CommandLine) -> None:
    printed = gridlake.run("ingest", DATA, "--source", "published", settings="plain")
    assert f"published: 0 files ok, {len(CASES)} unchanged, 0 failed" in printed


@by_case
def test_every_load_hangs_in_the_lake_as_traced_on_the_one_feeder_of_its_circuit(name: str, places: Places) -> None:
    case = CASES[name]
    assert {row["feeder_id"] for row in places[name].values()} == {f"{name}:{case.busbar}/{case.head}"}
    ids = ("transformer_id", "feeder_id", "substation_id")
    expected = {
        row["connection_id"]: [row["supply_level"], row["phases"], *(row[one] and f"{name}:{row[one]}" for one in ids)]
        for row in traced(name).connectivity.to_pylist()
    }
    found = {load: [row[one] for one in ("supply_level", "phases", *ids)] for load, row in places[name].items()}
    assert found == expected


@pytest.fixture
def engine_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy that OpenDSS may write to, and a fresh engine before and after."""
    shutil.copytree(DATA, tmp_path / "opendss")
    monkeypatch.chdir(tmp_path)
    dss.Basic.AllowChangeDir(False)
    dss.Text.Command("clear")
    yield tmp_path / "opendss"
    dss.Text.Command("clear")


@by_case
def test_feeder_zones_are_those_of_an_energy_meter_at_the_head(name: str, engine_folder: Path, places: Places) -> None:
    case = CASES[name]
    dss.Text.Command(f'compile "{engine_folder / case.folder / case.master}"')
    for meter in dss.Meters.AllNames():
        dss.Text.Command(f"disable energymeter.{meter}")
    dss.Text.Command(f"new energymeter.at_head element={case.metered} terminal=1")
    dss.Text.Command("solve")
    dss.Meters.Name("at_head")
    zone = {element.lower() for element in dss.Meters.AllBranchesInZone()}
    zone_loads = {element.lower() for element in dss.Meters.ZonePCE() if element.lower().startswith("load.")}

    assert places[name].keys() == zone_loads
    result = traced(name)

    on_feeder = {row["node_id"] for row in result.place.to_pylist() if row["feeder_id"] is not None}
    branches = {
        row["branch_id"]
        for row in circuit(name).network.branch.to_pylist()
        if row["closed"] and (row["node_a"] in on_feeder or row["node_b"] in on_feeder)
    }
    upstream = {case.metered} - branches  # a meter on the substation transformer counts that too
    assert zone - upstream == branches


# Read off Loads_ckt5.dss (the load's bus, the secondary line that ends there) and XFR_Loads_ckt5.dss (the unit whose
# second winding is the bus where that line begins). 28208 is a pole with three single-phase units A, B and C between
# the same two buses: one bank, named by its first unit.
TRACED_BY_HAND = {
    "MDV201_6569ELB-1B0": "MDV201_6569ELB-1B",
    "MDV201_63677FUSE-1A0": "MDV201_63677FUSE-1A",
    "MDV201_HN_2_491_C8114-1C1": "MDV201_HN_2_491_C8114-1C",
    "MDV201_HN_2_850_B52520-1B2": "MDV201_HN_2_850_B52520-1B",
    "MDV201_HN_2_822_B39619-1B1": "MDV201_HN_2_822_B39619-1B",
    "MDV201_HN_2_121_C28294-1C1": "MDV201_HN_2_121_C28294-1C",
    "MDV201_HN_2_858_B94733-1B4": "MDV201_HN_2_858_B94733-1B",
    "MDV201_HN_2_833_B39620-1B3": "MDV201_HN_2_833_B39620-1B",
    "MDV201_HN_2_400_B63637-1B1": "MDV201_HN_2_400_B63637-1B",
    "MDV201_15008ELB-1B1": "MDV201_15008ELB-1B",
    "MDV201_DA_8_795_B88661-1B2": "MDV201_DA_8_795_B88661-1B",
    "MDV201_DA_8_695_B46387-1B0": "MDV201_DA_8_695_B46387-1B",
    "MDV201_HN_2_890_B52521-1B2": "MDV201_HN_2_890_B52521-1B",
    "MDV201_HN_2_167_C14979-1C0": "MDV201_HN_2_167_C14979-1C",
    "MDV201_HN_2_246_B39602-1B0": "MDV201_HN_2_246_B39602-1B",
    "MDV201_HN_2_248_ABC44584-1C1": "MDV201_HN_2_248_ABC44584-1C",
    "MDV201_HN_2_618_ABC28220-1A0": "MDV201_HN_2_618_ABC28220-1A",
    "MDV201_HN_2_141_ABC800-1A1": "MDV201_HN_2_141_ABC800-1A",
    "MDV201_DA_8_676_A56755-1A3": "MDV201_DA_8_676_A56755-1A",
    "MDV201_HN_2_760_ABC28208-1B0": "MDV201_HN_2_760_ABC28208-1A",
}


def test_twenty_loads_of_ckt5_traced_by_hand(places: Places) -> None:
    assert len(TRACED_BY_HAND) == 20
    expected = {f"load.{load}".lower(): f"ckt5:transformer.{unit}".lower() for load, unit in TRACED_BY_HAND.items()}
    assert {load: places["ckt5"][load]["transformer_id"] for load in expected} == expected


def test_ckt5_phases_and_ratings_are_as_written() -> None:
    branch = {row["branch_id"]: row for row in circuit("ckt5").network.branch.to_pylist()}
    unit = branch["transformer.mdv201_6569elb-1b"]  # kVA=37.5, 7.1996/0.24 kV, %loadloss=1.4, %noloadloss=.25, bus .2
    assert (unit["rating_kva"], unit["lv_kv"], unit["phases"]) == (37.5, 0.24, "BN")
    assert unit["no_load_loss_w"] == pytest.approx(93.75)
    assert unit["load_loss_w"] == pytest.approx(525.0)
    assert branch["line.mdv202_connector"]["closed"] is False  # enabled=False
    profiles = Counter(row["profile"] for row in circuit("ckt5").network.connection.to_pylist())
    assert profiles == {"residential": 1304, "commercial_sm": 72, "commercial_md": 3, None: 1}
