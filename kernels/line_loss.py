"""What the lines of an area lose by its load: one coefficient, from their resistances and where the load hangs."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def loss_coefficient(
    node_a: ArrayLike, node_b: ArrayLike, resistance_per_v2: ArrayLike, source: int, share: ArrayLike
) -> float:
    """Loss of the lines per square of the area's load, W/VA2: sum of R f2 / U2 over the lines.

    f is the share of the load that flows through a line, three balanced phases at nominal voltage. With S the apparent
    power of the area the lines lose c S2: exactly where every usage point takes the same share of it at all times,
    too little where they take turns, for then single lines bear more at times.

    Where lines form a ring, what flows parts by their resistances: f is the flow of least loss. It follows from
    potentials v with L v = share, L the Laplacian of the conductances U2 / R, and the loss is share . v.

    Parameters
    ----------
    node_a, node_b : (lines,) integers. Ends of each line, as places in `share`.
    resistance_per_v2 : (lines,) float64, ohm/V2. Of one phase, over the square of the nominal voltage between lines;
        0 joins its ends, as a switch does.
    source : place of the node that feeds the area.
    share : (nodes,) float64. Share of the load at each node; what is at the source flows through no line.

    Returns
    -------
    float. NaN where a resistance is NaN.

    Raises
    ------
    ValueError : a resistance is negative, or no line leads from the source to a node that has a share.

    Source
    ------
    Ohm and Kirchhoff: 3 I2 R with I = S / (sqrt(3) U); by Thomson's principle currents part so that the loss is least.

    Examples
    --------
    A line of 0.1 ohm at 400 V with the whole load at its end, then one of 0.2 ohm to a quarter of it:

    >>> per_v2 = np.array([0.1, 0.2]) / 400**2
    >>> round(loss_coefficient([0, 1], [1, 2], per_v2, 0, [0.0, 0.75, 0.25]) * 400**2, 6)
    0.1125
    """
    found = loss_matrix(node_a, node_b, resistance_per_v2, source, np.asarray(share, np.float64)[None])
    return float(found[0, 0])


def loss_matrix(
    node_a: ArrayLike, node_b: ArrayLike, resistance_per_v2: ArrayLike, source: int, shares: ArrayLike
) -> Floats:
    """Loss of the lines per product of two of the area's loads, W/VA2: sum of R f g / U2 over the lines.

    What an area takes and what it feeds in hang at different nodes: with D and G their sums, each spread as its own
    shares say, a line carries f D - g G, and all lines lose c_dd D2 - 2 c_dg D G + c_gg G2. Where D and G cancel at the
    source, that is not nothing, and a coefficient of their difference alone says it is.

    Parameters
    ----------
    node_a, node_b, resistance_per_v2, source : as of `loss_coefficient`.
    shares : (loads, nodes) float64. Share of each load at each node.

    Returns
    -------
    (loads, loads) float64, symmetric. NaN where a resistance is NaN.

    Raises
    ------
    ValueError : as `loss_coefficient`.

    Source
    ------
    As of `loss_coefficient`: the loss is shares . L^-1 . shares, bilinear in what flows.

    Examples
    --------
    A line of 0.1 ohm at 400 V with a load at its end, then one of 0.2 ohm to a generator. 40 kW of each leave the
    first line idle and the second with 57.735 A, 2 000 W:

    >>> c = loss_matrix([0, 1], [1, 2], np.array([0.1, 0.2]) / 400**2, 0, [[0, 1, 0], [0, 0, 1]])
    >>> round(40_000**2 * float(c[0, 0] - 2 * c[0, 1] + c[1, 1]), 6)
    2000.0
    """
    ends = np.stack([np.asarray(node_a, np.int64), np.asarray(node_b, np.int64)])
    per_v2, load = np.asarray(resistance_per_v2, np.float64), np.asarray(shares, np.float64)
    if np.isnan(per_v2).any():
        return np.full((len(load), len(load)), np.nan)
    if (per_v2 < 0).any():
        raise ValueError(f"resistance_per_v2: {int((per_v2 < 0).sum())} of {len(per_v2)} lines below 0")
    joined = _joined(ends[:, per_v2 == 0], load.shape[1])
    a, b = joined[ends[:, per_v2 > 0]]
    conductance = 1 / per_v2[per_v2 > 0]
    fed = _joined(ends, load.shape[1]) == _joined(ends, load.shape[1])[source]
    apart = (load[:, ~fed] != 0).any(axis=0)
    if apart.any():
        raise ValueError(f"share: {int(apart.sum())} nodes with load that no line joins to the source")
    injected = np.stack([np.bincount(joined, one, load.shape[1]) for one in load])
    unknown = np.unique(joined[fed])
    unknown = unknown[unknown != joined[source]]
    place = np.full(load.shape[1], -1, np.int64)
    place[unknown] = np.arange(len(unknown))
    laplacian = np.zeros((len(unknown), len(unknown)))
    for one, other in ((a, b), (b, a)):
        own = place[one] >= 0
        np.add.at(laplacian, (place[one][own], place[one][own]), conductance[own])
        both = own & (place[other] >= 0)
        np.subtract.at(laplacian, (place[one][both], place[other][both]), conductance[both])
    return np.asarray(injected[:, unknown] @ np.linalg.solve(laplacian, injected[:, unknown].T))


def _joined(ends: Integers, nodes: int) -> Integers:
    """For each node the lowest of those that the lines join it to."""
    lowest = np.arange(nodes)
    while True:
        before = lowest.copy()
        least = np.minimum(lowest[ends[0]], lowest[ends[1]])
        np.minimum.at(lowest, ends[0], least)
        np.minimum.at(lowest, ends[1], least)
        lowest = lowest[lowest]
        if np.array_equal(lowest, before):
            return lowest
