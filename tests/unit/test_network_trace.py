"""Tracing on small networks drawn by hand."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from jobs.network.model import BRANCH, CONNECTION, NODE
from jobs.network.trace import TraceResult, supply_parts, trace

Rows = list[dict[str, Any]]


def node(names: str, kv: float | None, substation: str | None = None) -> Rows:
    return [{"node_id": name, "nominal_kv": kv, "substation_id": substation} for name in names.split()]


def branch(name: str, a: str, b: str, kind: str = "line", *, closed: bool = True, **values: Any) -> Rows:
    return [{"branch_id": name, "kind": kind, "node_a": a, "node_b": b, "closed": closed, **values}]


def transformer(name: str, a: str, b: str, hv_kv: float | None = 20, lv_kv: float | None = 0.4) -> Rows:
    return branch(name, a, b, "transformer", hv_kv=hv_kv, lv_kv=lv_kv)


def connection(name: str, at: str, kind: str = "load") -> Rows:
    return [{"connection_id": name, "kind": kind, "node_id": at}]


# HV h -> T -> busbar b1, b2 (one substation S); feeder 1: b1-m1-m2, feeder 2: b2-n1-n2; tie m2-n2 open;
# service transformers A at m1, B at m2, C at n1.
NODES = node("h", 110, "S") + node("b1 b2", 20, "S") + node("m1 m2 n1 n2", 20) + node("a0 a1 l2 c0", 0.4)
BRANCHES = (
    transformer("T", "h", "b1", 110, 20)
    + branch("coupler", "b1", "b2", "switch")
    + branch("F1", "b1", "m1")
    + branch("F2", "b2", "n1")
    + branch("m", "m1", "m2")
    + branch("n", "n1", "n2")
    + transformer("A", "m1", "a0")
    + transformer("B", "m2", "l2")
    + transformer("C", "n1", "c0")
    + branch("al", "a0", "a1")
)
CONNECTIONS = (
    connection("grid", "h", "supply")
    + connection("at_a", "a1")
    + connection("pv_b", "l2", "generator")
    + connection("at_c", "c0")
    + connection("mill", "m2")
    + connection("works", "b2")
)


def traced(nodes: Rows = NODES, branches: Rows = BRANCHES, connections: Rows = CONNECTIONS) -> TraceResult:
    tables = zip((nodes, branches, connections), (NODE, BRANCH, CONNECTION), strict=True)
    return trace(*(pa.Table.from_pylist(rows, schema=schema) for rows, schema in tables))


def places(result: TraceResult) -> dict[str, tuple[str, str | None, str | None, str]]:
    return {
        row["connection_id"]: (row["supply_level"], row["transformer_id"], row["feeder_id"], row["substation_id"])
        for row in result.connectivity.to_pylist()
    }


def rejected(result: TraceResult) -> set[tuple[str, str]]:
    return {(row["id"], row["rule"]) for row in result.rejected.to_pylist()}


def test_every_connection_hangs_on_its_transformer_feeder_and_substation() -> None:
    result = traced()
    assert places(result) == {
        "at_a": ("lv", "A", "b1/F1", "S"),
        "pv_b": ("lv", "B", "b1/F1", "S"),
        "at_c": ("lv", "C", "b2/F2", "S"),
        "mill": ("mv", None, "b1/F1", "S"),
        "works": ("mv", None, None, "S"),
    }
    assert result.rejected.num_rows == 0
    assert [(row["feeder_id"], row["head_node_id"], row["nominal_kv"]) for row in result.feeder.to_pylist()] == [
        ("b1/F1", "b1", 20.0),
        ("b2/F2", "b2", 20.0),
    ]
    assert {row["node_id"]: row["feeder_id"] for row in result.place.to_pylist()}["n2"] == "b2/F2"


def test_order_of_rows_changes_nothing() -> None:
    backward = traced(NODES[::-1], BRANCHES[::-1], CONNECTIONS[::-1])
    for name in ("connectivity", "place", "bank", "feeder", "rejected"):
        assert getattr(backward, name).equals(getattr(traced(), name)), name


def test_an_open_tie_is_no_loop_and_a_closed_one_rejects_all_that_hangs_on_both_feeders() -> None:
    assert rejected(traced(branches=BRANCHES + branch("tie", "m2", "n2", "switch", closed=False))) == set()
    result = traced(branches=BRANCHES + branch("tie", "m2", "n2", "switch"))
    assert rejected(result) == {
        ("b1/F1", "loop"),
        ("b2/F2", "loop"),
        *((name, "two_feeders") for name in ("A", "B", "C", "at_a", "pv_b", "at_c", "mill")),
    }
    assert set(places(result)) == {"works"}
    assert result.feeder.num_rows == result.bank.num_rows == 0


def test_a_ring_inside_one_feeder_leaves_no_doubt() -> None:
    ring = node("r", 20)
    result = traced(NODES + ring, BRANCHES + branch("r1", "m1", "r") + branch("r2", "r", "m2"))
    assert rejected(result) == set()
    assert places(result)["mill"] == ("mv", None, "b1/F1", "S")


def test_low_voltage_joined_across_two_transformers_is_rejected() -> None:
    result = traced(branches=BRANCHES + branch("lv_tie", "a1", "l2"))
    assert rejected(result) == {("at_a", "two_transformers"), ("pv_b", "two_transformers")}
    assert set(result.bank["transformer_id"].to_pylist()) == {"A", "B", "C"}


def test_what_no_closed_branch_feeds_is_rejected_with_the_transformer_named() -> None:
    opened = [row | {"closed": row["branch_id"] != "m"} for row in BRANCHES]
    result = traced(branches=opened)
    assert rejected(result) == {("B", "no_supply"), ("pv_b", "no_supply"), ("mill", "no_supply")}
    reasons = {row["id"]: row["reason"] for row in result.rejected.to_pylist()}
    assert reasons["pv_b"].startswith("its transformer 'B': in a part of 1 nodes, 'm2'")


def test_without_supply_at_high_voltage_nothing_hangs_anywhere() -> None:
    result = traced(connections=CONNECTIONS[1:])
    assert {rule for _, rule in rejected(result)} == {"no_supply"}
    assert result.connectivity.num_rows == 0


def test_units_with_common_terminals_also_behind_closed_switches_are_one_bank() -> None:
    extra = node("m1x", 20) + node("a0x", 0.4)
    second = transformer("A2", "m1", "a0")
    behind = branch("s1", "m1", "m1x", "switch") + transformer("A3", "m1x", "a0x") + branch("s2", "a0x", "a0", "switch")
    result = traced(NODES + extra, BRANCHES + second + behind)
    units = {row["branch_id"]: row["transformer_id"] for row in result.bank.to_pylist()}
    assert units == {"A": "A", "A2": "A", "A3": "A", "B": "B", "C": "C"}
    assert rejected(result) == set()
    assert places(result)["at_a"][1] == "A"


def test_regulators_and_step_downs_belong_to_the_feeder() -> None:
    nodes = NODES + node("r1", 20) + node("d1", 6) + node("e1", 0.4)
    branches = (
        branch("R", "m2", "r1", "regulator", hv_kv=20, lv_kv=20)
        + transformer("D", "r1", "d1", 20, 6)
        + transformer("E", "d1", "e1", 6, 0.4)
    )
    result = traced(nodes, BRANCHES + branches, CONNECTIONS + connection("far", "e1") + connection("pump", "d1"))
    assert places(result)["far"] == ("lv", "E", "b1/F1", "S")
    assert places(result)["pump"] == ("mv", None, "b1/F1", "S")
    assert "D" not in result.bank["transformer_id"].to_pylist()


def test_supply_at_medium_voltage_makes_its_node_the_busbar_and_a_transformer_there_a_feeder() -> None:
    nodes = node("s p", 11) + node("q", 0.4)
    branches = transformer("U", "s", "q", 11, 0.4) + branch("F", "s", "p")
    supply = connection("grid", "s", "supply")
    result = traced(nodes, branches, supply + connection("home", "q") + connection("shop", "p"))
    assert places(result) == {"home": ("lv", "U", "s/U", "s"), "shop": ("mv", None, "s/F", "s")}


def test_parallel_heads_to_one_node_are_one_feeder() -> None:
    result = traced(branches=BRANCHES + branch("F0", "b1", "m1"))
    assert result.feeder["feeder_id"].to_pylist() == ["b1/F0", "b2/F2"]
    assert rejected(result) == set()


def test_two_substations_with_joined_busbars_or_zones_are_a_loop() -> None:
    nodes = NODES + node("g", 110, "S2") + node("k1", 20, "S2")
    base = BRANCHES + transformer("T2", "g", "k1", 110, 20)
    supplies = CONNECTIONS + connection("grid2", "g", "supply")
    assert ("k1/K", "loop") in rejected(traced(nodes, base + branch("K", "k1", "b2"), supplies))
    zone = rejected(traced(nodes, base + branch("K", "k1", "n2"), supplies))
    assert {("b2/F2", "loop"), ("k1/K", "loop"), ("at_c", "two_feeders"), ("C", "two_feeders")} == zone


def test_a_feeder_joined_to_its_own_low_voltage_network_is_a_loop() -> None:
    result = rejected(traced(branches=BRANCHES + branch("wrong", "m2", "a1")))
    assert {("at_a", "loop"), ("mill", "loop"), ("A", "loop"), ("B", "loop"), ("b1/F1", "loop")} <= result


def test_what_the_model_does_not_say_is_rejected_by_its_own_rule() -> None:
    branches = BRANCHES + branch("lost", "m2", "nowhere") + transformer("X", "m2", "u", None, None)
    nodes = NODES + node("u", None)
    connections = CONNECTIONS + connection("gone", "void") + connection("dark", "u") + connection("smelter", "h")
    assert rejected(traced(nodes, branches, connections)) == {
        ("lost", "unknown_node"),
        ("gone", "unknown_node"),
        ("X", "unknown_voltage"),
        ("dark", "no_supply"),
        ("smelter", "above_medium_voltage"),
    }


def test_winding_voltages_missing_are_taken_from_the_nodes() -> None:
    silent = [row | {"hv_kv": None, "lv_kv": None} for row in BRANCHES]
    assert places(traced(branches=silent)) == places(traced())


def test_parts_traced_apart_give_what_the_whole_gives() -> None:
    def renamed(rows: Rows) -> Rows:
        keys = ("node_id", "branch_id", "connection_id", "node_a", "node_b", "substation_id")
        return [row | {key: f"z{row[key]}" for key in keys if row.get(key)} for row in rows]

    twice = [rows + renamed(rows) for rows in (NODES, BRANCHES, CONNECTIONS)]
    tables = [
        pa.Table.from_pylist(rows, schema=schema)
        for rows, schema in zip(twice, (NODE, BRANCH, CONNECTION), strict=True)
    ]
    part = {row["node_id"]: row["part_id"] for row in supply_parts(tables[0], tables[1]).to_pylist()}
    assert len(set(part.values())) == 2
    whole = places(trace(*tables))
    apart: dict[str, Any] = {}
    for name in set(part.values()):
        inside = ([row for row in rows if part[row.get("node_id") or row["node_a"]] == name] for rows in twice)
        apart |= places(traced(*inside))
    assert apart == whole
    assert len(whole) == 10
