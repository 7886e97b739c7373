"""What flows through every line of a radial network, and what it loses there: the truth that estimates are held to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

Float = NDArray[np.float64]


class Fed(NamedTuple):
    """An area: the node that feeds it, and the nodes it holds."""

    source: str
    nodes: set[str]


@dataclass(frozen=True)
class LineFlows:
    """The lines of radial areas, and what hangs behind them.

    ``behind`` (lines x things) is 1 where a thing is fed through a line, ``inside`` (areas x things) where it hangs in
    an area; ``of_area`` (areas x lines) the resistance of each line of an area over the square of its voltage.
    """

    area: list[str]
    behind: sparse.csr_array
    inside: sparse.csr_array
    of_area: sparse.csr_array

    def losses_w(self, active_w: Float, reactive_var: Float) -> Float:
        """I2R of three balanced phases in each area, areas x intervals: R (P2 + Q2) / U2 of every line.

        ``active_w`` and ``reactive_var`` are what each thing takes, things x intervals; voltages are nominal, and what
        lines further down lose is not in what flows.
        """
        square = (self.behind @ active_w) ** 2 + (self.behind @ reactive_var) ** 2
        return np.asarray(self.of_area @ square)


def line_flows(
    branch: pd.DataFrame, nominal_kv: Mapping[str, float], areas: Mapping[str, Fed], at: Sequence[str | None]
) -> LineFlows:
    """The lines of areas that closed lines and switches of ``branch`` join to their source, one way each.

    Parameters
    ----------
    at
        The node at which each thing hangs; None, or a node of no area, is nowhere.
    """
    joins: nx.Graph[str] = nx.Graph()
    rows = branch[branch["closed"] & branch["kind"].isin(["line", "switch"])]
    for a, b, ohm in zip(rows["node_a"], rows["node_b"], rows["resistance_ohm"].fillna(0.0), strict=True):
        joins.add_edge(a, b, ohm=ohm)
    things: dict[str | None, list[int]] = defaultdict(list)
    for number, name in enumerate(at):
        things[name].append(number)
    behind: list[tuple[int, int]] = []  # line, thing
    inside: list[tuple[int, int]] = []  # area, thing
    lines: list[tuple[int, float]] = []  # area, resistance over U2
    for number, fed in enumerate(areas.values()):
        above: dict[str, list[int]] = {fed.source: []}  # the lines through which each node is fed
        within = joins.subgraph(fed.nodes | {fed.source})
        for parent, child in nx.bfs_edges(within, fed.source):
            ohm = within.edges[parent, child]["ohm"]
            above[child] = list(above[parent])
            if ohm > 0:
                above[child].append(len(lines))
                lines.append((number, ohm / (nominal_kv[child] * 1000) ** 2))
        for name, through in above.items():
            inside += [(number, thing) for thing in things[name]]
            behind += [(line, thing) for thing in things[name] for line in through]
    of_area = sparse.coo_array(
        ([one[1] for one in lines], ([one[0] for one in lines], range(len(lines)))), (len(areas), len(lines))
    )
    return LineFlows(
        list(areas), _ones(behind, (len(lines), len(at))), _ones(inside, (len(areas), len(at))), of_area.tocsr()
    )


def _ones(places: list[tuple[int, int]], shape: tuple[int, int]) -> sparse.csr_array:
    row, column = zip(*places, strict=True) if places else ((), ())
    return sparse.coo_array((np.ones(len(places)), (row, column)), shape).tocsr()
