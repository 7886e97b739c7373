"""OpenDSS scripts: what is let through, what is refused, and what the engine reads back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opendssdirect as dss
import pytest

from jobs.errors import SourceError
from jobs.network.trace import trace
from jobs.sources import opendss, opendss_child
from jobs.sources.opendss import read_opendss
from jobs.sources.opendss_script import _LET_THROUGH, _OPTIONS, LIBRARY_PROPERTIES, NETWORK_CLASSES, read_script

MASTER = """\
Clear  ! comment, with "quotes
/* a block comment
export voltages
*/
Set DefaultBaseFrequency=50
New object=circuit.small
~ basekv=110 bus1=source
new loadshape.home npts=3 interval=1 csvfile=secret.csv
New Transformer.Main windings=2 sub=y subname=West
~ wdg=1 bus=source conn=delta kv=110 kva=10000 %r=.5
m wdg=2 bus=bar kv=20 kva=10000 %r=.5
redirect parts/lines.dss
New Transformer.Pole phases=1 buses=(far.2 low.2) kvs=[11.547, 0.23] kvas="50 50" %loadloss=1.5 %noloadloss=.25
new load.house bus1=low.2 phases=1 kv=.23 kw=3 yearly=Home // other comment
new load.mill bus1=far kv=20 kw=300
new load.shut bus1=far kv=20 kw=1 enabled=no
New generator.pv bus1=low.2 phases=1 kv=.23 kw=2
New capacitor.shunt bus1=far kvar=100 kv=20
new energymeter.m element=line.a terminal=1
~ option=R
Line.open.enabled=no
set voltagebases=[110 20 .4] mode=yearly
calcv
solve
buscoords parts/places.csv
export voltages out.csv
"""
LINES = """\
New LineCode.cable nphases=3 units=km rmatrix=(0.5 | 0.1 0.5 | 0.1 0.1 0.5) xmatrix=(1 | 0.4 1 | 0.4 0.4 1)
New Line.A bus1=bar.1.2.3 bus2=mid.1.2.3 length=2 units=km linecode=cable
n line.b bus1=mid bus2=far switch=y
New Line.Open bus1=bar bus2=far r1=0.3 r0=0.6 length=1 units=mi
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    delivered = tmp_path / "delivered"
    (delivered / "parts").mkdir(parents=True)
    (delivered / "master.dss").write_text(MASTER, encoding="latin-1")
    (delivered / "parts/lines.dss").write_text(LINES, encoding="latin-1")
    (delivered / "parts/places.csv").write_text("bar, 1.5, 2.5\nnobody, 7, 7\n", encoding="latin-1")
    return delivered


def rows(table: Any, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in table.to_pylist()}


def test_circuit_is_read_back_in_our_units(folder: Path) -> None:
    circuit = read_opendss(folder / "master.dss")
    branch = rows(circuit.network.branch, "branch_id")
    assert {name: (row["kind"], row["node_a"], row["node_b"], row["closed"]) for name, row in branch.items()} == {
        "line.a": ("line", "bar", "mid", True),
        "line.b": ("switch", "mid", "far", True),
        "line.open": ("line", "bar", "far", False),
        "transformer.main": ("transformer", "source", "bar", True),
        "transformer.pole": ("transformer", "far", "low", True),
    }
    assert branch["line.a"]["length_m"] == 2000.0
    assert branch["line.open"]["length_m"] == pytest.approx(1609.344)
    assert branch["line.a"]["resistance_ohm"] == pytest.approx(0.8)  # own less mutual, 0.5 - 0.1 ohm/km, over 2 km
    assert branch["line.open"]["resistance_ohm"] == pytest.approx(0.3)  # r1, ohm per mile
    assert branch["line.b"]["resistance_ohm"] is None
    pole = branch["transformer.pole"]
    assert (pole["rating_kva"], pole["hv_kv"], pole["lv_kv"], pole["phases"]) == (50.0, 11.547, 0.23, "BN")
    assert pole["no_load_loss_w"] == pytest.approx(125.0)
    assert pole["load_loss_w"] == pytest.approx(750.0)
    assert branch["transformer.main"]["load_loss_w"] == pytest.approx(100_000.0)  # 0.5 % in each of two windings

    connection = rows(circuit.network.connection, "connection_id")
    assert {name: row["kind"] for name, row in connection.items()} == {
        "vsource.source": "supply",
        "load.house": "load",
        "load.mill": "load",
        "generator.pv": "generator",
    }
    house = connection["load.house"]
    assert (house["phases"], house["rated_kw"], house["profile"]) == ("BN", 3.0, "home")

    node = rows(circuit.network.node, "node_id")
    assert {name: row["nominal_kv"] for name, row in node.items()} == pytest.approx(
        {"source": 110.0, "bar": 20.0, "mid": 20.0, "far": 20.0, "low": 0.4}
    )
    assert node["bar"] == {"node_id": "bar", "nominal_kv": 20.0, "substation_id": "west", "x": 1.5, "y": 2.5}
    assert circuit.nodes_without_coordinates == 4
    counted = ("line", "transformer", "load", "generator", "capacitor", "vsource")
    assert [circuit.element_count[name] for name in counted] == [3, 2, 3, 1, 1, 1]
    assert circuit.dropped == {"new energymeter": 1, "set mode": 1, "solve": 1, "export": 1}


def test_its_loads_are_traced(folder: Path) -> None:
    network = read_opendss(folder / "master.dss").network
    result = trace(network.node, network.branch, network.connection)
    place = rows(result.connectivity, "connection_id")
    assert {name: (row["transformer_id"], row["feeder_id"], row["substation_id"]) for name, row in place.items()} == {
        "load.house": ("transformer.pole", "bar/line.a", "west"),
        "generator.pv": ("transformer.pole", "bar/line.a", "west"),
        "load.mill": (None, "bar/line.a", "west"),
    }


def test_continuation_lines_of_a_dropped_element_go_with_it_and_shapes_keep_only_their_name(folder: Path) -> None:
    text = "\n".join(command.text() for command in read_script(folder / "master.dss", folder).command)
    assert "option" not in text
    assert "csvfile" not in text
    assert 'new "loadshape.home"' in text
    assert 'edit "line.open" enabled=no' in text
    assert "export" not in text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("redirect ../outside.dss", "'../outside.dss' lies outside the delivered folder 'delivered'"),
        ("redir /etc/hostname", "lies outside"),
        (r"red ..\outside.dss", "lies outside"),
        ("redirect link.dss", "lies outside"),
        ("redirect master.dss", "redirects to itself"),
        ("redirect nothing.dss", "is not a file of the delivered folder"),
        ("buscoords ../outside.dss", "lies outside"),
        ("compile parts/lines.dss", "'compile' would change the network"),
        ("open line.a 1", "'open' would change the network"),
        ("disab line.a", "'disab' would change the network"),
        ("batchedit line..* enabled=no", "'batchedit' would change the network"),
        ("var @x=3", "'var' would change the network"),
        ("set datapath=/tmp", "set datapath may write files"),
        ("set datap=/tmp", "set datap may write files"),
        ("set mode=snap casename=x", "set casename may write files"),
        ("set demand=true", "set demand may write files"),
        ("set element=line.a", "set element may write files or change what later lines mean"),
        ("set 5", "has no option's name"),
        ("set voltagebases=(file=/etc/hostname)", "would read a file"),
        ("new line.x bus1=a bus2=b rmatrix=(file=/etc/hostname)", "would read a file"),
        ("new generator.x bus1=a usermodel=evil.so", "property 'usermodel' may load compiled code"),
        ("new generator.x bus1=a userm=evil.so", "property 'userm' may load compiled code"),
        ("edit generator.pv\n~ dynadll=evil.so", "property 'dynadll' may load compiled code"),
        ("generator.pv.usermodel=evil.so", "property 'usermodel' may load compiled code"),
        ("new storage.x 3 bus", "is given by position"),
        ("new dynamicexp.x", "class 'dynamicexp' is not understood"),
        ("new line", "needs Class.name"),
        ("new name=line.a", "needs Class.name first"),
        ("casename=x", "is neither a command nor"),
        ("new line.x rmatrix=(1 | 2", "is not closed"),
        ("new line.x rmatrix=file=x", "cannot take '=x' apart"),
    ],
)
def test_a_line_that_is_not_let_through_is_refused_with_its_place(folder: Path, line: str, message: str) -> None:
    (folder.parent / "outside.dss").write_text("new line.x bus1=a bus2=b", encoding="latin-1")
    (folder / "link.dss").symlink_to(folder.parent / "outside.dss")
    (folder / "master.dss").write_text(f"new circuit.c\n{line}\n", encoding="latin-1")
    with pytest.raises(SourceError, match=r"^master\.dss line [23]: ") as raised:
        read_script(folder / "master.dss", folder)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "line",
    ["export voltages /tmp/x", "show taps", "save circuit", "plot circuit", "doscmd rm x", "cd /tmp", "so", "dump"],
)
def test_a_command_that_reports_or_writes_is_dropped_and_counted(folder: Path, line: str) -> None:
    (folder / "master.dss").write_text(f"new circuit.c\n{line}\n", encoding="latin-1")
    script = read_script(folder / "master.dss", folder)
    assert script.dropped == {line.split()[0]: 1}
    assert [command.text() for command in script.command] == ['new "circuit.c"']


def test_every_accepted_abbreviation_means_the_same_to_the_engine() -> None:
    verbs = [dss.Executive.Command(i).lower() for i in range(1, dss.Executive.NumCommands() + 1)]
    options = [dss.Executive.Option(i).lower() for i in range(1, dss.Executive.NumOptions() + 1)]
    for accepted, known in ((_LET_THROUGH, verbs), (_OPTIONS, options)):
        for word, shortest in accepted.items():
            for length in range(shortest, len(word) + 1):
                first = next(name for name in known if name.startswith(word[:length]))
                assert first == word or (first, word) == ("clear", "clearall"), word[:length]


def test_no_class_let_through_loads_code_by_a_name_that_is_not_refused() -> None:
    classes = {name.lower() for name in dss.Basic.Classes()} | {"circuit"}
    assert classes >= NETWORK_CLASSES
    loading: set[str] = set()
    dss.Text.Command("clear")
    dss.Text.Command("new circuit.c")
    for kind in ("generator", "pvsystem", "storage", "load", "line", "vsource", "reactor", "capacitor", "transformer"):
        dss.Text.Command(f"new {kind}.probe")
        dss.Circuit.SetActiveElement(f"{kind}.probe")
        for name in dss.CktElement.AllPropertyNames():
            if any(word in name.lower() for word in ("user", "dll", "file", "shaft", "dyna")):
                loading.add(name.lower())
    dss.Text.Command("clear")
    assert loading - {"dynamiceq", "dynout"} == set(LIBRARY_PROPERTIES)


def test_an_error_of_the_engine_names_the_line_of_the_script(folder: Path) -> None:
    with (folder / "parts/lines.dss").open("a", encoding="latin-1") as script:
        script.write("new line.c bus1=far bus2=end linecode=nobody\n")
    with pytest.raises(SourceError, match=r"parts/lines\.dss line 5: OpenDSS refused 'new \"line\.c\""):
        read_opendss(folder / "master.dss")


def test_a_script_without_a_circuit_is_an_error(folder: Path) -> None:
    (folder / "master.dss").write_text("clear\n", encoding="latin-1")
    with pytest.raises(SourceError, match="no circuit is defined"):
        read_opendss(folder / "master.dss")


def test_a_time_limit_stops_the_engine(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sleeping = tmp_path / "sleeping.py"
    sleeping.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(opendss_child, "__file__", str(sleeping))
    with pytest.raises(SourceError, match=r"OpenDSS was stopped after 0\.2 s"):
        read_opendss(folder / "master.dss", timeout_s=0.2)


def test_a_crash_of_the_engine_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    crashing = tmp_path / "crashing.py"
    crashing.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr(opendss.opendss_child, "__file__", str(crashing))
    with pytest.raises(SourceError, match="OpenDSS ended with status -11"):
        read_opendss(folder / "master.dss")


def test_reading_writes_nothing_into_the_delivered_folder(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    read_opendss(folder / "master.dss")
    assert sorted(folder.rglob("*")) == before
