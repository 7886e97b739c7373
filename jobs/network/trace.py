"""Who hangs on what: from supply through closed branches to feeder, service transformer and connection.

Medium voltage is traced by *zones*: parts of the network that closed branches other than service and HV/MV
transformers join, once the busbars are taken out. A zone that one head branch feeds is a feeder, a zone that one
bank of service transformers feeds is that bank's low-voltage network; anything else is rejected with a reason.
A ring inside one feeder leaves no doubt who hangs on it and is accepted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import networkx as nx
import pyarrow as pa

from jobs.network.model import LOW_VOLTAGE_MAX_KV, MEDIUM_VOLTAGE_MAX_KV
from jobs.rule import Rule, RuleSet

RULES = RuleSet(
    "What cannot be placed in a network model",
    Rule("N01", "unknown_node", "a branch or connection names a node that the model does not have"),
    Rule("N02", "unknown_voltage", "neither a transformer nor its nodes say what it transforms"),
    Rule("N03", "loop", "closed branches join the zones of two feeders, or a feeder and a low-voltage network"),
    Rule("N04", "two_feeders", "a transformer or connection is fed from two feeders"),
    Rule("N05", "two_transformers", "a connection hangs on two service transformers"),
    Rule("N06", "no_supply", "no closed branch leads from a supply to a transformer or connection"),
    Rule("N07", "above_medium_voltage", "a connection at high voltage belongs to no feeder or distribution substation"),
)

CONNECTIVITY = pa.schema(
    [
        pa.field("connection_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("supply_level", pa.string(), nullable=False),
        pa.field("phases", pa.string()),
        pa.field("node_id", pa.string(), nullable=False),
        pa.field("transformer_id", pa.string()),
        pa.field("feeder_id", pa.string()),
        pa.field("substation_id", pa.string(), nullable=False),
    ]
)
PLACE = pa.schema(
    [(name, pa.string()) for name in ("node_id", "supply_level", "transformer_id", "feeder_id", "substation_id")]
)
BANK = pa.schema([(name, pa.string()) for name in ("transformer_id", "branch_id", "feeder_id", "substation_id")])
FEEDER = pa.schema(
    [(name, pa.string()) for name in ("feeder_id", "substation_id", "head_node_id", "head_branch_id")]
    + [("nominal_kv", pa.float64())]
)
REJECTED = pa.schema([(name, pa.string()) for name in ("id", "rule", "reason")])

Row = dict[str, Any]


@dataclass(frozen=True)
class TraceResult:
    """``connectivity``, one row a connection; ``place``, one a node; ``bank``, one a unit; ``feeder``; ``rejected``."""

    connectivity: pa.Table
    place: pa.Table
    bank: pa.Table
    feeder: pa.Table
    rejected: pa.Table


@dataclass
class _Zone:
    """A part of the network that closed branches join, and everything that feeds it."""

    nodes: set[str]
    heads: dict[str, Row] = field(default_factory=dict)  # feeder_id -> feeder
    banks: list[str] = field(default_factory=list)
    high_voltage: bool = False


def supply_parts(node: pa.Table, branch: pa.Table) -> pa.Table:
    """The part of the model that each node lies in: parts share no closed branch and can be traced apart.

    Returns
    -------
    pa.Table
        ``node_id`` and ``part_id``, the part's first node in alphabetical order.
    """
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(row["node_id"] for row in node.select(["node_id"]).to_pylist())
    ends = (branch[name].to_pylist() for name in ("node_a", "node_b", "closed"))
    graph.add_edges_from((a, b) for a, b, closed in zip(*ends, strict=True) if closed)
    part_of = _first_of_part(graph)
    return pa.table({"node_id": list(part_of), "part_id": list(part_of.values())})


def trace(node: pa.Table, branch: pa.Table, connection: pa.Table) -> TraceResult:
    """Feeder, service transformer and substation of each connection, or the rule by which it is rejected.

    A feeder is one branch that leaves the busbar of a substation, named ``<busbar node>/<head branch>``; branches in
    parallel between the same nodes are one head. The busbar is where a live HV/MV transformer, or a supply at medium
    voltage, arrives, with all nodes of the same ``substation_id`` that closed branches join to it. A node without
    ``substation_id`` is a substation of its own. A service transformer's lowest winding is at most 1 kV and its
    highest above; units whose terminals are the same, or joined by closed switches, are one bank, named by its first
    unit. A connection on the busbar has a substation and no feeder.

    Parameters
    ----------
    node, branch, connection
        As ``jobs.network.model`` declares them: one whole part of ``supply_parts`` or several.

    Returns
    -------
    TraceResult
        Each connection other than a supply is in ``connectivity`` or in ``rejected``, each unit of a service
        transformer in ``bank``, or its bank in ``rejected``. ``place`` says the same of every node that has a place.
    """
    return _Tracer(node, branch, connection).result()


class _Tracer:
    def __init__(self, node: pa.Table, branch: pa.Table, connection: pa.Table) -> None:
        self.rejected: list[tuple[str, str, str]] = []
        self.nodes: dict[str, Row] = {row["node_id"]: row for row in node.to_pylist()}
        self.connections: list[Row] = [
            row for row in connection.to_pylist() if self._known(row["connection_id"], row["node_id"])
        ]
        self.conducting: nx.Graph[str] = nx.Graph()
        self.conducting.add_nodes_from(self.nodes)
        self.substation_units: list[Row] = []
        self.service_units: list[Row] = []
        switches: nx.Graph[str] = nx.Graph()
        for row in branch.to_pylist():
            if row["closed"] and self._known(row["branch_id"], row["node_a"], row["node_b"]):
                self._sort(row)
                if row["kind"] == "switch":
                    switches.add_edge(row["node_a"], row["node_b"])
        self.terminal = _first_of_part(switches)
        self.busbar = self._busbars()
        self.zones: list[_Zone] = []
        self.zone: dict[str, _Zone] = {}
        self._form_zones()
        self.feeder_of_bank: dict[str, Row] = {}
        self.reason_of_bank: dict[str, tuple[str, str]] = {}
        self.units = self._banks()

    def _known(self, key: str, *nodes: str) -> bool:
        missing = [name for name in nodes if name not in self.nodes]
        if missing:
            self.rejected.append((key, "unknown_node", f"names {_some(missing)}, which the model does not have"))
        return not missing

    def _sort(self, row: Row) -> None:
        """Put a closed branch where it belongs: a service or HV/MV transformer, or one that conducts."""
        if row["kind"] == "transformer":
            hv_kv, lv_kv = (
                row[winding] if row[winding] is not None else self.nodes[row[end]]["nominal_kv"]
                for winding, end in (("hv_kv", "node_a"), ("lv_kv", "node_b"))
            )
            if hv_kv is None or lv_kv is None:
                reason = f"between {row['node_a']!r} and {row['node_b']!r}, whose voltages the model does not say"
                self.rejected.append((row["branch_id"], "unknown_voltage", reason))
                return
            if lv_kv <= LOW_VOLTAGE_MAX_KV < hv_kv:
                self.service_units.append(row)
                return
            if lv_kv <= MEDIUM_VOLTAGE_MAX_KV < hv_kv:
                self.substation_units.append(row)
                return
        edge = self.conducting.get_edge_data(row["node_a"], row["node_b"])
        if edge is None:
            self.conducting.add_edge(row["node_a"], row["node_b"], branch_id=row["branch_id"])
        else:  # in parallel: the first by name stands for all
            edge["branch_id"] = min(edge["branch_id"], row["branch_id"])

    def _busbars(self) -> dict[str, str]:
        """Each busbar node with its substation."""
        hv_nodes = {unit["node_a"] for unit in self.substation_units}
        live: set[str] = set()
        seeds: set[str] = set()
        for row in self.connections:
            if row["kind"] == "supply" and row["node_id"] not in live:
                part = nx.node_connected_component(self.conducting, row["node_id"])
                kv = self.nodes[row["node_id"]]["nominal_kv"]
                if not hv_nodes.isdisjoint(part) or (kv is not None and kv > MEDIUM_VOLTAGE_MAX_KV):
                    live |= part
                else:
                    seeds.add(row["node_id"])
        self.live_high_voltage = live
        seeds |= {unit["node_b"] for unit in self.substation_units if unit["node_a"] in live}
        busbar: dict[str, str] = {}
        for seed in sorted(seeds):
            station = self.nodes[seed]["substation_id"]
            busbar.setdefault(seed, station or seed)
            front = [seed] if station else []
            while front:
                for name in self.conducting[front.pop()]:
                    if name not in busbar and self.nodes[name]["substation_id"] == station:
                        busbar[name] = station
                        front.append(name)
        return busbar

    def _form_zones(self) -> None:
        for part in nx.connected_components(self.conducting.subgraph(self.nodes.keys() - self.busbar.keys())):
            zone = _Zone(part, high_voltage=not self.live_high_voltage.isdisjoint(part))
            self.zones.append(zone)
            self.zone.update(dict.fromkeys(part, zone))
        heads: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for bar, station in self.busbar.items():
            for name in self.conducting[bar]:
                head = (bar, self.conducting[bar][name]["branch_id"])
                if name not in self.busbar:
                    heads[station, name].append(head)
                elif self.busbar[name] != station:
                    reason = f"joins the busbars of {station!r} and {self.busbar[name]!r}"
                    self.rejected.append((f"{bar}/{head[1]}", "loop", reason))
        for (station, name), candidates in heads.items():
            feeder = self._feeder(station, *min(candidates))
            self.zone[name].heads[feeder["feeder_id"]] = feeder

    def _feeder(self, station: str, bar: str, head: str) -> Row:
        return {
            "feeder_id": f"{bar}/{head}",
            "substation_id": station,
            "head_node_id": bar,
            "head_branch_id": head,
            "nominal_kv": self.nodes[bar]["nominal_kv"],
        }

    def _banks(self) -> dict[str, list[Row]]:
        """Units by bank; on the way, which bank feeds which zone and which feeder feeds it."""
        by_terminals: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for unit in sorted(self.service_units, key=lambda row: str(row["branch_id"])):
            a, b = (self.terminal.get(unit[end], str(unit[end])) for end in ("node_a", "node_b"))
            by_terminals[a, b].append(unit)
        units = {members[0]["branch_id"]: members for members in by_terminals.values()}
        for bank, members in units.items():
            secondary = self.zone.get(members[0]["node_b"])
            if secondary is not None:
                secondary.banks.append(bank)
        for bank, members in units.items():
            primary = members[0]["node_a"]
            if primary in self.busbar:
                self.feeder_of_bank[bank] = self._feeder(self.busbar[primary], primary, bank)
                continue
            zone = self.zone[primary]
            if len(zone.heads) == 1 and not zone.banks:
                (self.feeder_of_bank[bank],) = zone.heads.values()
            elif len(zone.heads) > 1:
                self.reason_of_bank[bank] = ("two_feeders", f"fed from feeders {_some(zone.heads)}")
            elif zone.heads:
                self.reason_of_bank[bank] = ("loop", _fed_twice(zone))
            else:
                self.reason_of_bank[bank] = ("no_supply", _island(zone))
        return units

    def _place(self, zone: _Zone) -> Row | tuple[str, str]:
        """Where what lies in a zone hangs, or the rule and the reason why nobody can say."""
        if zone.high_voltage:
            return ("above_medium_voltage", f"its node lies above {MEDIUM_VOLTAGE_MAX_KV:g} kV")
        if zone.heads and zone.banks:
            return ("loop", _fed_twice(zone))
        if len(zone.heads) > 1:
            return ("two_feeders", f"fed from feeders {_some(zone.heads)}")
        if len(zone.banks) > 1:
            return ("two_transformers", f"fed from transformers {_some(zone.banks)}")
        if zone.heads:
            (feeder,) = zone.heads.values()
            return {"supply_level": "mv", "transformer_id": None, **feeder}
        if zone.banks:
            (bank,) = zone.banks
            if bank in self.reason_of_bank:
                rule, reason = self.reason_of_bank[bank]
                return (rule, f"its transformer {bank!r}: {reason}")
            return {"supply_level": "lv", "transformer_id": bank, **self.feeder_of_bank[bank]}
        return ("no_supply", _island(zone))

    def _places(self) -> dict[str, Row | tuple[str, str]]:
        """The place of every node; one on a busbar has a substation and no feeder."""
        places: dict[str, Row | tuple[str, str]] = {
            name: {"supply_level": "mv", "transformer_id": None, "feeder_id": None, "substation_id": station}
            for name, station in self.busbar.items()
        }
        for zone in self.zones:
            places |= dict.fromkeys(zone.nodes, self._place(zone))
        return places

    def result(self) -> TraceResult:
        places = self._places()
        connectivity: list[Row] = []
        for row in self.connections:
            place = places[row["node_id"]]
            if row["kind"] == "supply":
                continue
            if isinstance(place, tuple):
                self.rejected.append((row["connection_id"], *place))
            else:
                connectivity.append(row | place)
        feeders: dict[str, Row] = {}
        for zone in self.zones:
            if len(zone.heads) == 1 and not zone.banks:
                feeders |= zone.heads
            for head in zone.heads if len(zone.heads) > 1 or zone.banks else ():
                others = sorted((zone.heads.keys() - {head}) | set(zone.banks))
                reason = f"its zone of {len(zone.nodes):,} nodes is also fed from {_some(others)}"
                self.rejected.append((head, "loop", reason))
        banks: list[Row] = []
        for bank, members in self.units.items():
            if bank in self.reason_of_bank:
                self.rejected.append((bank, *self.reason_of_bank[bank]))
                continue
            feeder = self.feeder_of_bank[bank]
            feeders[feeder["feeder_id"]] = feeder
            banks += [feeder | {"transformer_id": bank, "branch_id": unit["branch_id"]} for unit in members]
        return TraceResult(
            connectivity=_table(connectivity, CONNECTIVITY, "connection_id"),
            place=_table(
                (place | {"node_id": name} for name, place in places.items() if isinstance(place, dict)),
                PLACE,
                "node_id",
            ),
            bank=_table(banks, BANK, "branch_id"),
            feeder=_table(feeders.values(), FEEDER, "feeder_id"),
            rejected=_table((dict(zip(REJECTED.names, row, strict=True)) for row in self.rejected), REJECTED, "id"),
        )


def _first_of_part(graph: nx.Graph[str]) -> dict[str, str]:
    """Each node with the first, by name, of the nodes it is joined to."""
    part_of: dict[str, str] = {}
    for part in nx.connected_components(graph):
        part_of.update(dict.fromkeys(part, min(part)))
    return part_of


def _some(names: Iterable[str], limit: int = 5) -> str:
    listed = sorted(names)
    more = f" and {len(listed) - limit:,} more" if len(listed) > limit else ""
    return ", ".join(map(repr, listed[:limit])) + more


def _fed_twice(zone: _Zone) -> str:
    return f"fed from {_some(zone.heads)} and transformers {_some(zone.banks)}"


def _island(zone: _Zone) -> str:
    return f"in a part of {len(zone.nodes):,} nodes, {_some(zone.nodes, 2)}, that no closed branch joins to a supply"


def _table(rows: Iterable[Row], schema: pa.Schema, key: str) -> pa.Table:
    ordered = sorted(rows, key=lambda row: str(row[key]))
    return pa.Table.from_pylist(ordered, schema=schema)
