"""The process that runs OpenDSS: reads ``script.dss`` in the folder it is given, writes ``result.json`` there.

Started by path in isolated mode, so it imports nothing of gridlake.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
from pathlib import Path
from typing import Any

dss: Any = importlib.import_module("opendssdirect")  # carries no types

PHASE = {"0": "N", "1": "A", "2": "B", "3": "C", "4": "N"}
METRES = {"mi": 1609.344, "kft": 304.8, "km": 1000.0, "m": 1.0, "ft": 0.3048, "in": 0.0254, "cm": 0.01, "mm": 0.001}
SUPPLIES = {
    "vsource": "supply",
    "load": "load",
    "generator": "generator",
    "pvsystem": "generator",
    "storage": "storage",
}
BRANCHES = ("line", "transformer", "autotrans", "reactor", "capacitor")
RATED = {"load": "kw", "generator": "kw", "pvsystem": "pmpp", "storage": "kwrated"}

YES = ("yes", "true")

Row = dict[str, Any]


def main(folder: Path) -> None:
    dss.Basic.AllowForms(False)
    dss.Basic.AllowEditor(False)
    dss.Basic.AllowChangeDir(False)
    dss.Basic.AllowDOScmd(False)
    (folder / "result.json").write_text(json.dumps(answer(folder / "script.dss")), encoding="utf-8")


def answer(script: Path) -> Row:
    """The circuit, or the engine's error and the line that caused it."""
    for number, command in enumerate(script.read_text(encoding="utf-8").split("\n")):
        try:
            dss.Text.Command(command)
        except dss.DSSException as error:
            return {"error": str(error), "line": number}
    try:
        return circuit()
    except dss.DSSException as error:
        return {"error": str(error)}


def circuit() -> Row:
    """Rows of node, branch and connection, and how many elements of each class there are."""
    if dss.Basic.NumCircuits() == 0:
        return {"error": "no circuit is defined"}
    names = {kind: element_names(kind) for kind in (*SUPPLIES, *BRANCHES, "regcontrol")}
    controlled = {value(f"regcontrol.{name}", "transformer").lower() for name in names["regcontrol"]}
    branch = [line(f"line.{name}") for name in names["line"]]
    for kind in ("transformer", "autotrans"):
        for name in names[kind]:
            branch += transformer(f"{kind}.{name}", name in controlled)
    for kind in ("reactor", "capacitor"):
        branch += [row for name in names[kind] if (row := series(kind, name))]
    connection = [row for kind in SUPPLIES for name in names[kind] if (row := supplied(kind, name))]
    return {
        "element_count": {kind: len(found) for kind, found in names.items()},
        "node": nodes(branch, connection),
        "branch": branch,
        "connection": connection,
    }


def element_names(kind: str) -> list[str]:
    dss.Circuit.SetActiveClass(kind)
    return [name.lower() for name in dss.ActiveClass.AllNames() if name and name != "NONE"]


def value(element: str, prop: str) -> str:
    dss.Text.Command(f'? "{element}.{prop}"')
    return str(dss.Text.Result()).strip()


def values(element: str, prop: str) -> list[str]:
    return value(element, prop).strip("[]() ").replace(",", " ").split()


def number(element: str, prop: str) -> float:
    return float(value(element, prop))


def bus(text: str) -> str:
    return text.split(".")[0].lower()


def state(element: str) -> bool:
    """Whether the element is enabled and no conductor of it is open."""
    if value(element, "enabled").lower() not in YES:
        return False
    dss.Circuit.SetActiveElement(element)
    return not any(dss.CktElement.IsOpen(terminal, 0) for terminal in range(1, dss.CktElement.NumTerminals() + 1))


def phases(element: str, spec: str, closed: bool) -> str | None:
    """Phases and neutral at the first terminal; of a disabled element only those its text names."""
    if closed:
        dss.Circuit.SetActiveElement(element)
        found = [str(node) for node in dss.CktElement.NodeOrder()[: dss.CktElement.NumConductors()]]
    else:
        found = spec.split(".")[1:]
    return "".join(sorted({PHASE[node] for node in found if node in PHASE})) or None


def line(element: str) -> Row:
    spec = value(element, "bus1")
    closed = state(element)
    metres = METRES.get(value(element, "units").lower())
    switch = value(element, "switch").lower() in YES
    return {
        "branch_id": element,
        "kind": "switch" if switch else "line",
        "node_a": bus(spec),
        "node_b": bus(value(element, "bus2")),
        "closed": closed,
        "phases": phases(element, spec, closed),
        "length_m": None if metres is None or switch else number(element, "length") * metres,
        "resistance_ohm": None if switch else resistance(element),
        "type": value(element, "linecode") or value(element, "geometry") or None,
    }


def resistance(element: str) -> float:
    """Positive-sequence resistance of a line over its length, ohm: what its matrix says, however it was declared.

    R1 alone will not do: OpenDSS shows its default where a line was declared by its matrix or geometry.
    """
    dss.Lines.Name(element.partition(".")[2])
    count = dss.Lines.Phases()
    matrix = dss.Lines.RMatrix()  # ohm per unit of length, row by row
    own = sum(matrix[at * count + at] for at in range(count)) / count
    mutual = (sum(matrix) - own * count) / (count * (count - 1)) if count > 1 else 0.0
    return float((own - mutual) * dss.Lines.Length())


def transformer(element: str, controlled: bool) -> list[Row]:
    """One branch from the highest winding's bus to each other bus, units of several secondaries numbered."""
    buses, kvs, kvas = values(element, "buses"), values(element, "kvs"), values(element, "kvas")
    windings = sorted(zip(map(float, kvs), buses, map(float, kvas), strict=True), key=lambda w: -w[0])
    (hv_kv, hv_bus, _), *others = windings
    rating_kva = float(kvas[0])  # the losses are percent of the first winding's rating
    lowest = {bus(spec): kv for kv, spec, _ in others if bus(spec) != bus(hv_bus)} or {bus(hv_bus): others[-1][0]}
    closed = state(element)
    of_substation = value(element, "sub").lower() in YES
    same = math.isclose(hv_kv, min(lowest.values()), rel_tol=0.15)
    return [
        {
            "branch_id": element if place == 0 else f"{element}:{place + 1}",
            "kind": "regulator" if controlled and same else "transformer",
            "node_a": bus(hv_bus),
            "node_b": name,
            "closed": closed,
            "phases": phases(element, hv_bus, closed),
            "rating_kva": rating_kva,
            "hv_kv": hv_kv,
            "lv_kv": lv_kv,
            "no_load_loss_w": number(element, "%noloadloss") * rating_kva * 10,
            "load_loss_w": number(element, "%loadloss") * rating_kva * 10,
            "type": value(element, "xfmrcode") or None,
            "substation_id": (value(element, "subname").lower() or element) if of_substation else None,
        }
        for place, (name, lv_kv) in enumerate(lowest.items())
    ]


def series(kind: str, name: str) -> Row | None:
    """A reactor or capacitor between two buses; one to earth is no branch."""
    element = f"{kind}.{name}"
    spec, other = value(element, "bus1"), value(element, "bus2")
    if not other or bus(spec) == bus(other):
        return None
    closed = state(element)
    return {
        "branch_id": element,
        "kind": kind,
        "node_a": bus(spec),
        "node_b": bus(other),
        "closed": closed,
        "phases": phases(element, spec, closed),
    }


def supplied(kind: str, name: str) -> Row | None:
    """A connection; a disabled one is none."""
    element = f"{kind}.{name}"
    if not state(element):
        return None
    spec = value(element, "bus1")
    profile = "" if kind == "vsource" else value(element, "yearly") or value(element, "daily")
    return {
        "connection_id": element,
        "kind": SUPPLIES[kind],
        "node_id": bus(spec),
        "phases": phases(element, spec, True),
        "rated_kw": None if kind == "vsource" else number(element, RATED[kind]),
        "profile": profile.lower() or None,
    }


def nodes(branch: list[Row], connection: list[Row]) -> list[Row]:
    """Every bus that an element names. A bus without voltage has no base, one without coordinates no place."""
    named = {row[end] for row in branch for end in ("node_a", "node_b")} | {row["node_id"] for row in connection}
    known = {name.lower() for name in dss.Circuit.AllBusNames()}
    rows = []
    for name in sorted(named):
        row: Row = {"node_id": name}
        if name in known:
            dss.Circuit.SetActiveBus(name)
            live = max(dss.Bus.VMagAngle()[::2], default=0.0) > 0.0
            if live and dss.Bus.kVBase() > 0.0:
                row["nominal_kv"] = round(dss.Bus.kVBase() * math.sqrt(3.0), 6)
            if dss.Bus.Coorddefined():
                row |= {"x": dss.Bus.X(), "y": dss.Bus.Y()}
        rows.append(row)
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]))
